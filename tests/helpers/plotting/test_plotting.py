"""Figures: what they show, that their texts do not overlap, what they refuse."""

import itertools
import subprocess
import sys

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import seaborn as sns

from helpers import data, plotting
from helpers.plotting import lettering

RNG = np.random.default_rng(0)
DIGITS = RNG.random((12, 8, 6, 1))


@pytest.fixture(autouse=True)
def style():
    with plt.style.context("default"):
        plotting.use_style()
        yield
    plt.close("all")


def picture(ax):
    return np.asarray(ax.images[0].get_array())


def texts(ax):
    return [text.get_text() for text in ax.texts]


def boxes(ax):
    ax.figure.draw_without_rendering()
    return [text.get_window_extent() for text in ax.texts]


def assert_apart(ax):
    for one, other in itertools.combinations(boxes(ax), 2):
        assert not one.overlaps(other)


def test_the_style_has_seaborn_s_colour_blind_palette():
    cycle = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    assert ["#" + colour.lstrip("#") for colour in cycle] == list(plotting.PALETTE)
    assert list(plotting.PALETTE) == sns.color_palette("colorblind").as_hex()
    assert not plt.rcParams["axes.spines.top"]


def test_one_image_is_shown_with_its_values_and_words():
    ax = plotting.show_image(DIGITS[0], title="seven", caption="MSE 0.1")
    assert np.array_equal(picture(ax), DIGITS[0, ..., 0])
    assert (ax.get_title(loc="left"), ax.get_xlabel()) == ("seven", "MSE 0.1")


def test_a_grid_places_every_image_and_clips_its_values():
    ax = plotting.image_grid(3 * DIGITS[:5] - 1, columns=3, pad=2)
    sheet = picture(ax)
    assert sheet.shape == (2 * 8 + 2, 3 * 6 + 2 * 2)
    assert np.array_equal(sheet[10:, 8:14], np.clip(3 * DIGITS[4, ..., 0] - 1, 0, 1))
    assert (sheet[10:, 16:] == 1).all()  # the empty place


def test_a_grid_takes_colour_and_titles():
    ax = plotting.image_grid(RNG.random((4, 8, 8, 3)), titles=[0, 1, 2, 3], columns=2)
    assert picture(ax).shape[-1] == 3
    assert texts(ax) == ["0", "1", "2", "3"]
    assert_apart(ax)


def test_rows_are_named_and_captioned_and_grey_joins_colour():
    rows = {"original": DIGITS[:5], "PCA": RNG.random((5, 8, 6, 3))}
    ax = plotting.image_rows(rows, captions={"PCA": 0.05612})
    assert [label.get_text() for label in ax.get_yticklabels()] == list(rows)
    assert texts(ax) == ["0.0561"]
    assert np.array_equal(picture(ax)[:8, :6], np.repeat(DIGITS[0], 3, axis=-1))


def test_the_manifold_s_first_tile_is_below_and_the_last_above():
    x_values, y_values = np.linspace(-2, 2, 3), np.linspace(-1, 1, 4)
    ax = plotting.manifold(DIGITS, x_values, y_values)
    sheet = picture(ax)
    assert np.array_equal(sheet[-8:, :6], DIGITS[0, ..., 0])
    assert np.array_equal(sheet[-8:, -6:], DIGITS[2, ..., 0])
    assert np.array_equal(sheet[:8, -6:], DIGITS[11, ..., 0])
    assert [t.get_text() for t in ax.get_xticklabels()] == ["−2", "0", "2"]
    heights = dict(zip(ax.get_yticks(), ax.get_yticklabels(), strict=True))
    assert heights[max(heights)].get_text() == "−1"  # the image's y points down


def test_curves_are_named_at_their_ends_without_overlap():
    t = np.arange(20)
    lines = {f"line {i}": np.exp(-t) + 0.001 * i for i in range(5)}
    ax = plotting.curves(lines, ylabel="MSE")
    assert sorted(texts(ax)) == sorted(lines)
    assert_apart(ax)
    assert ax.get_legend() is None
    assert np.array_equal(ax.lines[0].get_xdata(), t + 1)
    floor = ax.get_window_extent().y0
    assert all(box.y0 >= floor - 1 for box in boxes(ax))


def test_runs_of_a_curve_become_a_mean_and_a_band():
    runs = RNG.random((3, 10))
    ax = plotting.curves({"VAE": runs}, x=np.arange(10))
    assert np.allclose(ax.lines[0].get_ydata(), runs.mean(axis=0))
    assert len(ax.collections) == 1


def test_a_logarithmic_axis_has_plain_numbers():
    ax = plotting.curves({"PCA": [0.056, 0.034, 0.0057]}, x=[2, 10, 100], log=True)
    ax.figure.draw_without_rendering()
    shown = [t.get_text() for t in ax.get_yticklabels(which="both") if t.get_text()]
    assert "0.01" in shown and all(float(text) > 0 for text in shown)


def test_classes_are_named_at_their_medians():
    codes = np.concatenate([RNG.normal(0, 0.1, (50, 2)), RNG.normal(5, 0.1, (50, 2))])
    ax = plotting.code_scatter(codes, np.repeat([0, 2], 50), class_names="abc")
    assert texts(ax) == ["a", "c"]
    assert np.allclose(ax.texts[1].xy, np.median(codes[50:], axis=0))
    assert ax.get_aspect() == 1
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("$z_1$", "$z_2$")


@pytest.mark.parametrize("spread", [0.0, 0.01])
def test_names_of_classes_with_the_same_centre_do_not_overlap(spread):
    codes = RNG.normal(0, 1, (500, 2))
    codes[:20] = spread * RNG.normal(size=(20, 2))
    ax = plotting.code_scatter(codes[:20], np.arange(20) % 10, limits=(-3, 3))
    assert_apart(ax)
    assert ax.get_xlim() == (-3, 3)


def test_every_class_of_real_digits_is_named():
    digits = data.digits("smoke")
    flat = digits.x_train.reshape(len(digits.x_train), -1)
    centred = flat - flat.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:2]
    ax = plotting.code_scatter(centred @ axes.T, digits.y_train)
    assert texts(ax) == list("0123456789")
    assert_apart(ax)


def test_codes_without_labels_have_no_names():
    assert texts(plotting.code_scatter(RNG.normal(size=(9, 2)), None)) == []


def test_bars_carry_their_numbers():
    ax = plotting.bars({"PCA": 0.5, "VAE": -2.0}, errors={"PCA": 0.1}, form="{:.1f}")
    assert texts(ax) == ["0.5", "−2.0"]
    assert [bar.get_width() for bar in ax.patches] == [0.5, -2.0]


def test_zero_is_white_in_a_matrix():
    ax = plotting.matrix([[0.0, 3.0], [-1.0, 0.0]], annotate=True)
    mesh = ax.collections[0]
    mesh.update_scalarmappable()
    assert np.allclose(mesh.get_facecolors()[0], 1, atol=0.02)
    assert mesh.get_clim() == (-3, 3)
    assert texts(ax) == ["0", "3", "-1", "0"]


@pytest.mark.parametrize("n", [1, 2, 5, 15, 20, 30])
def test_the_ticks_of_a_manifold_reach_both_ends(n):
    some = lettering.evenly(n)
    assert some[0] == 0 and some[-1] == n - 1 and len(some) <= 8


def test_heights_move_apart_as_little_as_needed():
    assert lettering.apart([0, 100], gap=10) == [0, 100]
    assert np.allclose(lettering.apart([50, 50, 50], gap=10), [40, 50, 60])
    assert np.allclose(lettering.apart([0, 1, 30], gap=10), [-4.5, 5.5, 30])
    assert np.allclose(lettering.apart([0, 1, 30], gap=10, floor=0), [0, 10, 30])


NAN = np.full((2, 4, 4), np.nan)
BAD = {
    "an empty grid": lambda: plotting.image_grid(np.zeros((0, 4, 4))),
    "NaN in images": lambda: plotting.image_grid(NAN),
    "bytes": lambda: plotting.image_grid(np.full((2, 4, 4), 200, np.uint8)),
    "two channels": lambda: plotting.image_grid(np.zeros((2, 4, 4, 2))),
    "one image as a grid": lambda: plotting.image_grid(np.zeros((4, 4))),
    "no column": lambda: plotting.image_grid(DIGITS, columns=0),
    "too few titles": lambda: plotting.image_grid(DIGITS, titles=["a"]),
    "a batch as an image": lambda: plotting.show_image(DIGITS),
    "no row": lambda: plotting.image_rows({}),
    "unequal rows": lambda: plotting.image_rows({"a": DIGITS, "b": DIGITS[:2]}),
    "a stray caption": lambda: plotting.image_rows({"a": DIGITS}, captions={"b": 1}),
    "a wrong grid": lambda: plotting.manifold(DIGITS, range(3), range(3)),
    "no line": lambda: plotting.curves({}),
    "an empty line": lambda: plotting.curves({"a": []}),
    "NaN in a line": lambda: plotting.curves({"a": [1, np.nan]}),
    "x too short": lambda: plotting.curves({"a": [1, 2]}, x=[1]),
    "log of zero": lambda: plotting.curves({"a": [1, 0]}, log=True),
    "three-dimensional codes": lambda: plotting.code_scatter(np.ones((4, 3)), None),
    "too few labels": lambda: plotting.code_scatter(np.ones((4, 2)), [0, 1]),
    "NaN in codes": lambda: plotting.code_scatter([[np.nan, 1]], [0]),
    "no bar": lambda: plotting.bars({}),
    "a stray error": lambda: plotting.bars({"a": 1}, errors={"b": 1}),
    "a vector as a matrix": lambda: plotting.matrix([1, 2]),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused(case):
    with pytest.raises(ValueError):
        BAD[case]()


def test_no_tensorflow_is_imported():
    program = "import sys; from helpers import plotting; print('keras' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_epochs_have_no_fractions_on_their_axis():
    ax = plotting.curves({"loss": [3.0, 2.0]})
    ax.figure.canvas.draw()
    assert np.array_equal(ax.get_xticks(), np.round(ax.get_xticks()))
    at = plotting.curves({"loss": [3.0, 2.0]}, x=[0.1, 0.2]).get_xticks()
    assert np.any(at != np.round(at))


def test_the_cell_of_an_lstm_is_a_picture_with_words():
    ax = plotting.lstm_cell()
    written = {text.get_text() for text in ax.texts}
    assert {
        "$c_{t-1}$",
        "$c_t$",
        "$h_t$",
        "$e_t, h_{t-1}$",
        "×",
        "+",
        "tanh",
    } <= written
    assert "forget gate" in ax.get_label()
    assert plotting.lstm_cell(ax) is ax
