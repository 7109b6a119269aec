"""The feature extractor: preprocessing, layers, and the full profile's weights."""

import hashlib

import h5py
import keras
import matplotlib
import numpy as np
import pytest

from helpers import data
from helpers.data import published
from helpers.pictures import pretrained
from tools.notebooks.lesson_code import lesson_code

VGG16 = [
    f"block{b}_conv{i}" for b, n in ((1, 2), (2, 2), (3, 3)) for i in range(1, n + 1)
]
VGG16.append("block4_conv1")


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(1).random((2, 32, 48, 3)).astype("float32")


def numpy_layer(x, kernel, bias):
    """A 3x3 convolution with zeros around it and a ReLU, (h, w, c) in float64."""
    h, w, _ = x.shape
    padded = np.pad(np.asarray(x, "float64"), ((1, 1), (1, 1), (0, 0)))
    out = np.zeros((h, w, len(bias))) + bias
    for i in range(3):
        for j in range(3):
            out += padded[i : i + h, j : j + w] @ np.asarray(kernel[i, j], "float64")
    return np.maximum(out, 0)


def numpy_pool(x, pooling):
    h, w, c = x.shape
    tiles = x[: h // 2 * 2, : w // 2 * 2].reshape(h // 2, 2, w // 2, 2, c)
    return tiles.mean((1, 3)) if pooling == "average" else tiles.max((1, 3))


def test_vgg_preprocessing_is_keras_own(images):
    expected = keras.applications.vgg19.preprocess_input(images * 255.0)
    found = np.asarray(pretrained.to_vgg(images, "vgg19"))
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_the_bundled_network_wants_means_close_to_keras_own(images):
    difference = pretrained.to_vgg(images, "vgg16") - pretrained.to_vgg(images, "vgg19")
    assert np.abs(difference).max() < 1.01


def test_red_comes_last():
    red = np.array([[[[1.0, 0.0, 0.0]]]], "float32")
    blue, green, last = np.asarray(pretrained.to_vgg(red))[0, 0, 0]
    np.testing.assert_allclose(
        [blue, green, last], [-104.007, -116.669, 132.321], atol=1e-3
    )


def test_inception_preprocessing_is_keras_own(images):
    expected = keras.applications.inception_v3.preprocess_input(images * 255.0)
    np.testing.assert_allclose(pretrained.to_inception(images), expected, atol=1e-5)


@pytest.mark.parametrize("pooling", ["average", "max"])
def test_agrees_with_numpy_through_two_blocks(images, pooling):
    names = ["block1_conv1", "block2_conv1"]
    found = pretrained.extractor("vgg16", names, pooling)(images)
    arrays = data.vgg16_weights()
    for i, image in enumerate(images):
        x = image[..., ::-1] * 255.0 - np.array(pretrained.VGG_MEANS["vgg16"])
        for name in ("block1_conv1", "block1_conv2", "block2_conv1"):
            x = numpy_pool(x, pooling) if name == "block2_conv1" else x
            x = numpy_layer(x, arrays[f"{name}_kernel"], arrays[f"{name}_bias"])
            if name in found:
                np.testing.assert_allclose(found[name][i], x, rtol=1e-3, atol=0.05)


@pytest.mark.parametrize("size", [(32, 48), (33, 47), (65, 40)])
def test_shapes_of_all_layers(size):
    outputs = pretrained.extractor("vgg16", VGG16)(np.zeros((2, *size, 3), "float32"))
    assert list(outputs) == VGG16
    for name, found in outputs.items():
        block = int(name[5])
        h, w = (side // 2 ** (block - 1) for side in size)
        assert found.shape == (2, h, w, 64 * 2 ** (block - 1))


def test_built_no_deeper_than_asked_and_frozen():
    model = pretrained.extractor("vgg16", "block2_conv1")
    convolutions = [layer.name for layer in model.layers if layer.weights]
    assert convolutions == VGG16[:3]
    assert model.trainable_variables == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("vgg11", ["block1_conv1"]), "no network 'vgg11'; there are vgg16, vgg19"),
        (("vgg16", ["block5_conv1"]), "no layers .'block5_conv1'.; there are block1"),
        (("vgg16", []), "no layers .*there are block1_conv1"),
        (("vgg16", ["block1_conv1"], "mean"), "choose 'average' or 'max'"),
    ],
)
def test_wrong_arguments_are_answered_in_words(arguments, words):
    with pytest.raises(ValueError, match=words):
        pretrained.extractor(*arguments)


# The full profile, without a network: weight files of the right name and shapes.


def write_weights(model, path, random):
    """Write small random weights as a Keras application's file has them."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{i}".encode() for i, _ in enumerate(layer.weights)]
            group.attrs["weight_names"] = names
            for name, weight in zip(names, layer.weights, strict=True):
                values = 0.01 * random.standard_normal(weight.shape)
                if "variance" in weight.path:
                    values = 1 + values**2
                group[name.decode()] = values.astype("float32")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A COURSE_DATA folder with weights for VGG-19 and Inception v3."""
    folder = tmp_path_factory.mktemp("course_data")
    random = np.random.default_rng(1)
    applications = (keras.applications.VGG19, keras.applications.InceptionV3)
    for name, application in zip(published.WEIGHTS, applications, strict=True):
        model = application(include_top=False, weights=None)
        write_weights(model, folder / name, random)
    return folder


@pytest.fixture
def classroom(folder, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(folder))
    for name in published.WEIGHTS:
        origin, _, cache = published.DOWNLOADS[name]
        checksum = hashlib.md5((folder / name).read_bytes()).hexdigest()
        monkeypatch.setitem(published.DOWNLOADS, name, (origin, checksum, cache))
    return folder


def test_vgg19_holds_the_weights_of_the_file(classroom, images):
    names = ["block1_conv1", "block4_conv2", "block5_conv1"]
    model = pretrained.extractor("vgg19", names)
    with h5py.File(classroom / published.WEIGHTS[0]) as file:
        for name in names:
            kernel, bias = model.get_layer(name).get_weights()
            np.testing.assert_array_equal(kernel, file[name][f"{name}/0"])
            np.testing.assert_array_equal(bias, file[name][f"{name}/1"])
        x = images[0][..., ::-1] * 255.0 - np.array(pretrained.VGG_MEANS["vgg19"])
        kernel, bias = (file[f"block1_conv1/block1_conv1/{i}"][()] for i in (0, 1))
    found = model(images)
    expected = numpy_layer(x, kernel, bias)
    np.testing.assert_allclose(found["block1_conv1"][0], expected, rtol=1e-3, atol=0.05)
    assert found["block5_conv1"].shape == (2, 2, 3, 512)


def test_vgg19_with_max_pooling_is_keras_own_model(classroom, images):
    path = str(classroom / published.WEIGHTS[0])
    reference = keras.applications.VGG19(include_top=False, weights=path)
    reference = keras.Model(reference.input, reference.get_layer("block3_conv4").output)
    inputs = keras.applications.vgg19.preprocess_input(images * 255.0)
    found = pretrained.extractor("vgg19", "block3_conv4", "max")(images)["block3_conv4"]
    np.testing.assert_allclose(found, reference(inputs), rtol=1e-3, atol=1e-3)


@pytest.mark.slow
def test_inception_is_keras_own_model(classroom):
    images = np.random.default_rng(2).random((1, 96, 96, 3)).astype("float32")
    path = str(classroom / published.WEIGHTS[1])
    reference = keras.applications.InceptionV3(include_top=False, weights=path)
    reference = keras.Model(reference.input, reference.get_layer("mixed3").output)
    model = pretrained.extractor("inception_v3", ["mixed3"])
    assert model.trainable_variables == []
    found = model(images)["mixed3"]
    np.testing.assert_allclose(found, reference(2 * images - 1), rtol=1e-3, atol=1e-4)
    with pytest.raises(ValueError, match="no layers .'mixed99'.; there are mixed0"):
        pretrained.extractor("inception_v3", ["mixed99"])


def test_weights_that_are_missing_or_altered_name_the_cure(
    classroom, monkeypatch, tmp_path
):
    monkeypatch.setitem(
        published.DOWNLOADS, published.WEIGHTS[0], ("", "0" * 32, "models")
    )
    with pytest.raises(
        ValueError, match="vgg19.*cut short or altered.*fetch_course_data"
    ):
        pretrained.extractor("vgg19", ["block1_conv1"])
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="vgg19.*fetch_course_data"):
        pretrained.extractor("vgg19", ["block1_conv1"])


@pytest.mark.slow
def test_the_lesson_in_the_full_profile(classroom, monkeypatch):
    """The same cells, with VGG-19 to paint and Inception v3 to dream."""
    matplotlib.use("Agg")
    monkeypatch.setenv("COURSE_PROFILE", "full")
    lesson = lesson_code("08_style_transfer.ipynb")
    assert lesson["features"].name == "vgg19"
    assert lesson["dreamer"].name == "inception_v3"
    photo, style = data.photo("cat")[None], data.style("brush")[None]
    images, history = lesson["paint"](photo, style, size=(64, 96), stages=((1, 2),))
    assert images.shape == (1, 64, 96, 3) and np.isfinite(images).all()
    assert np.isfinite(history[0]["loss"]).all()
    dreamt = lesson["dream"](images[0], octaves=1, steps=1)
    assert dreamt.shape == (64, 96, 3) and np.isfinite(dreamt).all()


def test_unlike_takes_no_map_twice_and_no_copy_before_all_others():
    left, top = np.zeros((2, 6, 6))
    left[:, :3], top[:3] = 2, 1
    maps = np.stack([left, 0.9 * left, top, np.tri(6), np.eye(6)])
    found = pretrained.unlike(maps, 3)
    np.testing.assert_array_equal(found[0], left)
    assert not any(np.array_equal(one, 0.9 * left) for one in found)
    assert len(np.unique(pretrained.unlike(maps, 5).reshape(5, -1), axis=0)) == 5
    with pytest.raises(ValueError, match="5 maps: 6"):
        pretrained.unlike(maps, 6)
