"""The explorers without a browser: traits and messages in, pictures and words out."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers import widgets
from helpers.widgets import coordinates, decoding, drawing, front_end
from tests.browser import toy

ROOT = Path(__file__).resolve().parents[3]


def pixels_of(images):
    """What the picture of a decoded image must be, byte for byte."""
    return np.round(np.clip(images, 0, 1) * 255).astype(np.uint8).reshape(28, 28)


def latent(decode=toy.decode, **options):
    codes, labels = toy.codes(200)
    return widgets.LatentExplorer(decode, codes, labels, **options)


def ask(widget, buffers=(), **message):
    """Do what the browser does: send a message, read the answer."""
    widget._on_message(widget, {"id": "page:1", **message}, list(buffers))
    assert widget.answer["id"] == "page:1"
    return widget.answer


class Fails:
    """A decoder that raises when z[0] is beyond 1, and counts its calls."""

    calls = 0

    def __call__(self, z, y=None):
        self.calls += 1
        if len(z) == 1 and z[0, 0] > 1:
            raise ArithmeticError("the decoder is\nout of its depth")
        return toy.decode(z, y)


# LatentExplorer


def test_setting_z_in_python_decodes_it():
    widget = latent()
    widget.z = (1.25, -0.5)
    expected = toy.decode(np.array([[1.25, -0.5]], np.float32))
    assert widget.images.shape == (1, 28, 28, 1)
    assert (widget.images[0, ..., 0] == pixels_of(expected)).all()


def test_setting_the_label_in_python_decodes_that_class():
    widget = latent(n_classes=10)
    widget.z = np.array([0.5, 0.5])
    before = widget.images.copy()
    widget.label = 7
    expected = toy.decode(np.full((1, 2), 0.5, np.float32), np.array([7]))
    assert (widget.images[0, ..., 0] == pixels_of(expected)).all()
    assert (widget.images != before).any()


def test_decode_gets_the_types_it_was_promised():
    seen = []

    def decode(z, y):
        if isinstance(z, np.ndarray):  # else it is being traced, to be exported
            seen.append((z.dtype, z.shape[1], y.dtype, len(z) == len(y)))
        return toy.decode(z, y)

    latent(decode, n_classes=10).label = 3
    assert set(seen) == {(np.dtype("float32"), 2, np.dtype("int32"), True)}


def test_a_request_from_the_browser_is_answered_with_its_id():
    widget = latent(n_classes=10)
    answer = ask(widget, kind="decode", z=[0.1, 0.2], label=4)
    assert (answer["z"], answer["label"], answer["error"]) == ([0.1, 0.2], 4, "")
    assert widget.z == [0.1, 0.2] and widget.label == 4
    expected = toy.decode(np.array([[0.1, 0.2]], np.float32), np.array([4]))
    assert (widget.images[0, ..., 0] == pixels_of(expected)).all()


def test_a_nudge_costs_nothing_and_is_not_answered():
    decode = Fails()
    widget = latent(decode)
    before, answer = decode.calls, dict(widget.answer)
    widget._on_message(widget, {"kind": "nudge"}, [])
    assert decode.calls == before and widget.answer == answer


def test_a_request_costs_one_decode():
    decode = Fails()
    widget = latent(decode, n_classes=10)
    before = decode.calls
    ask(widget, kind="decode", z=[0.1, 0.2], label=4)
    assert decode.calls == before + 1


def test_the_tiles_are_decodes_at_known_points():
    widget = latent(n_classes=10)
    ask(widget, kind="tiles", z=[0.3, 0.4], label=6, axes=[0, 1])
    side = round(widget.tiles_of["shape"][0] ** 0.5)
    tiles = np.frombuffer(widget.tiles, np.uint8).reshape(widget.tiles_of["shape"])
    (left, right), (low, high) = widget.limits
    column, row = 3, side - 2
    z = [
        left + (right - left) * column / (side - 1),
        low + (high - low) * row / (side - 1),
    ]
    expected = toy.decode(np.array([z], np.float32), np.array([6]))
    tile = tiles[row * side + column, ..., 0]
    np.testing.assert_allclose(tile.astype(int), pixels_of(expected), atol=1)
    assert widget.tiles_of["label"] == 6


def test_the_tiles_of_other_axes_keeps_the_other_dimensions():
    seen = []

    def decode(z):
        seen.append(z)
        return toy.decode(z)

    widget = widgets.LatentExplorer(decode, latent_dim=4)
    ask(widget, kind="tiles", z=[1, 2, 0, 0.5], label=-1, axes=[2, 0])
    z = seen[-1]
    assert set(z[:, 1]) == {2} and set(z[:, 3]) == {0.5}
    assert z[0, 2] == -3 and z[1, 2] > -3 and z[0, 0] == z[1, 0] == -3
    assert widget.axes == [2, 0] == widget.tiles_of["axes"]


def test_large_pictures_have_small_tiles():
    def decode(z):
        return np.zeros((len(z), 256, 192, 3), np.float32)

    widget = widgets.LatentExplorer(decode)
    assert len(widget.tiles) <= 1_300_000
    assert widget.shape == [1, 256, 192, 3]


def test_when_the_decoder_raises_the_last_picture_stays_and_the_error_is_shown():
    widget = latent(Fails())
    widget.z = (0.5, 0)
    before = widget.images.copy()
    widget.z = (1.5, 0)
    assert widget.error == "ArithmeticError: the decoder is"
    assert (widget.images == before).all()
    widget.z = (0.75, 0)
    assert widget.error == ""
    assert (widget.images != before).any()


def test_an_error_is_answered_so_that_the_browser_does_not_wait_for_ever():
    answer = ask(latent(Fails()), kind="decode", z=[1.5, 0], label=-1)
    assert "ArithmeticError" in answer["error"]


def test_an_interrupt_is_answered_too():
    def decode(z):
        if len(z) == 1 and z[0, 0] == 1:
            raise KeyboardInterrupt
        return toy.decode(z)

    answer = ask(latent(decode), kind="decode", z=[1, 0], label=-1)
    assert answer["error"] == "KeyboardInterrupt"


def test_a_point_that_is_none_is_answered_with_an_error():
    widget = latent()
    for z in ([1], [np.nan, 0], None):
        assert ask(widget, kind="decode", z=z, label=-1)["error"]
    assert ask(widget, kind="decode", z=[0, 0], label=5)["error"]


def test_values_outside_are_clipped_and_it_is_said_once():
    widget = widgets.LatentExplorer(lambda z: 3 * toy.decode(z) - 1)
    assert "clipped to [0, 1]" in widget.notice
    assert widget.images.min() == 0 and widget.images.max() == 255
    first = widget.notice
    widget.z = (2, 2)
    assert widget.notice == first


def test_values_inside_are_not_remarked_on():
    assert latent().notice == ""


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 1), (28, 28, 3), (20, 44, 3)])
def test_pictures_of_every_shape(shape):
    widget = widgets.LatentExplorer(lambda z: np.full((len(z), *shape), 0.5))
    assert widget.images.shape == (1, *shape[:2], shape[2] if len(shape) > 2 else 1)
    assert (widget.images == 128).all()


def test_uint8_pictures_are_taken_as_they_are():
    widget = widgets.LatentExplorer(lambda z: np.full((len(z), 8, 8), 7, np.uint8))
    assert (widget.images == 7).all() and widget.notice == ""


def test_anything_that_numpy_can_read_is_a_picture():
    class Tensor:
        def __array__(self, dtype=None, copy=None):
            return np.full((self.n, 8, 8), 1.0)

    def decode(z):
        made = Tensor()
        made.n = len(z)
        return made

    assert (widgets.LatentExplorer(decode).images == 255).all()


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((3, 8, 8)), "shape \\(3, 8, 8\\) for 1 codes"),
        (np.zeros((1, 8)), "expected \\(1, h, w\\)"),
        (np.zeros((1, 8, 8, 2)), "1 or 3"),
        (np.full((1, 8, 8), np.nan), "NaN or infinity"),
    ],
)
def test_what_is_no_picture_is_refused(images, message):
    with pytest.raises(ValueError, match=message):
        decoding.to_pixels(images, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"decode": None}, "decode is None"),
        ({"latent_dim": 1}, "a plane needs 2"),
        ({"codes": np.zeros((5, 3)), "latent_dim": 2}, "give \\(n, 2\\)"),
        ({"codes": np.zeros((0, 2))}, "n at least 1"),
        ({"codes": np.full((5, 2), np.nan)}, "diverged"),
        ({"codes": np.zeros((5, 2)), "labels": np.zeros(4, int)}, "for 5 codes"),
        ({"codes": np.zeros((5, 2)), "labels": np.zeros(5)}, "give integers"),
        ({"codes": np.zeros((5, 2)), "labels": np.full(5, -2)}, "numbered from 0"),
        ({"labels": np.zeros(5, int)}, "labels are given without codes"),
        ({"limits": (1, 1)}, "below its high"),
        ({"limits": (0, np.inf)}, "below its high"),
        ({"limits": (1, 2, 3)}, "such pairs"),
        ({"n_classes": 0}, "n_classes is 0"),
        ({"n_classes": 3, "class_names": ["a"]}, "1 class_names for 3 classes"),
        ({"n_classes": 3, "label": 3}, "there are 3 classes"),
        ({"axes": (0, 0)}, "give two of 0 to 1"),
        ({"axes": (0, 2)}, "give two of 0 to 1"),
        ({"z": (0, 0, 0)}, "give 2 finite numbers"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        widgets.LatentExplorer(**{"decode": toy.decode, **options})


def test_a_decoder_that_fails_at_once_fails_in_the_cell():
    def decode(z):
        raise ArithmeticError("no weights")

    with pytest.raises(ArithmeticError, match="no weights"):
        widgets.LatentExplorer(decode)


def test_setting_what_is_no_point_or_class_is_refused():
    widget = latent(n_classes=10)
    with pytest.raises(ValueError, match="give 2 finite numbers"):
        widget.z = (1, 2, 3)
    with pytest.raises(ValueError, match="there are 10 classes"):
        widget.label = 10


def test_limits_follow_the_codes():
    codes = np.array([[-10, 0], [30, 0.5]], np.float32)
    limits = coordinates.check_limits(None, codes)
    assert limits[0][0] < -10 and limits[0][1] > 30
    assert limits[1][0] < 0 and 0.5 < limits[1][1] < 0.6


def test_a_dead_dimension_still_has_a_range():
    limits = coordinates.check_limits(None, np.array([[0, 1], [5, 1]], np.float32))
    assert limits[1][0] < 1 < limits[1][1]


def test_many_codes_are_thinned_with_their_labels():
    codes = np.arange(10_000, dtype=np.float32).repeat(2).reshape(-1, 2)
    kept, labels = coordinates.check_codes(codes, np.arange(10_000) % 7, 2)
    assert len(kept) == coordinates.MOST_POINTS
    assert (labels == kept[:, 0].astype(int) % 7).all()


def test_where_there_are_no_widgets_there_is_a_contact_sheet():
    data, _ = latent(n_classes=10)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert Image.open(io.BytesIO(data["image/png"])).size[0] > 400
    shown = latent().static()
    assert Image.open(io.BytesIO(shown.data)).size[0] > 400


def test_the_contact_sheet_needs_no_decode():
    decode = Fails()
    widget = latent(decode)
    before = decode.calls
    widget.static()
    assert decode.calls == before


def test_a_contact_sheet_has_a_plane_for_each_caption():
    black_and_white = np.repeat([[0.0, 1.0]], 8, axis=1).repeat(8, axis=0)
    widths = []
    for captions in ((), ("left", "right")):
        widget = widgets.LatentExplorer(
            lambda z: np.repeat(black_and_white[None], len(z), axis=0),
            latent_dim=2,
            captions=captions,
        )
        sheet = Image.open(io.BytesIO(widget.static().data)).convert("L")
        widths.append(sheet.size[0])
    assert widths[1] > 1.6 * widths[0]
    left, right = np.array_split(np.asarray(sheet), 2, axis=1)
    assert (left[100:300] < 10).mean() > 0.5 > (right[100:300] < 10).mean()


def test_a_contact_sheet_without_codes():
    widget = widgets.LatentExplorer(lambda z: np.zeros((len(z), 8, 8, 3)))
    assert Image.open(io.BytesIO(widget.static().data)).size[0] > 300


def test_it_reads_as_one_line():
    widget = latent(n_classes=10, label=3, z=(1, -2))
    assert repr(widget) == "LatentExplorer: z = (1.00, -2.00), class 3"


# DrawExplorer


def drawer(encode=toy.encode, decode=toy.decode, **options):
    return widgets.DrawExplorer(encode, decode, **{"n_classes": 10, **options})


def stroke(top=30, left=60, height=120, width=20):
    page = np.zeros((drawing.SIDE, drawing.SIDE), np.uint8)
    page[top : top + height, left : left + width] = 255
    page[top : top + 20, left : left + 60] = 255
    return page.tobytes()


def test_a_drawing_is_encoded_and_decoded_as_all_classes():
    widget = drawer()
    ask(widget, kind="drawing", label=None, buffers=[memoryview(stroke())])
    page = np.frombuffer(stroke(), np.uint8).reshape(drawing.SIDE, drawing.SIDE)
    x = drawing.centred(page)
    z_mean, z_log_var = toy.encode(x[None, ..., None])
    np.testing.assert_allclose(widget.z_mean, z_mean[0], rtol=1e-6)
    np.testing.assert_allclose(widget.z_std, np.exp(z_log_var[0] / 2), rtol=1e-6)
    np.testing.assert_allclose(widget.z, z_mean[0], rtol=1e-6)
    expected = toy.decode(np.repeat(z_mean, 10, 0), np.arange(10))
    assert (widget.images[..., 0] == np.round(expected * 255)).all()
    assert widget.digit == np.round(x * 255).astype(np.uint8).tobytes()


def test_setting_the_drawing_in_python_does_the_same():
    one, other = drawer(), drawer()
    ask(one, kind="drawing", label=None, buffers=[stroke()])
    other.drawing = stroke()
    assert one.z == other.z and (one.images == other.images).all()


def test_dragging_z_decodes_all_classes_and_leaves_the_posterior():
    widget = drawer()
    z_mean = widget.z_mean
    widget.z = (2, 1)
    expected = toy.decode(np.tile([[2.0, 1.0]], (10, 1)), np.arange(10))
    assert (widget.images[..., 0] == np.round(expected * 255)).all()
    assert widget.z_mean == z_mean


def test_without_classes_there_is_one_picture():
    widget = drawer(n_classes=None)
    assert widget.images.shape == (1, 28, 28, 1)


def test_a_cleared_page_has_no_posterior_and_no_pictures():
    widget = drawer()
    blank = bytes(drawing.SIDE**2)
    assert ask(widget, kind="drawing", label=None, buffers=[blank])["error"] == ""
    assert widget.z_mean == [] and len(widget.images) == 0 and widget.digit == b""
    ask(widget, kind="drawing", label=None, buffers=[stroke()])
    assert len(widget.images) == 10


def labelled(x, y):
    z_mean, z_log_var = toy.encode(x)
    return z_mean + y[:, None], z_log_var


def test_an_encoder_that_needs_the_label_gets_the_one_that_was_picked():
    widget = drawer(labelled, encode_label=True)
    ask(widget, kind="drawing", label=3, buffers=[stroke()])
    three = np.array(widget.z_mean)
    ask(widget, kind="drawing", label=5, buffers=[stroke()])
    np.testing.assert_allclose(widget.z_mean, three + 2, rtol=1e-6)
    widget.label = 4
    np.testing.assert_allclose(widget.z_mean, three + 1, rtol=1e-6)


def test_a_classifier_guesses_the_label_until_one_is_picked():
    widget = drawer(labelled, encode_label=True, classify=lambda x: np.eye(10)[[6]])
    assert widget.label == 6
    ask(widget, kind="drawing", label=2, buffers=[stroke()])
    assert widget.label == 2
    ask(widget, kind="drawing", label=None, buffers=[stroke()])
    assert widget.label == 6


def test_without_a_classifier_the_label_stays():
    widget = drawer(labelled, encode_label=True)
    ask(widget, kind="drawing", label=2, buffers=[stroke()])
    ask(widget, kind="drawing", label=None, buffers=[stroke()])
    assert widget.label == 2


def test_an_encoder_may_also_return_the_sample():
    widget = drawer(lambda x: (*toy.encode(x), np.zeros((1, 2))))
    assert len(widget.z_mean) == 2


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (np.zeros((1, 2)), "must return \\(z_mean, z_log_var\\)"),
        ((np.zeros(2), np.zeros(2)), "expected \\(1, 2\\)"),
        ((np.zeros((1, 3)), np.zeros((1, 3))), "expected \\(1, 2\\)"),
        ((np.zeros((1, 2)), np.full((1, 2), np.nan)), "NaN or infinity"),
    ],
)
def test_what_is_no_posterior_is_refused(returned, message):
    with pytest.raises(ValueError, match=message):
        drawer(lambda x: returned)


def test_when_the_encoder_raises_the_last_pictures_stay():
    calls = []

    def encode(x):
        calls.append(x)
        if len(calls) == 2:
            raise ArithmeticError("out of ink")
        return toy.encode(x)

    widget = drawer(encode)
    before = widget.images.copy()
    assert (
        "out of ink"
        in ask(widget, kind="drawing", label=None, buffers=[stroke()])["error"]
    )
    assert (widget.images == before).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encode": None}, "encode is None"),
        ({"decode": 3}, "decode is 3"),
        ({"encode_label": True, "n_classes": None}, "encode_label needs n_classes"),
        ({"example": np.zeros((28, 28, 3))}, "example has shape"),
    ],
)
def test_arguments_of_a_page_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        drawer(**options)


def test_a_drawing_of_another_size_is_refused():
    with pytest.raises(ValueError, match="38416|196"):
        drawer().drawing = b"1234"


def test_a_page_s_contact_sheet_shows_the_drawing_and_all_classes():
    wide = Image.open(io.BytesIO(drawer().static().data)).size
    narrow = Image.open(io.BytesIO(drawer(n_classes=None).static().data)).size
    assert wide[0] > 3 * narrow[0]
    blank = drawer(example=np.zeros((28, 28)))
    assert Image.open(io.BytesIO(blank.static().data)).size[0] > 50


# Both


@pytest.mark.parametrize("entry", ["latent_explorer.js", "draw_explorer.js"])
def test_the_front_end_is_one_module_that_asks_nothing_of_a_network(entry):
    text = front_end.bundle(entry)
    assert text.count("export default") == 1
    assert "\nimport " not in text and not text.startswith("import ")
    assert "http" not in text + front_end.style()


@pytest.mark.parametrize("entry", ["latent_explorer.js", "draw_explorer.js"])
def test_the_modules_of_a_front_end_do_not_share_a_name(entry):
    names = re.findall(r"^(?:const|function) (\w+)", front_end.bundle(entry), re.M)
    assert len(names) > 20
    assert sorted(names) == sorted(set(names))
