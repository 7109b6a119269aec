"""A course of two notebooks with networks that nobody trained, and its book."""

import json

import nbformat
from PIL import Image

# The sources run in the notebooks' kernels and, for the right answers, in the tests.
NETWORKS = """import keras
import numpy as np
from keras import layers, ops

from helpers import widgets

keras.utils.set_random_seed(1)


def network(inputs, *parts):
    model = keras.Sequential([layers.Input(inputs), *parts])
    for weight in model.weights:  # wilder than untrained ones, so that pictures differ
        if weight.name == "kernel":
            weight.assign(2.5 * weight)
    return model


dense = network((12,), layers.Dense(64, "gelu"), layers.Dense(784, "sigmoid"))
deep = network(
    (4,),
    layers.Dense(7 * 7 * 8, "relu"),
    layers.Reshape((7, 7, 8)),
    layers.BatchNormalization(),
    layers.Conv2DTranspose(8, 4, 2, "same", activation="relu"),
    layers.Conv2DTranspose(3, 4, 2, "same", activation="sigmoid"),
)
eye = network((794,), layers.Dense(32, "relu"), layers.Dense(4))
judge = network(
    (28, 28, 1), layers.Conv2D(4, 5, 2), layers.Flatten(), layers.Dense(10, "softmax")
)


def decode(z, y):
    x = dense(ops.concatenate([z, ops.one_hot(y, 10)], axis=1))
    return ops.reshape(x, (-1, 28, 28, 1))


def encode(x, y):
    x = ops.concatenate([ops.reshape(x, (-1, 784)), ops.one_hot(y, 10)], axis=1)
    return ops.split(0.1 * eye(x), 2, axis=1)


codes = np.random.default_rng(1).normal(size=(300, 2))
labels = np.arange(300) % 10"""
TEXT_MODEL = """import keras
import numpy as np
from keras import layers, ops

from helpers import widgets

keras.utils.set_random_seed(2)
TOKENS = "\\n ,.abcdefghijklmnopqrstuvwxyz"
embed, lstm = layers.Embedding(len(TOKENS), 16), layers.LSTM(48)
embed.build(None)
embed.embeddings.assign(30 * embed.embeddings)
lstm.build((1, 1, 16))
out = layers.Dense(len(TOKENS))
out.build((1, 48))
out.kernel.assign(4 * out.kernel)


def step(token, h, c):
    y, (h, c) = lstm.cell(embed(token), [h, c])
    return out(y), h, c


def next_logits(text):
    ids = np.array([[TOKENS.index(one) for one in text]])
    return out(lstm(embed(ids)))[0]


start = [np.zeros((1, 48), "float32")] * 2"""
NOTEBOOKS = {
    "01_pictures": [
        "# 1 · Pictures\n\nA lesson with a formula, $x\n+ y$, and\n\n$$z \\sim p(z).$$",
        NETWORKS,
        "## The explorers\n\nDrag the **xylophone**.",
        "widgets.LatentExplorer(decode, codes, labels, n_classes=10)",
        "Then this one.",
        "widgets.LatentExplorer(deep, latent_dim=4)",
        "And draw.",
        "widgets.DrawExplorer(\n    encode, decode, n_classes=10, limits=(-3, 3), "
        "encode_label=True, classify=judge\n)",
        "What cannot live says why.",
        "widgets.LatentExplorer(lambda z: np.zeros((len(z), 8, 8)), latent_dim=2)",
        "The end, with a table.",
        "import matplotlib.pyplot as plt\n\nplt.plot([1, 2]);",
        "A line goes up.",
    ],
    "02_words": [
        "# 2 · Words\n\nA lesson with text.",
        TEXT_MODEL,
        "## The microscope\n\nTurn the knobs.",
        "widgets.SamplingMicroscope(\n    next_logits, TOKENS, 'the white whale', "
        "step=step, state=start\n)",
        "And look along.",
        "levels = np.linspace(0, 1, 5)[:, None, None, None]\n"
        "series = levels * np.ones((1, 9, 12, 1))\n"
        "widgets.PictureSlider(series, [f'{i}' for i in range(5)], 'light', 2)",
    ],
}


def write(folder):
    """Write the course's notebooks, docs and pictures into a folder."""
    for name in ("notebooks", "docs/figures"):
        (folder / name).mkdir(parents=True)
    for name, sources in NOTEBOOKS.items():
        cells = [
            nbformat.v4.new_code_cell(source)
            if number % 2
            else nbformat.v4.new_markdown_cell(source)
            for number, source in enumerate(sources)
        ]
        notebook = nbformat.v4.new_notebook(cells=cells)
        nbformat.write(notebook, folder / "notebooks" / f"{name}.ipynb")
    Image.new("RGB", (40, 30)).save(folder / "docs" / "figures" / "course_map.png")
    (folder / "docs" / "teaching.md").write_text("# Teaching\n\nWith a page.\n")


def names_of(source):
    """Run a source here, and return the names it defines."""
    names = {}
    exec(compile(source, "<toy course>", "exec"), names)
    return names


def state_of(widget):
    """What a page's widget holds, of the traits that are plain numbers and text."""
    return json.loads(
        widget.evaluate(
            "(place) => JSON.stringify(Object.fromEntries(Object.entries(place.state)"
            ".filter(([, one]) => !ArrayBuffer.isView(one))))"
        )
    )
