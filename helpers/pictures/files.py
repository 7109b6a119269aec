"""Pictures of any origin as arrays: read, checked, turned upright, resized.

Everywhere a picture is float32 (h, w, 3), RGB in [0, 1].
"""

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

LARGEST = 100_000_000  # pixels; a 20-megapixel photo takes a second
SMALLEST_SIDE = 32  # pixels, after resizing: below it no features are left


def load(source, longest=384):
    """Return a picture file as float32 (h, w, 3) in [0, 1], its longer side `longest`.

    `source` is a path or the file's bytes. The picture is turned as its EXIF data
    say, transparency is laid on white, grey becomes RGB; a smaller picture is not
    enlarged. Raises FileNotFoundError for no file, and ValueError that says what is
    wrong with one that is no picture, cut short, too large or too small.
    """
    name, content = _read(source)
    try:
        with warnings.catch_warnings():
            # Pillow warns from 90 megapixels on; we have our own limit.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return _open(name, content, longest)
    except UnidentifiedImageError:
        raise ValueError(
            f"{name} is no picture that we can read: give a JPEG, PNG, WebP, GIF, BMP "
            "or TIFF file (convert HEIC or SVG first)."
        ) from None
    except Image.DecompressionBombError:
        raise ValueError(_too_large(name)) from None
    except (OSError, EOFError, SyntaxError, IndexError, MemoryError) as error:
        raise ValueError(
            f"{name} is cut short or damaged ({error}): save or copy it again."
        ) from error


def resize(image, height, width):
    """Return a picture (h, w, c) in [0, 1] resized: float32 (height, width, c)."""
    channels = [
        Image.fromarray(channel).resize((width, height), Image.Resampling.LANCZOS)
        for channel in np.moveaxis(np.asarray(image, np.float32), -1, 0)
    ]
    return np.clip(np.stack([np.asarray(c) for c in channels], -1), 0, 1)


def fit(image, height, width):
    """Return the largest middle part of height : width, resized: (height, width, c)."""
    rows, columns = np.shape(image)[:2]
    scale = min(rows / height, columns / width)
    h, w = max(1, round(height * scale)), max(1, round(width * scale))
    top, left = (rows - h) // 2, (columns - w) // 2
    return resize(np.asarray(image)[top : top + h, left : left + w], height, width)


def match_colours(image, palette):
    """Return `image` in the colours of `palette`; both (h, w, 3), any two sizes.

    The linear map that moves colours least among those that give them the mean and
    the covariance of the palette's (optimal transport between two Gaussians; used on
    colours by Pitie & Kokaram 2007), then clipped to [0, 1].
    """
    colours, wanted = (
        np.reshape(x, (-1, 3)).astype("float64") for x in (image, palette)
    )
    tiny = 1e-6 * np.eye(3)  # a grey picture has no width in two directions
    source, target = (np.cov(x.T) + tiny for x in (colours, wanted))
    root, inverse = _power(source, 0.5), _power(source, -0.5)
    move = inverse @ _power(root @ target @ root, 0.5) @ inverse
    moved = (colours - colours.mean(0)) @ move + wanted.mean(0)
    return np.clip(moved, 0, 1).reshape(np.shape(image)).astype("float32")


def luminance(image):
    """Return the brightness that we see of RGB (..., 3): (..., 1) (Rec. 601)."""
    return np.asarray(image) @ np.array([[0.299], [0.587], [0.114]], "float32")


def _power(symmetric, exponent):
    values, vectors = np.linalg.eigh(symmetric)
    return (vectors * values**exponent) @ vectors.T


def _read(source):
    if isinstance(source, (bytes, bytearray, memoryview)):
        return "The file", bytes(source)
    path = Path(source)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there: give the path of a picture.")
    return path.name, path.read_bytes()


def _open(name, content, longest):
    if not content:
        raise ValueError(f"{name} is empty.")
    with Image.open(io.BytesIO(content)) as image:
        if image.width * image.height > LARGEST:
            raise ValueError(_too_large(name))
        image.draft("RGB", (2 * longest, 2 * longest))  # JPEG: decode only so much
        image.load()
        upright = ImageOps.exif_transpose(image)
        pixels = _to_rgb(upright)
    pixels.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    if min(pixels.size) < SMALLEST_SIDE:
        raise ValueError(
            f"{name} is {image.width}x{image.height} pixels: too small or too narrow; "
            f"after resizing each side needs at least {SMALLEST_SIDE}."
        )
    return np.asarray(pixels, np.float32) / 255


def _to_rgb(image):
    """Any mode of Pillow to RGB, on white where the picture is transparent."""
    if image.mode.startswith(("I", "F")):  # 16 or 32 bits of grey
        values = np.asarray(image, np.float64)
        top = 65535 if image.mode.startswith("I;16") else max(values.max(), 1.0)
        return Image.fromarray(np.uint8(np.clip(values / top, 0, 1) * 255)).convert(
            "RGB"
        )
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def _too_large(name):
    return f"{name} has more than {LARGEST // 10**6} megapixels: make it smaller first."
