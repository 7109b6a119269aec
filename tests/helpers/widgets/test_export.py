"""Networks that leave Python: run in node, they give what Keras gives."""

import base64
import json
import os
import shutil
import subprocess

import keras
import numpy as np
import pytest
from keras import layers, ops

from helpers.widgets import export, front_end

RUN = """
import { readFileSync } from "node:fs";
const { jobs } = JSON.parse(readFileSync(0, "utf8"));
const answers = jobs.map(({ program, weights, inputs }) => {
  const run = createNetwork({ program, weights: Buffer.from(weights, "base64") });
  return inputs.map((one) => run(...one).map((output) => Array.from(output)));
});
console.log(JSON.stringify(answers));
"""


@pytest.fixture(scope="session")
def node(tmp_path_factory):
    """A function that runs exported networks in node, each at several inputs."""
    if not shutil.which("node") and not os.environ.get("CI"):
        pytest.skip("needs node on the PATH; .ci/run installs it")
    script = tmp_path_factory.mktemp("node") / "run.mjs"
    script.write_text(front_end.bundle("network.js") + RUN, encoding="utf-8")

    def run(exported, inputs):
        job = {
            "program": exported["program"],
            "weights": base64.b64encode(exported["weights"]).decode(),
            "inputs": [[np.ravel(x).tolist() for x in one] for one in inputs],
        }
        done = subprocess.run(
            ["node", script],
            input=json.dumps({"jobs": [job]}),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        (answers,) = json.loads(done.stdout)
        return answers

    return run


def differ(node, function, inputs, tolerance=1e-5, count=4, **options):
    """Return how far node's outputs are from the function's own, and the export."""
    random = np.random.default_rng(0)
    samples = [
        [
            random.integers(0, 4, shape).astype(dtype)
            if np.issubdtype(np.dtype(dtype), np.integer)
            else random.normal(size=shape).astype(dtype)
            for shape, dtype in inputs
        ]
        for _ in range(count)
    ]
    exported = export.trace(function, inputs, samples, tolerance)
    worst = 0.0
    for sample, answer in zip(samples, node(exported, samples), strict=True):
        right = function(*sample)
        right = right if isinstance(right, (tuple, list)) else [right]
        for one, other in zip(answer, right, strict=True):
            other = np.ravel(np.asarray(other, np.float64))
            assert len(one) == len(other)
            worst = max(worst, np.abs(np.array(one, np.float64) - other).max())
    return worst, exported


def sequential(shape, *parts):
    model = keras.Sequential([layers.Input(shape), *parts])
    for weight in model.weights:  # no zeros and ones: biases and statistics too
        noise = np.random.default_rng(1).normal(size=weight.shape) * 0.2
        weight.assign(np.abs(noise) + 0.3 if "variance" in weight.name else noise)
    return lambda x: model(x, training=False)


CONV = {"padding": "same", "strides": 2}
NETWORKS = {
    "dense": ((7,), layers.Dense(33, "relu"), layers.Dense(12, "sigmoid")),
    "gelu": ((3,), layers.Dense(20, "gelu"), layers.Dense(5, "tanh")),
    "elu": ((3,), layers.Dense(20, "elu"), layers.Dense(5, "softmax")),
    "swish": ((3,), layers.Dense(20, "silu"), layers.Dense(5, "softplus")),
    "leaky": ((3,), layers.Dense(20), layers.LeakyReLU(0.2), layers.Dense(5, "selu")),
    "norm": ((6,), layers.Dense(9), layers.BatchNormalization(), layers.ReLU()),
    "layer norm": ((6,), layers.Dense(9), layers.LayerNormalization()),
    "conv": ((9, 7, 2), layers.Conv2D(5, 3, **CONV), layers.Conv2D(3, 4, **CONV)),
    "conv, valid": ((9, 8, 2), layers.Conv2D(5, 3), layers.Conv2D(2, (2, 3), (2, 1))),
    "pools": ((9, 8, 3), layers.MaxPooling2D(2), layers.AveragePooling2D(3, 2, "same")),
    "conv norm": ((6, 6, 1), layers.Conv2D(4, 3), layers.BatchNormalization()),
    "up": ((3, 4, 2), layers.UpSampling2D(2), layers.Conv2D(2, 3, padding="same")),
    "up, smooth": ((12,), layers.Reshape((2, 3, 2)), layers.ZeroPadding2D(1)),
    "mean": ((5, 4, 3), layers.GlobalAveragePooling2D(), layers.Dense(2)),
    "permute": ((5, 4), layers.Permute((2, 1)), layers.Flatten(), layers.Dense(3)),
    "transposed": (
        (5,),
        layers.Dense(2 * 3 * 6),
        layers.Reshape((2, 3, 6)),
        layers.Conv2DTranspose(5, 6, **CONV),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Conv2DTranspose(2, 3, strides=3, padding="valid"),
        layers.Conv2DTranspose(1, 4, activation="sigmoid", **CONV),
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_layers_give_what_keras_gives(node, name):
    shape, *parts = NETWORKS[name]
    inputs = [((1, *shape), "float32")]
    worst, _ = differ(node, sequential(shape, *parts), inputs)
    assert worst < 1e-5


@pytest.mark.parametrize("seed", range(6))
def test_random_shapes(node, seed):
    random = np.random.default_rng(seed)
    h, w, c, filters = random.integers(1, 9, 4).tolist()
    kernel, strides = random.integers(1, 6, 2).tolist(), random.integers(1, 4, 2)
    options = {"strides": strides.tolist(), "padding": random.choice(["same", "valid"])}
    if options["padding"] == "valid":
        h, w = h + 5, w + 5
    network = sequential(
        (h, w, c),
        layers.Conv2D(filters, kernel, **options),
        layers.Conv2DTranspose(c, kernel[::-1], **options),
        layers.Flatten(),
        layers.Dense(int(random.integers(1, 40)), "tanh"),
    )
    worst, _ = differ(node, network, [((1, h, w, c), "float32")])
    assert worst < 1e-5


def test_a_label_beside_the_code(node):
    dense = layers.Dense(6, "relu")
    dense.build((1, 7))
    table = layers.Embedding(10, 3)
    table.build(None)

    def decode(z, y):
        rows = ops.concatenate([z, ops.one_hot(y, 4), table(y)], axis=-1)
        both = ops.split(ops.reshape(dense(rows[:, :7]), (-1, 3, 2)), 2, axis=2)
        return ops.concatenate([both[1], both[0]], axis=2), ops.norm(z, axis=1)

    inputs = [((1, 3), "float32"), ((1,), "int32")]
    worst, _ = differ(node, decode, inputs)
    assert worst < 1e-5


def test_an_lstm_step(node):
    cell, embed, out = layers.LSTMCell(16), layers.Embedding(9, 5), layers.Dense(9)
    cell.build((1, 5)), embed.build(None), out.build((1, 16))

    def step(token, h, c):
        y, (h, c) = cell(embed(token), [h, c])
        return out(y), h, c

    inputs = [((1,), "int32"), ((1, 16), "float32"), ((1, 16), "float32")]
    worst, _ = differ(node, step, inputs)
    assert worst < 1e-5


def test_few_bits_are_kept_where_they_are_enough(node):
    network = sequential((7,), layers.Dense(33, "relu"), layers.Dense(12, "sigmoid"))
    inputs = [((1, 7), "float32")]
    worst, coarse = differ(node, network, inputs, tolerance=2e-3)
    assert coarse["program"]["kind"] == "float16" and 1e-6 < worst < 2e-3
    _, fine = differ(node, network, inputs, tolerance=1e-6)
    assert fine["program"]["kind"] == "float32"
    assert len(coarse["weights"]) < 0.6 * len(fine["weights"])


def test_what_cannot_leave_says_why():
    inputs, sample = [((1, 3), "float32")], [[np.ones((1, 3))]]
    for function, words in [
        (lambda z: np.asarray(z) + 1, "cannot be traced"),
        (lambda z: ops.fft((z, z))[0], "uses the operation"),
        (lambda z: ops.sort(z), "uses the operation"),
        (lambda z: z + keras.random.normal((1, 3)), "cannot be traced|off at some"),
    ]:
        with pytest.raises(export.CannotExport, match=words):
            export.trace(function, inputs, sample)
