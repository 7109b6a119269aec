"""Lesson 8's own functions: Gram matrices, the three terms, painting and dreaming."""

import os
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import tensorflow as tf

from helpers import data, pictures

matplotlib.use("Agg")
LESSON = "08_style_transfer.ipynb"
ROOT = Path(__file__).resolve().parents[2]
SMALL = (48, 72)
MOST_MEMORY = 3 * 2**30  # bytes, for a picture of 384x256


@pytest.fixture(scope="module")
def photo():
    return pictures.fit(data.photo("pagoda"), *SMALL)[None]


@pytest.fixture(scope="module")
def loss(lesson, photo):
    grams = lesson["grams_of"]([data.style("glass")], 1, SMALL)
    return lesson["transfer_loss"](photo, grams, lesson["WEIGHTS"])


def features(n=3, h=5, w=4, c=6, seed=1):
    return np.random.default_rng(seed).normal(size=(n, h, w, c)).astype("float32")


def test_gram_matrix_by_loops_in_float64(lesson):
    F = features()
    n, h, w, c = F.shape
    expected = np.zeros((n, c, c))
    for example, k, other in np.ndindex(n, c, c):
        product = F[example, :, :, k].astype("float64") * F[example, :, :, other]
        expected[example, k, other] = product.sum() / (h * w * c)
    np.testing.assert_allclose(lesson["gram"](F), expected, rtol=1e-4, atol=1e-6)


def test_a_larger_picture_of_the_same_stuff_has_the_same_gram_matrix(lesson):
    F = features()
    np.testing.assert_allclose(
        lesson["gram"](np.tile(F, (1, 2, 3, 1))),
        lesson["gram"](F),
        rtol=1e-4,
        atol=1e-6,
    )


def test_relative_error_of_a_copy_and_of_nothing(lesson):
    F = features()
    error = lesson["relative_error"]
    np.testing.assert_array_equal(error(F, F), np.zeros(3))
    np.testing.assert_allclose(error(np.zeros_like(F), F), np.ones(3), rtol=1e-5)
    np.testing.assert_allclose(error(3 * F, F), 4 * np.ones(3), rtol=1e-5)


def test_roughness_by_numpy(lesson):
    x = np.random.default_rng(1).random((2, 6, 5, 3)).astype("float32")
    squares = [np.diff(x, axis=a) ** 2 for a in (1, 2)]
    expected = sum(s.sum(axis=(1, 2, 3)) for s in squares) / (6 * 5 * 3)
    np.testing.assert_allclose(lesson["roughness"](x), expected, rtol=1e-5)


def test_features_are_those_of_the_picture_with_its_mirror_images(lesson, photo):
    mirrors = np.pad(photo, ((0, 0), (8, 8), (8, 8), (0, 0)), "reflect")
    wide, found = lesson["features"](mirrors), lesson["features_of"](photo)
    for layer, rim in {"block1_conv1": 8, "block2_conv1": 4, "block3_conv1": 2}.items():
        expected = wide[layer][:, rim:-rim, rim:-rim]
        np.testing.assert_allclose(found[layer], expected, rtol=1e-5)
        whole = lesson["features"](photo)[layer]
        assert found[layer].shape == whole.shape


def test_the_photo_itself_has_no_content_loss(loss, photo):
    values = loss(tf.constant(photo))
    assert float(values["content"]) == pytest.approx(0, abs=1e-6)
    assert float(values["style"]) > 0.05


def test_the_painting_itself_has_no_style_loss(lesson):
    painting = data.style("waves")[None]
    stroke = lesson["STROKE"]
    size = [int(side * stroke) for side in SMALL]
    grams = lesson["grams_of"](painting, 1, SMALL)
    same = lesson["resized"](painting, 1, size)
    found = lesson["features_of"](same)
    assert float(lesson["style_loss"](found, grams)[0]) == pytest.approx(0, abs=1e-6)


def test_the_total_is_the_weighted_sum(lesson, loss, photo):
    values = loss(tf.constant(photo[:, ::-1]))
    weights = lesson["WEIGHTS"]
    total = sum(weight * float(values[name]) for name, weight in weights.items())
    assert float(values["loss"]) == pytest.approx(total, rel=1e-5)


def test_the_gradient_is_the_slope(loss, photo):
    """Along random directions, against central differences."""
    random = np.random.default_rng(1)
    at = tf.constant(
        np.clip(photo + random.normal(0, 0.1, photo.shape), 0, 1), "float32"
    )
    with tf.GradientTape() as tape:
        tape.watch(at)
        value = loss(at)["loss"]
    gradient = tape.gradient(value, at).numpy()
    for _ in range(3):
        direction = np.sign(random.normal(size=photo.shape)) * np.sign(gradient + 1e-12)
        direction = np.where(
            random.random(photo.shape) < 0.9, np.sign(gradient), direction
        )
        width = 1e-3 * direction.astype("float32")
        rise = float(loss(at + width)["loss"]) - float(loss(at - width)["loss"])
        assert rise / 2e-3 == pytest.approx((gradient * direction).sum(), rel=0.03)


def test_descent_clips_pixels_and_notes_every_step(lesson):
    start = np.random.default_rng(1).random((2, 8, 8, 3))
    seen = []
    images, history = lesson["descend"](
        lambda x: {"loss": tf.reduce_sum((x - 2.0) ** 2)}, start, 40, 0.1, seen.append
    )
    assert images.max() == 1 and images.min() >= start.min()
    assert len(history["loss"]) == len(seen) == 40
    np.testing.assert_array_equal(seen[-1], images)
    assert history["loss"][-1] < history["loss"][0]


def test_descent_finds_what_it_is_asked_for(lesson, photo):
    found, history = lesson["descend"](
        lambda x: {"loss": tf.reduce_mean((x - photo) ** 2)}, 0 * photo + 0.5, 150, 0.05
    )
    assert np.abs(found - photo).max() < 0.02


def test_painting_brings_the_style_loss_down_by_four_fifths(lesson, photo):
    style = data.style("glass")[None]
    images, history = lesson["paint"](photo, style, size=SMALL, stages=((1, 25),))
    assert images.shape == photo.shape and 0 <= images.min() and images.max() <= 1
    wanted = lesson["grams_of"](style, 1, SMALL)
    before, after = (
        float(lesson["style_loss"](lesson["features_of"](x), wanted)[0])
        for x in (photo, images)
    )
    assert after < 0.2 * before
    assert set(history[0]) == {"loss", "content", "style", "smoothness"}


def test_pictures_of_one_batch_do_not_know_of_each_other(lesson, photo):
    names, stages = ("glass", "waves"), ((1, 3),)
    styles = np.stack([data.style(name) for name in names])
    both = np.repeat(photo, 2, axis=0)
    together, _ = lesson["paint"](both, styles, size=SMALL, stages=stages)
    for i in range(2):
        alone, _ = lesson["paint"](photo, styles[[i]], size=SMALL, stages=stages)
        assert np.abs(alone[0] - together[i]).mean() < 2e-3


def test_each_picture_of_a_batch_has_its_own_weights(lesson, photo):
    weights = {"content": 1.0, "style": np.float32([0, 50]), "smoothness": 0.0}
    both = np.repeat(photo, 2, axis=0)
    styles = np.repeat(data.style("glass")[None], 2, axis=0)
    grams = lesson["grams_of"](styles, 1, SMALL)
    loss = lesson["transfer_loss"](both, grams, weights)
    images, _ = lesson["descend"](loss, both, 8)
    moved = np.abs(images - both).mean(axis=(1, 2, 3))
    assert moved[1] > 3 * moved[0]


def test_one_tile_is_the_picture_in_its_mirrors(lesson, photo):
    usual = lesson["strength"](photo) + 1.0  # some channels are silent
    rim, margin = lesson["MARGIN"] + lesson["JITTER"], lesson["MARGIN"]
    mirrors = np.pad(photo, ((0, 0), (rim, rim), (rim, rim), (0, 0)), "reflect")
    for y, x in ((0, 0), (5, 11)):
        view = mirrors[:, y : y + 48 + rim + margin, x : x + 72 + rim + margin]
        whole = lesson["uphill"](tf.constant(view), usual)[0]
        expected = whole[rim - y :, rim - x :][:48, :72]
        found = lesson["uphill_in_tiles"](photo[0], usual, 72, (y, x))
        np.testing.assert_allclose(found, expected, atol=1e-7)


def test_tiles_leave_no_seams(lesson, photo):
    """Without the margin around each tile the correlation is 0.73."""
    usual = lesson["strength"](photo) + 1.0
    whole = lesson["uphill_in_tiles"](photo[0], usual, 72)
    tiled = lesson["uphill_in_tiles"](photo[0], usual, 24)
    assert np.corrcoef(whole.ravel(), tiled.ravel())[0, 1] > 0.98


def test_tiles_cover_every_pixel_of_any_size(lesson, photo):
    usual = lesson["strength"](photo) + 1.0
    gradient = lesson["uphill_in_tiles"](photo[0, :45, :61], usual, 32)
    assert gradient.shape == (45, 61, 3)
    assert (np.abs(gradient).max(axis=-1) > 0).mean() > 0.99


def test_a_dream_excites_the_layer_and_stays_a_picture(lesson, photo, monkeypatch):
    monkeypatch.setattr(pictures, "match_colours", lambda image, palette: image)
    dreamt = lesson["dream"](photo[0], octaves=2, steps=4, tile=32)
    assert dreamt.shape == photo[0].shape and 0 <= dreamt.min() and dreamt.max() <= 1
    before, after = (np.asarray(lesson["strength"](x)) for x in (photo, dreamt[None]))
    assert np.sqrt(after / (before + before.mean() / 10)).mean() > 1.3


# The peak of this process alone: ru_maxrss would begin with that of its parent.
MEASURE = """
import re
import numpy as np
from helpers import data, runtime
from tools.notebooks.lesson_code import lesson_code
runtime.setup(seed=1)
lesson = lesson_code("08_style_transfer.ipynb")
photo, style = data.photo("pagoda")[None], data.style("brush")[None]
lesson["paint"](photo, style, size=(256, 384), stages=((1, 2),))
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's /proc")
def test_memory_of_a_picture_of_384_by_256():
    """In a process of its own, with the lesson's layers, for two steps."""
    run = subprocess.run(
        [sys.executable, "-c", MEASURE],
        cwd=ROOT,
        env={**os.environ, "COURSE_PROFILE": "lesson"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(run.stdout.split()[-1]) * 1024 < MOST_MEMORY
