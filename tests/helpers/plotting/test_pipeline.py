"""A model as a picture: nothing covers anything, arrows end at borders."""

import itertools

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from helpers import plotting
from helpers.plotting import pipeline

VAE = {
    "boxes": {
        "x": (0, 1, "picture $x$"),
        "q": (2, 1, "$\\mu, \\log\\sigma^2$"),
        "eps": (2, 0, "noise $\\varepsilon$"),
        "z": (3, 1, "code $z$"),
        "x_hat": (5, 1, "logits of $\\hat x$"),
    },
    "networks": {"encoder": (1, 1), "decoder": (4, 1)},
    "losses": {
        "KL": (2, 2, "KL$(q\\,\\|\\,p)$", "encoder"),
        "reconstruction": (5, 2, "$-\\log p(x|z)$", ["encoder", "decoder"]),
    },
    "arrows": [
        ("x", "encoder", "q", "z", "decoder", "x_hat", "reconstruction"),
        ("eps", "z", [(3, 0)]),
        ("q", "KL"),
        ("x", "reconstruction", [(0, 2.75), (5, 2.75)]),
    ],
}


@pytest.fixture(autouse=True)
def style():
    with plt.style.context("default"):
        plotting.use_style()
        yield
    plt.close("all")


def extents(ax, kind):
    ax.figure.draw_without_rendering()
    patches = [p for p in ax.patches if type(p) is kind]
    return [p.get_path().transformed(p.get_transform()).get_extents() for p in patches]


def words(ax):
    return [text.get_text() for text in ax.texts]


def test_every_box_and_loss_is_written_and_every_learner_named_at_its_loss():
    ax = pipeline(**VAE, title="A VAE")
    said = words(ax)
    for _, _, written in VAE["boxes"].values():
        assert written in said
    assert said.count("encoder") == 3 and said.count("decoder") == 2
    assert "A VAE" in said and any("who learns" in text for text in said)


def test_no_words_overlap_and_all_are_inside_the_figure():
    ax = pipeline(**VAE, title="A VAE")
    ax.figure.draw_without_rendering()
    spans = [text.get_window_extent() for text in ax.texts]
    for one, other in itertools.combinations(spans, 2):
        assert not one.overlaps(other)
    for span in [*spans, *extents(ax, FancyBboxPatch), *extents(ax, FancyArrowPatch)]:
        assert np.all(span.min >= 0) and np.all(span.max <= ax.figure.bbox.max)


def test_the_figure_is_no_wider_than_a_notebook():
    assert pipeline(**VAE).figure.get_size_inches()[0] <= plotting.WIDTH + 1e-6


def test_an_arrow_goes_from_border_to_border():
    ax = pipeline({"a": (0, 0), "b": (1, 0)}, {}, {}, [("a", "b")])
    (a, b), (arrow,) = extents(ax, FancyBboxPatch), extents(ax, FancyArrowPatch)
    assert arrow.x0 == pytest.approx(a.x1, abs=3)
    assert arrow.x1 == pytest.approx(b.x0, abs=3)
    assert b.y0 < (arrow.y0 + arrow.y1) / 2 < b.y1


def test_a_chain_is_one_arrow_after_the_other():
    boxes = {"a": (0, 0), "b": (1, 0), "c": (2, 0)}
    ax = pipeline(boxes, {}, {}, [("a", "b", "c")])
    assert len(extents(ax, FancyArrowPatch)) == 2
    assert "a to b, b to c" in ax.get_label()


def test_arrows_there_and_back_lie_apart():
    ways = [("a", "b"), ("b", "a")]
    ax = pipeline({"a": (0, 0), "b": (1, 0)}, {}, {}, ways)
    there, back = extents(ax, FancyArrowPatch)
    assert not there.overlaps(back)


def test_what_learns_has_a_colour_of_its_own_and_what_does_not_is_grey():
    networks = {"encoder": (1, 1), "decoder": (4, 1), "judge": (4, 0)}
    ax = pipeline(**VAE | {"networks": networks})
    edges = [p.get_edgecolor() for p in ax.patches if type(p) is FancyBboxPatch]
    encoder, decoder, judge = (edges[len(VAE["boxes"]) + i] for i in range(3))
    assert len({*judge[:3]}) == 1 and len({*encoder[:3]}) == 3
    assert encoder != decoder


def test_a_gradient_is_dashed_and_has_the_colour_of_who_learns():
    ax = pipeline(**VAE, gradients=[("KL", "encoder", [(1, 2)])])
    *solid, dashed = [p for p in ax.patches if type(p) is FancyArrowPatch]
    assert all(p.get_linestyle() == "-" for p in solid)
    assert dashed.get_linestyle() != "-"
    encoder = [p for p in ax.patches if type(p) is FancyBboxPatch][len(VAE["boxes"])]
    assert dashed.get_edgecolor() == encoder.get_edgecolor()


def test_a_box_may_learn_too():
    losses = {"style": (1, 0, "style", "image")}
    ax = pipeline({"image": (0, 0)}, {}, losses, [("image", "style")])
    assert "image from style" in ax.get_label()


def test_the_label_says_the_picture_in_words():
    label = pipeline(**VAE, title="A VAE").get_label()
    assert label.startswith("A VAE") and "eps to z" in label
    assert "encoder and decoder from reconstruction" in label


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"arrows": [("x", "decodr")]}, "no box is called .*decodr"),
        ({"gradients": [("kl", "encoder")]}, "no box is called .*'kl'"),
        ({"losses": {"KL": (2, 2, "KL", ["judge"])}, "arrows": []}, "'judge'"),
        ({"networks": {"x": (1, 1)}}, "'x' is given twice"),
        ({"networks": {"encoder": (1, 1), "decoder": (1, 1.1)}}, "overlap"),
        ({"arrows": [("x", "encoder", "z", [(3, 0)])]}, "neither a chain"),
        ({"arrows": [("x",)]}, "neither a chain"),
        ({"arrows": [("x", "z")]}, "crosses 'q'"),
        ({"networks": {"encoder": (1, 1, "w" * 80), "decoder": (4, 1)}}, "too wide"),
    ],
)
def test_it_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        pipeline(**VAE | change)
