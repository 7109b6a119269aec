"""The picture widgets, without a browser: what they hold, say and refuse."""

import io

import numpy as np
import pytest
from PIL import Image
from traitlets import TraitError

from helpers import plotting, widgets
from helpers.widgets import front_end, picture_widgets

SERIES = np.random.default_rng(1).random((4, 20, 30, 3)).astype("float32")
NAMES = ["0.3", "1", "3", "10"]
PHOTO = np.full((40, 60, 3), 0.5, "float32")


def png(colour, size=(90, 60)):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def send(widget, content, name="my photo.png", part=1000, key="a"):
    """Send a file as the browser does: in parts, each with the same id."""
    parts = [content[i : i + part] for i in range(0, len(content), part)] or [b""]
    message = {"kind": "part", "id": key, "name": name, "parts": len(parts)}
    for data in parts:
        widget._on_message(widget, message, [memoryview(data)])


def size_of(bundle):
    return Image.open(io.BytesIO(bundle["image/png"])).size


def test_the_slider_holds_every_picture():
    slider = widgets.PictureSlider(SERIES, NAMES, "style weight")
    pixels = np.frombuffer(slider.pixels, np.uint8).reshape(slider.shape)
    np.testing.assert_allclose(pixels / 255, SERIES, atol=0.003)
    assert slider.captions == NAMES


def test_grey_pictures_come_in_three_channels():
    slider = widgets.PictureSlider(SERIES[..., 0], NAMES)
    assert slider.shape == [4, 20, 30, 3]


def test_the_slider_moves_and_says_where_it_is():
    slider = widgets.PictureSlider(SERIES, NAMES, "style weight", index=1)
    assert repr(slider) == "PictureSlider: style weight 1"
    slider.index = 3
    assert repr(slider) == "PictureSlider: style weight 10"


@pytest.mark.parametrize("index", [-1, 4])
def test_an_index_without_a_picture_is_refused(index):
    with pytest.raises((ValueError, TraitError), match="there are 4 pictures"):
        widgets.PictureSlider(SERIES, NAMES, index=index)


@pytest.mark.parametrize(
    ("images", "captions"), [(SERIES, NAMES[:3]), (SERIES[:1], NAMES[:1])]
)
def test_captions_and_images_must_fit(images, captions):
    with pytest.raises(ValueError, match="at least two images, and a caption for each"):
        widgets.PictureSlider(images, captions)


def test_where_there_are_no_widgets_there_is_a_sheet():
    slider = widgets.PictureSlider(SERIES, NAMES, "style weight")
    bundle, _ = slider._repr_mimebundle_()
    assert size_of(bundle)[0] > 800
    assert slider.static().data == bundle["image/png"]
    upload = widgets.PictureUpload(PHOTO)
    assert size_of(upload._repr_mimebundle_()[0])[0] > 300


def test_an_upload_begins_with_the_example():
    upload = widgets.PictureUpload(PHOTO, name="cat")
    np.testing.assert_array_equal(upload.picture, PHOTO)
    assert upload.shape == [1, 40, 60, 3]
    assert repr(upload) == "PictureUpload: cat, 60x40"


@pytest.mark.parametrize("part", [7, 100, 10**6])
def test_a_file_in_parts_becomes_the_picture(part):
    upload = widgets.PictureUpload(PHOTO)
    send(upload, png("red"), part=part)
    assert upload.picture.shape == (60, 90, 3)
    np.testing.assert_array_equal(upload.picture[30, 45], [1, 0, 0])
    assert (upload.name, upload.error, upload.received) == ("my photo.png", "", "a")


def test_a_large_file_becomes_as_small_as_asked():
    upload = widgets.PictureUpload(PHOTO, longest=48)
    send(upload, png("blue", (600, 900)))
    assert upload.picture.shape == (48, 32, 3)


def test_a_file_that_breaks_off_leaves_no_trace_in_the_next():
    upload = widgets.PictureUpload(PHOTO)
    content = png("red")
    message = {"kind": "part", "id": "first", "name": "x", "parts": 2}
    upload._on_message(upload, message, [memoryview(content[:50])])
    send(upload, png("blue"), key="second")
    np.testing.assert_array_equal(upload.picture[30, 45], [0, 0, 1])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"Call me Ishmael.", "no picture that we can read"),
        (b"", "is empty"),
        (png("red", (1, 1)), "1x1 pixels: too small"),
        (png("red", (200, 200))[:60], "cut short"),
    ],
)
def test_what_is_no_picture_is_said_and_the_last_one_stays(content, words):
    upload = widgets.PictureUpload(PHOTO, name="cat")
    send(upload, content, name="odd.txt")
    assert upload.error.startswith("odd.txt: ") and words in upload.error
    np.testing.assert_array_equal(upload.picture, PHOTO)
    assert (upload.name, upload.received) == ("cat", "a")
    send(upload, png("red"), key="b")
    assert upload.error == ""


def test_a_picture_loaded_in_python(tmp_path):
    path = tmp_path / "red.png"
    path.write_bytes(png("red"))
    upload = widgets.PictureUpload(PHOTO)
    upload.load(path, name="red")
    assert upload.picture.shape == (60, 90, 3) and upload.name == "red"
    with pytest.raises(FileNotFoundError, match="is not there"):
        upload.load(tmp_path / "blue.png")


def test_the_limit_is_the_one_that_the_browser_reads():
    assert widgets.PictureUpload(PHOTO).limit == picture_widgets.LARGEST_FILE


@pytest.mark.parametrize("entry", ["picture_slider.js", "picture_upload.js"])
def test_the_front_end_is_one_module_that_asks_nothing_of_a_network(entry):
    text = front_end.bundle(entry)
    assert text.count("export default") == 1
    assert "\nimport " not in text and not text.startswith("import ")
    assert "http" not in text


@pytest.mark.parametrize(("number", "columns"), [(1, 3), (3, 2), (4, 2)])
def test_a_gallery_has_an_axes_for_each_picture(number, columns):
    named = {f"no. {i}": SERIES[i] for i in range(number)}
    axes = plotting.gallery(named, columns=columns)
    assert [ax.get_title(loc="left") or ax.get_title() for ax in axes] == list(named)


def test_an_empty_gallery_is_refused():
    with pytest.raises(ValueError, match="named is empty"):
        plotting.gallery({})
