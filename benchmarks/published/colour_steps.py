"""What lesson 3's colour model owes to each of its parts, on the bundled emoji.

The lesson's model and training, from the notebook's tagged cells; then the same with
one part taken away: no mirrored pictures, no links between the channels, or dense
layers and one code of 32 numbers, unlinked, as in the lesson's first edition.

    python -m benchmarks.published.colour_steps [NAME ...]
"""

import sys

import keras
import tensorflow as tf
from keras import layers, ops

from helpers import data
from helpers.tables import table
from tools.notebooks.lesson_code import lesson_code


def unlinked(lesson):
    """The lesson's likelihood, with independent channels."""

    def log_px_z(x, decoded):
        parts, _ = ops.split(decoded, [6], axis=-1)
        return lesson["log_colour"](x, ops.pad(parts, [[0, 0]] * 3 + [[0, 3]]))

    return log_px_z


def dense(lesson):
    """400 hidden units on either side of one code of 32 numbers."""
    keras.utils.set_random_seed(1)
    x, z = layers.Input((32, 32, 3)), layers.Input((32,))
    hidden = layers.Dense(400, activation="relu")(layers.Flatten()(x))
    encoder = keras.Model(x, [layers.Dense(32)(hidden), layers.Dense(32)(hidden)])
    hidden = layers.Dense(400, activation="relu")(z)
    decoded = layers.Reshape((32, 32, 6))(layers.Dense(32 * 32 * 6)(hidden))
    decoder = keras.Model(z, decoded)
    return lesson["FlowVAE"](encoder, lesson["IAF"]([]), decoder, unlinked(lesson))


def model(lesson, name):
    if name == "dense, unlinked":
        return dense(lesson)
    vae = lesson["colour_vae"](1)
    if name == "unlinked":
        vae.log_px_z = unlinked(lesson)
    return vae


def main(names):
    lesson, emoji = lesson_code("03_iaf_vae.ipynb"), data.emoji("lesson")
    rows = []
    for name in names:
        vae, flat = model(lesson, name), name == "dense, unlinked"
        prepare = lesson["mirror"]
        if name == "not mirrored" or flat:
            prepare = lambda x, rng: x  # noqa: E731
        history = lesson["train"](
            vae,
            emoji.x_train,
            prepare,
            seed=1,
            epochs=80 if flat else lesson["COLOUR_EPOCHS"],
            rate=1e-3 if flat else 2e-3,
            batch_size=lesson["BATCH_SIZE" if flat else "COLOUR_BATCH"],
        )
        sets = (emoji.x_train, emoji.x_test)
        bits = [lesson["bits"](lesson["mean_elbos"](vae, x).mean()) for x in sets]
        rows.append([name, *bits, vae.count_params(), f"{history.seconds:.0f}"])
        print(*rows[-1], sep="   ", flush=True)
    print(table(["model", "bits, training", "test", "parameters", "seconds"], rows))


if __name__ == "__main__":
    tf.config.threading.set_inter_op_parallelism_threads(2)
    main(sys.argv[1:] or ["all", "not mirrored", "unlinked", "dense, unlinked"])
