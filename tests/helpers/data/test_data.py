"""helpers.data: shapes, ranges, profiles and bad input."""

import gzip
import io
import subprocess
import sys
import tarfile

import numpy as np
import pytest

from helpers import data, runtime
from helpers.data import bundled, published
from tools.assets import fetch_course_data

N_TRAIN, N_TEST = 12, 5


@pytest.fixture
def random():
    return np.random.default_rng(0)


def arrays_for(name, random):
    """Return small arrays in the layout of a COURSE_DATA file."""
    shape = published.IMAGE_SHAPES[name]
    return {
        "x_train": random.integers(0, 256, (N_TRAIN, *shape), np.uint8),
        "y_train": random.integers(0, 10, N_TRAIN, np.uint8),
        "x_test": random.integers(0, 256, (N_TEST, *shape), np.uint8),
        "y_test": random.integers(0, 10, N_TEST, np.uint8),
    }


@pytest.fixture
def folder(tmp_path, monkeypatch, random):
    """A COURSE_DATA folder with small data in it."""
    for name in published.IMAGE_SHAPES:
        np.savez(tmp_path / name, **arrays_for(name, random))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def no_folder(monkeypatch):
    monkeypatch.delenv("COURSE_DATA", raising=False)


def assert_images(dataset, n_train, n_test, shape, n_classes):
    for x, y, n in (
        (dataset.x_train, dataset.y_train, n_train),
        (dataset.x_test, dataset.y_test, n_test),
    ):
        assert x.shape == (n, *shape) and x.dtype == np.float32
        assert y.shape == (n,) and y.dtype == np.int32
        assert x.min() == 0 and x.max() == 1
        data.check_images(x)
        assert set(y) == set(range(n_classes))
    assert len(dataset.class_names) == n_classes
    train = {x.tobytes() for x in dataset.x_train}
    assert len(train) == n_train, "an image is twice in the training data"
    assert not any(x.tobytes() in train for x in dataset.x_test)


def test_digits_of_the_lesson_profile():
    digits = data.digits("lesson")
    assert_images(digits, 8500, 1500, (28, 28, 1), 10)
    train, test = np.bincount(digits.y_train), np.bincount(digits.y_test)
    np.testing.assert_allclose(test / train, 1500 / 8500, rtol=0.01)
    # Shuffled: any stretch holds all classes about as often as the whole does.
    np.testing.assert_allclose(np.bincount(digits.y_train[:1024]), 102, atol=40)


def test_digits_are_upright_and_not_inverted():
    digits = data.digits("lesson")
    assert 0.1 < digits.x_train.mean() < 0.16  # MNIST's mean is 0.1307
    ones = digits.x_train[digits.y_train == 1].mean(0)[..., 0]
    assert ones[6:22, 12:16].mean() > 5 * ones[12:16, :8].mean()


def test_emoji_of_the_lesson_profile():
    emoji = data.emoji("lesson")
    assert_images(emoji, 1600, 292, (32, 32, 3), 9)
    corners = emoji.x_train[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners == 1).mean() > 0.9, "the background is white"
    train, test = np.bincount(emoji.y_train), np.bincount(emoji.y_test)
    np.testing.assert_allclose(test / train, 292 / 1600, rtol=0.1)
    flags = emoji.y_train == emoji.class_names.index("Flags")
    assert emoji.x_train[flags, 16, 16].std() > emoji.x_train[~flags, 0, 0].std()


@pytest.mark.parametrize("load", [data.digits, data.emoji])
def test_smoke_is_a_slice_of_the_lesson(load):
    smoke, lesson = load("smoke"), load("lesson")
    for key in published.KEYS:
        part, whole = getattr(smoke, key), getattr(lesson, key)
        assert len(part) < len(whole)
        np.testing.assert_array_equal(part, whole[: len(part)])


def test_smoke_has_the_promised_sizes():
    assert_images(data.digits("smoke"), 1024, 256, (28, 28, 1), 10)
    assert len(data.text("smoke")) == bundled.SMOKE_TEXT


def test_profile_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "smoke")
    assert len(data.digits().x_train) == 1024
    monkeypatch.setenv("COURSE_PROFILE", "lesson")
    assert len(data.digits().x_train) == 8500
    assert data.colour().source == "Bundled emoji"


@pytest.mark.parametrize("load", [data.digits, data.emoji, data.colour, data.text])
def test_unknown_profile(load):
    with pytest.raises(ValueError, match="'quick'.*smoke, lesson, full"):
        load("quick")


def test_text_is_plain():
    text = data.text("lesson")
    assert 1_100_000 < len(text) < 1_300_000
    assert text.startswith("CHAPTER 1. Loomings.\n\nCall me Ishmael.")
    assert len(set(text)) == 80 and text.isascii() and "\r" not in text
    assert text.startswith(data.text("smoke"))


@pytest.mark.parametrize(
    ("load", "name"),
    [(data.photo, n) for n in data.PHOTOS] + [(data.style, n) for n in data.STYLES],
)
def test_pictures(load, name):
    picture = load(name)
    assert picture.dtype == np.float32 and picture.ndim == 3
    assert min(picture.shape[:2]) >= 256 and picture.shape[2] == 3
    assert 0 <= picture.min() < 0.2 and 0.8 < picture.max() <= 1
    assert picture.std() > 0.1


@pytest.mark.parametrize("load", [data.photo, data.style])
def test_unknown_picture(load):
    with pytest.raises(ValueError, match="'mona_lisa'; there are"):
        load("mona_lisa")


def test_features_are_the_layers_of_vgg16():
    features = data.vgg16_weights()
    channels = 3
    for layer, width in (
        ("block1_conv1", 64),
        ("block1_conv2", 64),
        ("block2_conv1", 128),
        ("block2_conv2", 128),
        ("block3_conv1", 256),
        ("block3_conv2", 256),
        ("block3_conv3", 256),
        ("block4_conv1", 512),
    ):
        kernel, bias = features.pop(f"{layer}_kernel"), features.pop(f"{layer}_bias")
        assert kernel.shape == (3, 3, channels, width) and bias.shape == (width,)
        assert kernel.dtype == bias.dtype == np.float32
        assert np.isfinite(kernel).all() and 0.005 < kernel.std() < 0.3
        channels = width
    assert not features


def test_first_features_are_keras_vgg16_in_its_channel_order():
    """Their first filters moved little from ImageNet's, so blue still comes first."""
    kernel = data.vgg16_weights()["block1_conv1_kernel"]
    imagenet = [
        [0.42947, 0.11727, 0.03401],
        [0.55038, 0.02088, 0.09883],
        [0.48002, -0.17270, 0.03756],
    ]
    np.testing.assert_allclose(kernel[0, 0, :, :3], imagenet, atol=0.08)


def test_repr_is_one_readable_line():
    assert repr(data.digits("smoke")) == (
        "Bundled MNIST digits: 1,024 train + 256 test images of 28x28x1, "
        "float32 values 0 to 1, 10 classes"
    )


def test_importing_data_imports_no_tensorflow():
    code = (
        "import sys, helpers.data as d; d.digits('smoke'); print(sorted(sys.modules))"
    )
    modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert "'numpy'" in modules
    assert "'tensorflow'" not in modules and "'keras'" not in modules


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((2, 8, 8)), "shape"),
        (np.zeros((2, 8, 8, 1), np.uint8), "uint8"),
        (np.full((2, 8, 8, 1), np.nan), "NaN"),
        (np.full((2, 8, 8, 1), np.inf), "NaN or infinity"),
        (np.full((2, 8, 8, 1), 255.0), "values from 255 to 255"),
        (np.full((2, 8, 8, 1), -0.5), "values from -0.5"),
    ],
)
def test_check_images(x, message):
    with pytest.raises(ValueError, match=f"photos .*{message}"):
        data.check_images(x, "photos")


# The full profile, from a folder ---------------------------------------------------


def test_full_reads_the_folder(folder, monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "full")
    for load, name, shape in (
        (data.digits, "mnist.npz", (28, 28, 1)),
        (data.fashion, "fashion_mnist.npz", (28, 28, 1)),
        (data.colour, "cifar10.npz", (32, 32, 3)),
    ):
        dataset = load()
        with np.load(folder / name) as stored:
            np.testing.assert_array_equal(
                np.rint(dataset.x_test * 255), stored["x_test"].reshape(-1, *shape)
            )
            np.testing.assert_array_equal(dataset.y_train, stored["y_train"])
        assert dataset.x_train.dtype == np.float32 and dataset.y_test.dtype == np.int32
        assert str(folder / name) in dataset.source
        assert len(dataset.class_names) == 10


def test_labels_in_a_column_are_read(folder, random):
    arrays = arrays_for("cifar10.npz", random)
    labels = arrays["y_train"]
    np.savez(folder / "cifar10.npz", **(arrays | {"y_train": labels[:, None]}))
    np.testing.assert_array_equal(data.cifar10().y_train, labels)


def assert_named(error, path):
    assert str(path) in str(error.value) or (
        path.name in str(error.value) and str(path.parent) in str(error.value)
    )
    assert "fetch_course_data" in str(error.value)


def test_folder_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError) as error:
        data.digits("full")
    assert_named(error, tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("load", "name"),
    [
        (lambda: data.digits("full"), "mnist.npz"),
        (data.fashion, "fashion_mnist.npz"),
        (lambda: data.colour("full"), "cifar10.npz"),
        (lambda: data.text("full"), "shakespeare.txt"),
        (lambda: published.weights(published.WEIGHTS[0]), published.WEIGHTS[0]),
    ],
)
def test_folder_lacks_a_file(load, name, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError) as error:
        load()
    assert_named(error, tmp_path / name)


def without(key):
    return lambda arrays: {k: v for k, v in arrays.items() if k != key}


def changed(key, change):
    return lambda arrays: arrays | {key: change(arrays[key])}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without("x_test"), "x_test is missing"),
        (without("y_train"), "y_train is missing"),
        (changed("x_train", lambda x: x / 255), "x_train is float64"),
        (changed("y_test", lambda y: y.astype(np.int64)), "y_test is int64"),
        (changed("x_train", lambda x: x[:, :20]), r"x_train has shape \(12, 20, 28\)"),
        (changed("x_test", lambda x: x[:0]), r"x_test has shape \(0, 28, 28\)"),
        (changed("y_train", lambda y: y.reshape(3, 4)), r"y_train has shape \(3, 4\)"),
        (changed("y_train", lambda y: y[:-1]), "12 images but y_train has 11 labels"),
        (changed("y_test", lambda y: y + 10), "labels are 0 to 9"),
        (changed("y_test", lambda y: np.uint8(3)), r"y_test has shape \(\)"),
        (changed("x_train", lambda x: x.astype(object)), "allow_pickle"),
    ],
)
def test_folder_has_wrong_arrays(spoil, message, folder, random):
    path = folder / "mnist.npz"
    np.savez(path, **spoil(arrays_for("mnist.npz", random)))
    with pytest.raises(ValueError, match=message) as error:
        data.digits("full")
    assert_named(error, path)


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_folder_has_a_file_cut_short(keep, folder):
    path = folder / "mnist.npz"
    content = path.read_bytes()
    size = keep if isinstance(keep, int) else int(keep * len(content))
    path.write_bytes(content[:size])
    with pytest.raises(ValueError, match="cut short") as error:
        data.digits("full")
    assert_named(error, path)


def test_folder_has_a_file_with_flipped_bits(folder):
    path = folder / "mnist.npz"
    content = bytearray(path.read_bytes())
    content[2000] ^= 255
    path.write_bytes(content)
    with pytest.raises(ValueError, match="cut short") as error:
        data.digits("full")
    assert_named(error, path)


def test_folder_has_a_single_array(folder):
    with open(folder / "mnist.npz", "wb") as file:
        np.save(file, np.zeros(3, np.uint8))
    with pytest.raises(ValueError, match=r"no \.npz"):
        data.digits("full")


@pytest.mark.parametrize("name", [published.TEXT, *published.WEIGHTS])
def test_folder_has_altered_text_or_weights(name, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    (tmp_path / name).write_bytes(b"First Citizen:\nBefore we")
    is_text = name == published.TEXT
    with pytest.raises(ValueError, match="cut short or altered") as error:
        data.text("full") if is_text else published.weights(name)
    assert_named(error, tmp_path / name)


def test_unknown_weights():
    with pytest.raises(ValueError, match="no weights 'resnet.h5'; there are vgg19"):
        published.weights("resnet.h5")


def test_real_folder():
    """The whole sets, where COURSE_DATA holds them."""
    folder = runtime.course_data()
    if folder is None:
        pytest.skip("COURSE_DATA is not set")
    digits = data.digits("full")
    assert_images(digits, 60_000, 10_000, (28, 28, 1), 10)
    bundled = {x.tobytes() for x in data.digits("lesson").x_train}
    assert bundled <= {x.tobytes() for x in digits.x_train}
    assert bundled.isdisjoint(x.tobytes() for x in digits.x_test)
    colour = data.colour("full")
    assert set(colour.y_test) == set(range(10))
    data.check_images(colour.x_test)
    assert len(data.text("full")) == 1_115_394


# The full profile, downloaded --------------------------------------------------------


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return gzip.compress(header + array.tobytes())


def cifar10_archive(arrays):
    """Return five training batches and a test batch as CIFAR-10's own archive."""
    images = {f"data_batch_{i}": "train" for i in range(1, 6)} | {"test_batch": "test"}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, part in images.items():
            x, y = arrays[f"x_{part}"], arrays[f"y_{part}"]
            planes = x.transpose(0, 3, 1, 2).reshape(len(x), -1)
            content = np.concatenate([y[:, None], planes], 1).tobytes()
            entry = tarfile.TarInfo(f"cifar-10-batches-bin/{name}.bin")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def server(tmp_path, monkeypatch, random, no_folder):
    """Stand in for Keras's get_file: serve small files of the real formats."""
    keras = pytest.importorskip("keras")
    mnist = io.BytesIO()
    np.savez(mnist, **arrays_for("mnist.npz", random))
    fashion = arrays_for("fashion_mnist.npz", random)
    cifar10 = arrays_for("cifar10.npz", random)
    files = {
        "mnist.npz": mnist.getvalue(),
        published.CIFAR10: cifar10_archive(cifar10),
        **{name: idx(fashion[key]) for key, name in published.FASHION.items()},
        **dict.fromkeys(published.WEIGHTS, b"weights"),
        published.TEXT: b"First Citizen:",
    }

    def get_file(name, origin, *, file_hash, cache_subdir):
        assert origin.startswith("https://") and origin.endswith(name)
        assert len(file_hash) in (32, 64), "every download is checked"
        if name not in files:
            raise Exception(f"URL fetch failure on {origin}")  # as Keras does
        path = tmp_path / "cache" / cache_subdir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[name])
        return str(path)

    monkeypatch.setattr(keras.utils, "get_file", get_file)
    return {"files": files, "fashion": fashion, "cifar10": cifar10}


def test_downloads_are_decoded(server):
    fashion = data.fashion()
    np.testing.assert_array_equal(
        np.rint(fashion.x_test[..., 0] * 255), server["fashion"]["x_test"]
    )
    np.testing.assert_array_equal(fashion.y_train, server["fashion"]["y_train"])
    colour, stored = data.colour("full"), server["cifar10"]
    np.testing.assert_array_equal(np.rint(colour.x_test * 255), stored["x_test"])
    np.testing.assert_array_equal(colour.y_train, np.tile(stored["y_train"], 5))
    digits = data.digits("full")
    assert digits.x_train.shape == (N_TRAIN, 28, 28, 1)
    assert "downloaded" in digits.source


def test_failed_download_names_file_and_command(server):
    server["files"].clear()
    for load, name in (
        (lambda: data.digits("full"), "mnist.npz"),
        (data.cifar10, published.CIFAR10),
        (data.fashion, published.FASHION["x_train"]),
        (lambda: data.text("full"), published.TEXT),
        (lambda: published.weights(published.WEIGHTS[1]), published.WEIGHTS[1]),
    ):
        with pytest.raises(FileNotFoundError, match=name) as error:
            load()
        for word in ("fetch_course_data FOLDER", "COURSE_DATA", "URL fetch failure"):
            assert word in str(error.value)


def test_fetch_fills_a_folder_that_the_lessons_read(server, tmp_path, monkeypatch):
    folder = tmp_path / "classroom"
    fetch_course_data.fill(folder)
    expected = {*published.IMAGE_SHAPES, published.TEXT, *published.WEIGHTS}
    assert {path.name for path in folder.iterdir()} == expected
    downloaded = data.cifar10()
    monkeypatch.setenv("COURSE_DATA", str(folder))
    np.testing.assert_array_equal(data.cifar10().x_train, downloaded.x_train)
    assert len(data.fashion().x_test) == N_TEST


def test_fetch_leaves_nothing_behind_when_a_download_fails(server, tmp_path):
    del server["files"][published.WEIGHTS[1]]  # the last one
    with pytest.raises(FileNotFoundError):
        fetch_course_data.fill(tmp_path / "new")
    assert not (tmp_path / "new").exists()
    old = tmp_path / "old"
    old.mkdir()
    (old / "mnist.npz").write_text("mine")
    with pytest.raises(FileNotFoundError):
        fetch_course_data.fill(old)
    assert [path.name for path in old.iterdir()] == ["mnist.npz"]
    assert (old / "mnist.npz").read_text() == "mine"
