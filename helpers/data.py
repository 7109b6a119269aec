"""The course's data: bundled, from a classroom folder, or downloaded.

Images are float32 in [0, 1], shaped (n, height, width, channels); labels are
int32, shaped (n,). A profile always means the same data, and `Dataset.source`
says which. Nothing here imports TensorFlow or Keras, except a download in the
`full` profile, which Keras does.
"""

import functools
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers import runtime

ASSETS = Path(__file__).parent / "assets"


@dataclass(frozen=True, repr=False)
class Dataset:
    """Labelled images: x float32 in [0, 1] (n, h, w, channels), y int32 (n,)."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    source: str
    class_names: tuple

    def __repr__(self):
        size = "x".join(map(str, self.x_train.shape[1:]))
        return (
            f"{self.source}: {len(self.x_train):,} train + {len(self.x_test):,} test "
            f"images of {size}, {self.x_train.dtype} values {self.x_train.min():g} to "
            f"{self.x_train.max():g}, {len(self.class_names)} classes"
        )


def asset(name):
    """Return the path of a bundled file, whose SHA-256 is checked at first use.

    Raises ValueError for an unknown name or an altered file, FileNotFoundError
    for a missing one; both name the file and the cure.
    """
    return _checked(ASSETS, name)


@functools.cache
def _checked(folder, name):
    checksums = json.loads((folder / "checksums.json").read_text())
    if name not in checksums:
        raise ValueError(f"no bundled file {name!r}; there are {', '.join(checksums)}")
    path = folder / name
    cure = f"Get it back with `git checkout -- helpers/assets/{name}` or `make assets`."
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing. {cure}")
    if hashlib.sha256(path.read_bytes()).hexdigest() != checksums[name]:
        raise ValueError(f"{path} is cut short or altered: wrong SHA-256. {cure}")
    return path


def digits(profile=None):
    """Return handwritten digits, 28x28x1 (LeCun et al. 1998, MNIST)."""
    profile = profile or runtime.profile()
    with np.load(asset("digits.npz"), allow_pickle=False) as arrays:
        arrays = {name: arrays[name] for name in arrays}
    n_train, n_test = (1024, 256) if profile == "smoke" else (8500, 1500)
    return Dataset(
        x_train=_unit_range(arrays["x_train"][:n_train, ..., None]),
        y_train=arrays["y_train"][:n_train].astype(np.int32),
        x_test=_unit_range(arrays["x_test"][:n_test, ..., None]),
        y_test=arrays["y_test"][:n_test].astype(np.int32),
        source="Bundled MNIST digits",
        class_names=tuple("0123456789"),
    )


def _unit_range(x):
    return x.astype(np.float32) / 255
