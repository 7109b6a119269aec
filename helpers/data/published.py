"""The data of the `full` profile: from the classroom folder, or downloaded by Keras.

The folder is COURSE_DATA, which tools/assets/fetch_course_data.py fills. Without it
Keras downloads what is asked for into its own cache, and checks it there.
"""

import gzip
import hashlib
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

from helpers import runtime

KEYS = ("x_train", "y_train", "x_test", "y_test")
IMAGE_SHAPES = {
    "mnist.npz": (28, 28),
    "fashion_mnist.npz": (28, 28),
    "cifar10.npz": (32, 32, 3),
}
TEXT = "shakespeare.txt"
TEXT_SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
WEIGHTS = (
    "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
)
FASHION = {
    "x_train": "train-images-idx3-ubyte.gz",
    "y_train": "train-labels-idx1-ubyte.gz",
    "x_test": "t10k-images-idx3-ubyte.gz",
    "y_test": "t10k-labels-idx1-ubyte.gz",
}
CIFAR10 = "cifar-10-binary.tar.gz"  # the binary version: no pickles in it

KERAS_DATASETS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
KERAS_WEIGHTS = "https://storage.googleapis.com/tensorflow/keras-applications/"
DOWNLOADS = {  # file: (origin, SHA-256 or MD5, folder in Keras's cache)
    "mnist.npz": (
        KERAS_DATASETS + "mnist.npz",
        "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
        "datasets",
    ),
    FASHION["x_train"]: (
        KERAS_DATASETS + FASHION["x_train"],
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "datasets/fashion-mnist",
    ),
    FASHION["y_train"]: (
        KERAS_DATASETS + FASHION["y_train"],
        "25c81989df183df01b3e8a0aad5dffbe",
        "datasets/fashion-mnist",
    ),
    FASHION["x_test"]: (
        KERAS_DATASETS + FASHION["x_test"],
        "bef4ecab320f06d8554ea6380940ec79",
        "datasets/fashion-mnist",
    ),
    FASHION["y_test"]: (
        KERAS_DATASETS + FASHION["y_test"],
        "bb300cfdad3c16e7a12a480ee83cd310",
        "datasets/fashion-mnist",
    ),
    CIFAR10: (
        "https://www.cs.toronto.edu/~kriz/" + CIFAR10,
        "c32a1d4ab5d03f1284b67883e8d87530",
        "datasets",
    ),
    TEXT: (
        "https://storage.googleapis.com/download.tensorflow.org/data/" + TEXT,
        TEXT_SHA256,
        "datasets",
    ),
    WEIGHTS[0]: (
        KERAS_WEIGHTS + "vgg19/" + WEIGHTS[0],
        "253f8cb515780f3b799900260a226db6",
        "models",
    ),
    WEIGHTS[1]: (
        KERAS_WEIGHTS + "inception_v3/" + WEIGHTS[1],
        "bcbd6486424b2319ff4ef7d526e38f63",
        "models",
    ),
}


def images(name):
    """Return uint8 arrays x_train, y_train, x_test, y_test of mnist.npz or its like.

    They come with a text that says where from. Raises FileNotFoundError if they
    are not to be had, ValueError if the file is cut short or holds something else.
    """
    folder = runtime.course_data()
    if folder:
        return read_images(folder / name), f"from {folder / name}"
    return download_images(name), "downloaded by Keras"


def text():
    """Return tiny Shakespeare as a str; raises as `images` does."""
    folder = runtime.course_data()
    return read_text(folder / TEXT if folder else download(TEXT))


def weights(name):
    """Return the path of one of WEIGHTS, checked; raises as `images` does."""
    if name not in WEIGHTS:
        raise ValueError(f"no weights {name!r}; there are {', '.join(WEIGHTS)}")
    folder = runtime.course_data()
    if not folder:
        return download(name)
    _check(folder / name, hashlib.md5, DOWNLOADS[name][1])
    return folder / name


def read_images(path):
    """Read and check an .npz of images and labels; raises as `images` does."""
    _require(path)
    try:
        archive = np.load(path, allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ValueError("it is a single array")
        with archive:
            arrays = {key: archive[key] for key in KEYS if key in archive}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(
            f"{path} cannot be read, is cut short or no .npz: {error}. {_cure(path)}"
        ) from error
    for split in ("train", "test"):
        x, y = arrays.get(f"x_{split}"), arrays.get(f"y_{split}")
        problem = _problem(x, y, split, IMAGE_SHAPES[path.name])
        if problem:
            raise ValueError(f"{path}: {problem}. {_cure(path)}")
        arrays[f"y_{split}"] = y.reshape(-1)  # Keras's CIFAR-10 labels are (n, 1)
    return arrays


def read_text(path):
    """Read and check tiny Shakespeare; raises as `images` does."""
    _check(path, hashlib.sha256, TEXT_SHA256)
    return path.read_bytes().decode("ascii")


def download(name):
    """Let Keras download one file into its cache and check it; return its path.

    Raises FileNotFoundError, naming the file and the command, if that fails.
    """
    import keras  # only a download needs it

    origin, checksum, subfolder = DOWNLOADS[name]
    try:
        path = keras.utils.get_file(
            name, origin, file_hash=checksum, cache_subdir=subfolder
        )
    except Exception as error:  # Keras wraps what went wrong in a plain Exception
        raise FileNotFoundError(
            f"{name} could not be downloaded ({error}). On a machine with internet "
            "run `python -m tools.assets.fetch_course_data FOLDER`, then set "
            "COURSE_DATA to that folder; or unset COURSE_PROFILE for the bundled data."
        ) from error
    return Path(path)


def download_images(name):
    """Download one of IMAGE_SHAPES; return its four arrays as `images` does."""
    if name == "fashion_mnist.npz":
        return {key: _read_idx(download(file)) for key, file in FASHION.items()}
    if name == "cifar10.npz":
        return _read_cifar10(download(CIFAR10))
    return read_images(download(name))


def _read_idx(path):
    """Read MNIST's own file format: magic number, sizes, then bytes."""
    content = gzip.decompress(path.read_bytes())
    sizes = np.frombuffer(content, ">u4", count=content[3], offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * content[3]).reshape(sizes)


def _read_cifar10(path):
    """Read records of a label byte and 3x32x32 pixel bytes."""
    arrays = {}
    with tarfile.open(path) as archive:
        for split, files in (
            ("train", [f"data_batch_{i}" for i in range(1, 6)]),
            ("test", ["test_batch"]),
        ):
            members = [f"cifar-10-batches-bin/{file}.bin" for file in files]
            content = b"".join(archive.extractfile(m).read() for m in members)
            records = np.frombuffer(content, np.uint8).reshape(-1, 3073)
            x = records[:, 1:].reshape(-1, 3, 32, 32)
            arrays[f"x_{split}"] = x.transpose(0, 2, 3, 1).copy()
            arrays[f"y_{split}"] = records[:, 0]
    return arrays


def _problem(x, y, split, shape):
    """Return what is wrong with one split of a data set, or None."""
    for key, array in ((f"x_{split}", x), (f"y_{split}", y)):
        if array is None:
            return f"the array {key} is missing"
        if array.dtype != np.uint8:
            return f"{key} is {array.dtype}, it must be uint8"
    if x.shape[1:] != shape or not len(x):
        return f"x_{split} has shape {x.shape}, it must be (n, {str(shape)[1:]}"
    if y.shape not in ((y.size,), (y.size, 1)):
        return f"y_{split} has shape {y.shape}, it must be (n,)"
    if len(x) != len(y):
        return f"x_{split} has {len(x)} images but y_{split} has {len(y)} labels"
    if y.max() > 9:
        return f"y_{split} holds the label {y.max()}, labels are 0 to 9"
    return None


def _require(path):
    if not path.is_file():
        raise FileNotFoundError(
            f"{path.name} is not in the folder {path.parent}. {_cure(path)}"
        )


def _check(path, algorithm, checksum):
    _require(path)
    if algorithm(path.read_bytes()).hexdigest() != checksum:
        raise ValueError(f"{path} is cut short or altered. {_cure(path)}")


def _cure(path):
    return f"Fetch it with `python -m tools.assets.fetch_course_data {path.parent}`."
