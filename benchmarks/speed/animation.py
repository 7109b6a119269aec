"""Time and size of a 60-frame GIF and MP4 of 300x300 pixels.

Run from the project's folder: `python -m benchmarks.speed.animation`. The bars are
8 s and 1 MB. The film is the 10 x 10 grid of digits that lesson 2 records: every digit
fades into the next along the film, as a manifold does while it is learned.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from helpers import animation, data
from helpers.animation import frames

SECONDS, BYTES = 8.0, 1_000_000
HEIGHT, WIDTH = 300 - frames.STRIP_HEIGHT, 300


def manifold_film(n_frames=60, side=10):
    """Frames (n_frames, 276, 300) in which a grid of digits turns into others."""
    digits = data.digits("lesson").x_test[: 2 * side * side, ..., 0]
    start, end = digits[: side * side], digits[side * side :]
    for t in np.linspace(0, 1, n_frames):
        tiles = (1 - t) * start + t * end
        rows = tiles.reshape(side, side, 28, 28).swapaxes(1, 2)
        yield np.pad(rows.reshape(side * 28, side * 28)[:HEIGHT], ((0, 0), (10, 10)))


def measure(name, film):
    """Print time and size of the film as GIF and MP4; return whether both are good."""
    recorder = animation.Recorder(fps=15)
    recorder.extend((20 * i, frame) for i, frame in enumerate(film))
    passed = True
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (".gif", ".mp4"):
            start = time.perf_counter()
            path = recorder.save(Path(folder) / f"film{suffix}")
            seconds, size = time.perf_counter() - start, path.stat().st_size
            good = seconds <= SECONDS and size <= BYTES
            passed &= good
            print(
                f"{name} {suffix[1:]}: {recorder!r}, {seconds:.2f} s (bar {SECONDS:g}),"
                f" {size / 1e6:.2f} MB (bar 1): {'ok' if good else 'MISSED'}"
            )
    return passed


if __name__ == "__main__":
    sys.exit(0 if measure("manifold", manifold_film()) else 1)
