"""The course's data: bundled, from a classroom folder, or downloaded.

Images are float32 in [0, 1], shaped (n, height, width, channels); labels are
int32, shaped (n,). A profile always means the same data, and `Dataset.source`
says which. Nothing here imports TensorFlow or Keras, except a download in the
`full` profile, which Keras does.
"""

import functools
import gzip
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from helpers import runtime
from helpers.data import published

ASSETS = Path(__file__).resolve().parents[1] / "assets"
PHOTOS = ("boats", "alps", "cat", "pagoda")
STYLES = ("brush", "glass", "engraving", "waves")
SMOKE_TEXT = 100_000  # characters

CIFAR10_NAMES = "airplane automobile bird cat deer dog frog horse ship truck".split()
FASHION_NAMES = (
    "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot"
).split(",")


@dataclass(frozen=True, repr=False, eq=False)
class Dataset:
    """Labelled images: x float32 in [0, 1] (n, h, w, channels), y int32 (n,)."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    source: str
    class_names: tuple

    def __post_init__(self):
        """Raise ValueError unless each picture has a label."""
        for x, y in (("x_train", "y_train"), ("x_test", "y_test")):
            labels, count = np.asarray(getattr(self, y)), len(getattr(self, x))
            if labels.shape != (count,) or labels.dtype.kind not in "iu":
                raise ValueError(
                    f"{y} is {labels.dtype} {labels.shape}: the {count:,} pictures of "
                    f"{x} need a label each, whole numbers ({count},)."
                )

    def __repr__(self):
        size = "x".join(map(str, self.x_train.shape[1:]))
        return (
            f"{self.source}: {len(self.x_train):,} train + {len(self.x_test):,} test "
            f"images of {size}, {self.x_train.dtype} values {self.x_train.min():g} to "
            f"{self.x_train.max():g}, {len(self.class_names)} classes"
        )


def digits(profile=None):
    """Return handwritten digits, 28x28x1 (MNIST; LeCun et al. 1998).

    smoke: 1,024 / 256 of the bundled ones, lesson: all 8,500 / 1,500 of them, full:
    MNIST as published. Raises ValueError or FileNotFoundError for missing or bad data.
    """
    profile = _profile(profile)
    names = tuple("0123456789")
    if profile == "full":
        return _published("mnist.npz", "MNIST", names)
    n_train, n_test = (1024, 256) if profile == "smoke" else (8500, 1500)
    with np.load(asset("digits.npz"), allow_pickle=False) as arrays:
        return Dataset(
            x_train=_unit_range(arrays["x_train"][:n_train, ..., None]),
            y_train=arrays["y_train"][:n_train].astype(np.int32),
            x_test=_unit_range(arrays["x_test"][:n_test, ..., None]),
            y_test=arrays["y_test"][:n_test].astype(np.int32),
            source="Bundled MNIST digits",
            class_names=names,
        )


def emoji(profile=None):
    """Return emoji on white, 32x32x3, labelled by category (Noto Emoji).

    smoke: 512 / 128 of them, lesson and full: all 1,600 / 292. Raises as `asset`.
    """
    listing = json.loads(asset("emoji32.json").read_bytes())
    with Image.open(asset("emoji32.png")) as sheet:
        pixels = np.asarray(sheet.convert("RGB"))
    rows, columns = pixels.shape[0] // 32, pixels.shape[1] // 32
    tiles = pixels.reshape(rows, 32, columns, 32, 3).swapaxes(1, 2)
    x, y = tiles.reshape(-1, 32, 32, 3), np.array(listing["y"], np.int32)
    first = listing["n_train"]
    n_train, n_test = first, len(y) - first
    if _profile(profile) == "smoke":
        n_train, n_test = 512, 128
    return Dataset(
        x_train=_unit_range(x[:n_train]),
        y_train=y[:n_train],
        x_test=_unit_range(x[first : first + n_test]),
        y_test=y[first : first + n_test],
        source="Bundled emoji",
        class_names=tuple(listing["categories"]),
    )


def cifar10():
    """Return CIFAR-10, 32x32x3 (Krizhevsky 2009); raises as `digits` in full."""
    return _published("cifar10.npz", "CIFAR-10", tuple(CIFAR10_NAMES))


def fashion():
    """Return Fashion-MNIST, 28x28x1 (Xiao et al. 2017); raises as `digits` in full."""
    return _published("fashion_mnist.npz", "Fashion-MNIST", tuple(FASHION_NAMES))


def colour(profile=None):
    """Return the small colour images: emoji in smoke and lesson, CIFAR-10 in full."""
    profile = _profile(profile)
    return cifar10() if profile == "full" else emoji(profile)


def text(profile=None):
    """Return one long str of plain ASCII.

    smoke: the first 100,000 characters of Moby Dick, lesson: all 1.2 million, full:
    tiny Shakespeare (Karpathy 2015). Raises as `digits`.
    """
    profile = _profile(profile)
    if profile == "full":
        return published.text()
    book = gzip.decompress(asset("moby_dick.txt.gz").read_bytes()).decode("ascii")
    return book[:SMOKE_TEXT] if profile == "smoke" else book


def photo(name):
    """Return the photo, one of PHOTOS, as float32 (h, w, 3) in [0, 1]."""
    return _picture("photo", name, PHOTOS)


def style(name):
    """Return the style image, one of STYLES, as float32 (h, w, 3) in [0, 1]."""
    return _picture("style", name, STYLES)


def vgg16_weights():
    """Return the VGG-16 convolutions block1_conv1 to block4_conv1, float32, by name.

    block1_conv1_kernel is (height, width, in, out), block1_conv1_bias (out,).
    They expect channels in the order blue, green, red, in 0..255, minus the means
    (104.00699, 116.66877, 122.67892). Raises as `asset`.
    """
    with np.load(asset("features.npz"), allow_pickle=False) as arrays:
        return {name: arrays[name].astype(np.float32) for name in arrays.files}


def asset(name):
    """Return the path of a bundled file, whose SHA-256 is checked at first use.

    Raises ValueError for an unknown name or an altered file, FileNotFoundError
    for a missing one; both name the file and the cure.
    """
    return _checked(ASSETS, name)


def check_images(x, name="x"):
    """Raise ValueError unless x is (n, h, w, channels), floats in [0, 1], no NaN."""
    x = np.asarray(x)
    if x.ndim != 4:
        raise ValueError(
            f"{name} has shape {x.shape}; images are (n, height, width, channels)."
        )
    if x.dtype.kind != "f":
        raise ValueError(
            f"{name} is {x.dtype}; images are floats in [0, 1]: "
            f"use {name}.astype('float32') / 255 if its values reach 255."
        )
    if not np.isfinite(x).all():
        raise ValueError(f"{name} holds NaN or infinity.")
    if x.size and (x.min() < 0 or x.max() > 1):
        raise ValueError(
            f"{name} holds values from {x.min():g} to {x.max():g}; "
            "images are in [0, 1]."
        )


def check_range(x, low, high=1.0):
    """Raise ValueError unless pictures x use the range from low to high.

    For a generator whose last layer draws in that range: a discriminator tells
    pictures of another range apart by that alone.
    """
    x = np.asarray(x)
    if x.max() > high or abs(x.min() - low) > (high - low) / 4:
        cure = (
            "2 * x - 1 if they are in [0, 1]"
            if low < 0
            else "(x + 1) / 2 if they are in [-1, 1]"
        )
        raise ValueError(
            f"x holds values from {x.min():.3g} to {x.max():.3g}, but the generator "
            f"draws from {low:g} to {high:g}. Scale the pictures first: {cure}."
        )


def one_hot(labels, n_classes):
    """Return labels (n,), integers 0, 1, ..., as float32 (n, n_classes).

    Raises ValueError unless n_classes is the number of the labels' classes.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or len(labels) == 0:
        raise ValueError(
            f"labels is {labels.dtype} {labels.shape}: give integers (n,)."
        )
    if labels.min() < 0 or labels.max() + 1 != n_classes:
        raise ValueError(
            f"n_classes is {n_classes}, but the labels run from {labels.min()} to "
            f"{labels.max()}. Set n_classes to {labels.max() + 1}, or mend the labels."
        )
    return np.eye(n_classes, dtype=np.float32)[labels]


@functools.cache
def _checked(folder, name):
    path = folder / name
    checksums = _checksums(folder)
    if name not in checksums:
        raise ValueError(f"no bundled file {name!r}; there are {', '.join(checksums)}")
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing. {_cure(name)}")
    if hashlib.sha256(path.read_bytes()).hexdigest() != checksums[name]:
        raise ValueError(f"{path} is cut short or altered. {_cure(name)}")
    return path


def _checksums(folder):
    path = folder / "checksums.json"
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is missing. {_cure(path.name)}") from None
    except ValueError as error:
        raise ValueError(f"{path} is cut short. {_cure(path.name)}") from error


def _cure(name):
    return f"Get it back with `git checkout -- helpers/assets/{name}` or `make assets`."


def _profile(profile):
    if profile is None:
        return runtime.profile()
    if profile not in runtime.PROFILES:
        raise ValueError(
            f"no profile {profile!r}; there are {', '.join(runtime.PROFILES)}"
        )
    return profile


def _published(file, title, class_names):
    arrays, source = published.images(file)
    x = {key: _unit_range(arrays[key]) for key in ("x_train", "x_test")}
    if x["x_train"].ndim == 3:
        x = {key: images[..., None] for key, images in x.items()}
    y = {key: arrays[key].astype(np.int32) for key in ("y_train", "y_test")}
    return Dataset(**x, **y, source=f"{title} {source}", class_names=class_names)


def _picture(kind, name, names):
    if name not in names:
        raise ValueError(f"no {kind} {name!r}; there are {', '.join(names)}")
    with Image.open(asset(f"{kind}_{name}.jpg")) as picture:
        return _unit_range(np.asarray(picture.convert("RGB")))


def _unit_range(x):
    return x.astype(np.float32) / 255
