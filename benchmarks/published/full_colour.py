"""Lesson 3 in colour on CIFAR-10: a VAE, an IAF-VAE, and the flow's share by itself.

The code is the lesson's own, from the notebook's tagged cells. Three stages: a VAE is
trained; an IAF-VAE of the same networks is trained from nothing; and for the VAE's
decoder, held still, a Gaussian and an IAF posterior are fitted with each seed. Every
training has its own checkpoint in the folder: a run that was stopped goes on, one that
is complete is only read.

    COURSE_DATA=FOLDER python -m benchmarks.published.full_colour CHECKPOINTS
"""

import argparse
import io
import platform
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from helpers import data, plotting
from helpers.tables import spread, table
from tools.notebooks.lesson_code import lesson_code


def png_bits(x):
    """Bits a value of all pictures x (n, h, w, 3) in one PNG file."""
    file, pixels = io.BytesIO(), (255 * x).round().astype("uint8")
    sheet = pixels.reshape(-1, x.shape[2], 3)
    Image.fromarray(sheet).save(file, "PNG", optimize=True)
    return 8 * file.tell() / sheet.size


def train(lesson, vae, x_train, options, name, **settings):
    """Train, or go on, or only read the checkpoint; return the History."""
    history = lesson["train"](
        vae,
        x_train,
        lesson["mirror"],
        batch_size=lesson["COLOUR_BATCH"],
        checkpoint=options.folder / f"{name}.npz",
        **settings,
    )
    print(f"{name}: {history.epochs} epochs, {history.seconds:.0f} s", flush=True)
    return history


def whole_models(lesson, pictures, options):
    """Train both models from nothing; return them and the rows of their table."""
    vaes, rows = {}, []
    for steps in options.flow_steps:
        vae = vaes[steps] = lesson["colour_vae"](1, steps)
        settings = {"epochs": options.epochs, "rate": 2e-3, "seed": 1}
        name = f"IAF-{steps} VAE" if steps else "VAE"
        history = train(lesson, vae, pictures.x_train, options, name, **settings)
        train_part = pictures.x_train[: len(pictures.x_test)]
        nats = [lesson["mean_elbos"](vae, x) for x in (train_part, pictures.x_test)]
        error = nats[1].std() / len(nats[1]) ** 0.5
        test = f"{nats[1].mean():.1f} ± {error:.1f}"
        bits = [lesson["bits"](n.mean()) for n in nats]
        rows.append([name, *bits, test, history.epochs])
    return vaes, rows


def held_still(lesson, trained, pictures, options):
    """Fit posteriors to one decoder; return the rows of the table of test ELBOs."""
    elbos = {0: [], 2: []}
    for seed in options.seeds:
        for steps, means in elbos.items():
            vae = lesson["posterior_with_flow"](trained, steps, seed)
            settings = {"epochs": options.posterior_epochs, "rate": 5e-4, "warm_up": 0}
            name = f"posterior, {steps} flow steps, seed {seed}"
            settings["seed"] = seed
            train(lesson, vae, pictures.x_train, options, name, **settings)
            means.append(lesson["mean_elbos"](vae, pictures.x_test).mean())
    rows = [["Gaussian", *elbos[0]], ["IAF-2", *elbos[2]]]
    gain = np.subtract(elbos[2], elbos[0])
    print(f"gain: {spread(gain, '{:.2f}')} nats", flush=True)
    return [*rows, ["gain", *gain]]


def pictures_of(lesson, vae, x):
    """A figure: test pictures x, their reconstructions, and samples of the prior."""
    z_mean = vae.encoder(x)[0]
    codes = {
        "reconstruction": z_mean,
        "from the prior": tf.random.normal(z_mean.shape, seed=3),
    }
    means = {name: 0.5 + vae.decoder(z).numpy()[..., :3] for name, z in codes.items()}
    rows = {"original": x} | {name: m.clip(0, 1) for name, m in means.items()}
    return plotting.image_rows(rows).figure


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="of the checkpoints")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--flow-steps", type=int, nargs="+", default=[0, 2])
    parser.add_argument("--posterior-epochs", type=int, default=4)
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2, 3])
    parser.add_argument("--threads", type=int, default=0, help="0: one for each core")
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(options.threads)
    options.folder.mkdir(parents=True, exist_ok=True)
    lesson, pictures = lesson_code("03_iaf_vae.ipynb"), data.cifar10()
    print(pictures, platform.machine(), f"TensorFlow {tf.__version__}", options)
    print(f"PNG of the test pictures: {png_bits(pictures.x_test):.3f} bits", flush=True)
    vaes, rows = whole_models(lesson, pictures, options)
    heads = ["model", "bits, training", "bits, test", "ELBO, test, nats", "epochs"]
    print(table(heads, rows), flush=True)
    if 0 in vaes:
        figure = pictures_of(lesson, vaes[0], pictures.x_test[:10])
        figure.savefig(options.folder / "pictures.png", bbox_inches="tight")
        rows = held_still(lesson, vaes[0], pictures, options)
        print(table(["ELBO, nats", *map(str, options.seeds)], rows))


if __name__ == "__main__":
    main()
