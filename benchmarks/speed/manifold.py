"""A 30 x 30 manifold: one batched decode against 900 `predict` calls.

The decoder is lesson 2's, untrained: the work is the same. Both are called once before
the clock starts. Run from the project's folder: `python -m benchmarks.speed.manifold`.
"""

import statistics
import sys
import time

import keras
import numpy as np
from keras import layers, ops
from scipy import stats

from helpers.tables import table

SIDE, ROUNDS, BAR = 30, 3, 50


def grid():
    """Codes (900, 2) at the normal quantiles of a square grid."""
    quantiles = stats.norm.ppf(np.linspace(0.01, 0.99, SIDE)).astype("float32")
    return np.stack(np.meshgrid(quantiles, quantiles), axis=-1).reshape(-1, 2)


def build_decoder():
    return keras.Sequential(
        [
            layers.Input((2,)),
            layers.Dense(256, "relu"),
            layers.Dense(512, "relu"),
            layers.Dense(784, "sigmoid"),
        ]
    )


def one_batch(decoder, z):
    """Pictures (900, 784): what the lessons do."""
    return ops.convert_to_numpy(decoder(z))


def one_by_one(decoder, z):
    """The same, as in much published code."""
    return np.concatenate([decoder.predict(code[None], verbose=0) for code in z])


def seconds(draw, decoder, z):
    begin = time.perf_counter()
    draw(decoder, z)
    return time.perf_counter() - begin


def main():
    """Print the table; return whether the bar is reached."""
    keras.utils.set_random_seed(0)
    decoder, z = build_decoder(), grid()
    # The warm-up, which also shows that both draw the same.
    np.testing.assert_allclose(
        one_batch(decoder, z)[:2], one_by_one(decoder, z[:2]), rtol=1e-4, atol=1e-6
    )
    slow, fast = [], []
    for _ in range(ROUNDS):
        slow.append(seconds(one_by_one, decoder, z))
        fast.append(seconds(one_batch, decoder, z))
    slow, fast = statistics.median(slow), statistics.median(fast)
    print(
        table(
            ["30 x 30 manifold", "time", "faster", "bar"],
            [
                [f"{len(z)} predict calls", f"{slow:.2f} s", "", ""],
                [
                    "one batch",
                    f"{1000 * fast:.1f} ms",
                    f"{slow / fast:,.0f}x",
                    f"{BAR}x",
                ],
            ],
        )
    )
    return slow >= BAR * fast


if __name__ == "__main__":
    sys.exit(not main())
