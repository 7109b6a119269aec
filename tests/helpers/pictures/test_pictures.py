"""Pictures of any origin: each is read right, or refused in words that help."""

import io
import time

import numpy as np
import pytest
from PIL import Image

from helpers import data, pictures

RED, GREEN, BLUE = (200, 30, 40), (20, 180, 60), (30, 50, 210)


def quarters(width=120, height=80):
    """A picture whose quarters tell which way is up: red, green / blue, white."""
    image = Image.new("RGB", (width, height), "white")
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def file_of(image, form="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def corners(picture):
    """The colours in the middle of the four quarters, as whole numbers."""
    h, w = picture.shape[:2]
    at = [picture[h * j // 4, w * i // 4] for j in (1, 3) for i in (1, 3)]
    return [tuple(np.rint(255 * colour).astype(int)) for colour in at]


def assert_picture(picture, height, width):
    assert picture.shape == (height, width, 3)
    assert picture.dtype == np.float32
    assert 0 <= picture.min() and picture.max() <= 1


@pytest.mark.parametrize("form", ["PNG", "BMP", "GIF", "TIFF", "WEBP"])
def test_formats_without_loss_keep_their_colours(form):
    options = {"lossless": True} if form == "WEBP" else {}
    picture = pictures.load(file_of(quarters(), form, **options))
    assert_picture(picture, 80, 120)
    assert corners(picture) == [RED, GREEN, BLUE, (255, 255, 255)]


def test_path_and_bytes_are_the_same(tmp_path):
    path = tmp_path / "a picture.png"
    path.write_bytes(file_of(quarters()))
    expected = pictures.load(path.read_bytes())
    np.testing.assert_array_equal(pictures.load(path), expected)
    np.testing.assert_array_equal(pictures.load(str(path)), expected)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_the_picture_upright(orientation):
    """A camera stores the picture turned, and says so: undo it by Pillow's inverse."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = quarters()
    if orientation > 1:
        stored = stored.transpose(undo[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = pictures.load(file_of(stored, "PNG", exif=exif))
    assert_picture(picture, 80, 120)
    assert corners(picture) == [RED, GREEN, BLUE, (255, 255, 255)]


def test_twenty_megapixels_in_little_time():
    large = file_of(quarters(5472, 3648), "JPEG", quality=80)
    begin = time.perf_counter()
    picture = pictures.load(large, longest=384)
    assert time.perf_counter() - begin < 5
    assert_picture(picture, 256, 384)
    for colour, expected in zip(corners(picture), (RED, GREEN, BLUE), strict=False):
        np.testing.assert_allclose(colour, expected, atol=4)


def test_more_pixels_than_we_read_are_refused():
    bomb = file_of(Image.new("1", (12_000, 9_000)), "PNG")
    with pytest.raises(ValueError, match="more than 100 megapixels: make it smaller"):
        pictures.load(bomb)


def test_a_bomb_that_pillow_itself_refuses():
    bomb = file_of(Image.new("1", (20_000, 10_000)), "PNG")
    with pytest.raises(ValueError, match="more than 100 megapixels"):
        pictures.load(bomb)


@pytest.mark.parametrize("size", [(1, 1), (1, 600), (3000, 20), (31, 31)])
def test_too_small_or_narrow_is_refused(size):
    with pytest.raises(ValueError, match=f"{size[0]}x{size[1]} pixels: too small"):
        pictures.load(file_of(Image.new("RGB", size)))


def test_a_small_picture_is_not_enlarged():
    assert_picture(pictures.load(file_of(quarters(60, 40)), longest=384), 40, 60)


@pytest.mark.parametrize("mode", ["L", "1", "LA", "I", "F", "I;16"])
def test_grey_becomes_rgb(mode):
    grey = np.zeros((40, 60))
    grey[:, 30:] = 1
    levels = {"I": 255, "F": 1.0, "I;16": 65535}
    if mode in levels:
        dtype = {"I": np.int32, "F": np.float32, "I;16": np.uint16}[mode]
        image = Image.fromarray((grey * levels[mode]).astype(dtype))
    else:
        image = Image.fromarray(np.uint8(grey * 255)).convert(mode)
    picture = pictures.load(file_of(image, "TIFF"))
    assert_picture(picture, 40, 60)
    np.testing.assert_allclose(picture, grey[..., None] + np.zeros(3), atol=0.01)


def test_transparent_lies_on_white():
    image = quarters().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    image.paste((*BLUE, 128), (0, 0, 60, 40))
    picture = pictures.load(file_of(image))
    half = tuple(round(255 - (255 - c) * 128 / 255) for c in BLUE)
    np.testing.assert_allclose(corners(picture)[0], half, atol=1)
    assert corners(picture)[1:] == [(255, 255, 255)] * 3


@pytest.mark.parametrize("transparent", [False, True])
def test_palette(transparent):
    image = quarters().quantize(8)
    options = {}
    if transparent:
        options["transparency"] = image.getpixel((0, 0))
    picture = pictures.load(file_of(image, "PNG", **options))
    first = (255, 255, 255) if transparent else RED
    assert corners(picture) == [first, GREEN, BLUE, (255, 255, 255)]


def test_cmyk_as_printers_save_it():
    picture = pictures.load(file_of(quarters().convert("CMYK"), "JPEG", quality=95))
    np.testing.assert_allclose(corners(picture)[0], RED, atol=6)


def test_the_first_frame_of_an_animation():
    frames = [Image.new("RGB", (64, 48), colour) for colour in (RED, BLUE)]
    film = file_of(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert corners(pictures.load(film))[0] == RED


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "TIFF"])
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_cut_short(form, part):
    noisy = np.random.default_rng(0).integers(0, 256, (80, 120, 3), np.uint8)
    content = file_of(Image.fromarray(noisy), form)
    with pytest.raises(ValueError, match="cut short or damaged|no picture that we can"):
        pictures.load(content[: int(part * len(content))])


@pytest.mark.parametrize(
    "content", [b"Call me Ishmael.", b"\x89PNG\r\n\x1a\n", b"<svg></svg>", b"%PDF-1.7"]
)
def test_no_picture(content):
    with pytest.raises(ValueError, match="no picture that we can read|cut short"):
        pictures.load(content)


def test_empty_file():
    with pytest.raises(ValueError, match="is empty"):
        pictures.load(b"")


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="cat.png is not there"):
        pictures.load(tmp_path / "cat.png")
    with pytest.raises(FileNotFoundError, match="is not there"):
        pictures.load(tmp_path)


def test_resize_keeps_flat_colours_and_the_range():
    picture = np.zeros((40, 60, 3), np.float32)
    picture[:, 30:] = 1.0  # a hard edge, where Lanczos overshoots
    small = pictures.resize(picture, 21, 33)
    assert_picture(small, 21, 33)
    np.testing.assert_allclose(small[:, :10], 0, atol=1e-6)
    np.testing.assert_allclose(small[:, -10:], 1, atol=1e-6)


@pytest.mark.parametrize(("height", "width"), [(30, 30), (20, 60), (50, 10)])
def test_fit_takes_the_middle(height, width):
    ramp = np.linspace(0, 1, 61, dtype=np.float32)
    picture = np.broadcast_to(ramp[None, :, None], (41, 61, 3))
    part = pictures.fit(picture, height, width)
    assert_picture(part, height, width)
    assert part.mean() == pytest.approx(0.5, abs=0.02)
    assert part[0, 0, 0] == pytest.approx(1 - part[0, -1, 0], abs=0.03)


def test_matched_colours_have_the_mean_and_covariance_of_the_palette():
    random = np.random.default_rng(1)
    mixing = np.diag([0.05, 0.03, 0.04]) + random.normal(0, 0.01, (3, 3))
    image = 0.5 + random.normal(0, 1, (50, 60, 3)) @ mixing
    palette = [0.4, 0.5, 0.6] + random.normal(0, 0.03, (70, 30, 3)) @ np.diag([1, 2, 1])
    matched = pictures.match_colours(image, palette).reshape(-1, 3)
    wanted = palette.reshape(-1, 3)
    np.testing.assert_allclose(matched.mean(0), wanted.mean(0), atol=1e-3)
    np.testing.assert_allclose(np.cov(matched.T), np.cov(wanted.T), atol=2e-5)


def test_matching_a_picture_with_itself_changes_nothing():
    photo = data.photo("cat")
    np.testing.assert_allclose(pictures.match_colours(photo, photo), photo, atol=1e-4)


def test_matching_a_picture_of_one_colour_gives_the_mean():
    flat = np.full((20, 20, 3), 0.7)
    matched = pictures.match_colours(flat, data.style("brush"))
    mean = data.style("brush").mean((0, 1))
    np.testing.assert_allclose(matched, np.broadcast_to(mean, (20, 20, 3)), atol=1e-3)


def test_luminance_of_grey_is_grey_and_green_counts_most():
    assert pictures.luminance(np.full((2, 3, 3), 0.4, "float32")) == pytest.approx(0.4)
    red, green, blue = pictures.luminance(np.eye(3, dtype="float32"))[:, 0]
    assert green > red > blue
