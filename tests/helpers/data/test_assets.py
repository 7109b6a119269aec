"""The bundled files: what is there, how large, checked how, and from where."""

import hashlib
import json
import shutil

import numpy as np
import pytest

from helpers import data
from helpers.data import bundled
from tools.assets import build

UNLISTED = {"checksums.json", "LICENSES.md", "course.mplstyle"}  # text, read as it is


def listed():
    return json.loads((data.ASSETS / "checksums.json").read_text())


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the assets that a test may spoil."""
    for name in ("checksums.json", "digits.npz", "photo_cat.jpg", "moby_dick.txt.gz"):
        shutil.copy(data.ASSETS / name, tmp_path / name)
    monkeypatch.setattr(bundled, "ASSETS", tmp_path)
    return tmp_path


def test_every_data_file_is_listed_with_its_checksum():
    files = {path.name for path in data.ASSETS.iterdir() if path.is_file()}
    assert set(listed()) <= files, "a listed file is missing"
    data_files = {n for n in files if n.endswith((".npz", ".png", ".jpg", ".gz"))}
    assert data_files <= set(listed())
    for name, checksum in listed().items():
        content = (data.ASSETS / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == checksum, name


def test_every_listed_file_can_be_rebuilt():
    assert set(build.BUILDERS) == set(listed())


def test_licenses_mention_every_file():
    licenses = (data.ASSETS / "LICENSES.md").read_text()
    for name in {*listed(), "course.mplstyle"}:
        assert f"`{name}`" in licenses, name


def test_sizes():
    sizes = {p: p.stat().st_size for p in data.ASSETS.rglob("*") if p.is_file()}
    assert sum(sizes.values()) <= 16e6
    pictures = [size for path, size in sizes.items() if path.suffix == ".jpg"]
    assert len(pictures) == len(data.PHOTOS) + len(data.STYLES)
    assert max(pictures) <= 200_000


def test_style_images_are_far_apart():
    """Mean colour and contrast between neighbours: no two pictures share both."""

    def look(name):
        picture = data.style(name)
        steps = (
            np.abs(np.diff(picture, axis=1)).mean(),
            np.abs(np.diff(picture, axis=0)).mean(),
        )
        return np.array([*picture.mean((0, 1)), *np.multiply(steps, 4)])

    looks = [look(name) for name in data.STYLES]
    for i, a in enumerate(looks):
        for b in looks[:i]:
            assert np.abs(a - b).max() > 0.1


@pytest.mark.parametrize(
    ("load", "name"),
    [
        (lambda: data.digits("lesson"), "digits.npz"),
        (lambda: data.photo("cat"), "photo_cat.jpg"),
        (lambda: data.text("lesson"), "moby_dick.txt.gz"),
    ],
)
@pytest.mark.parametrize("spoil", ["cut", "flip", "empty", "remove"])
def test_spoilt_file_names_file_and_cure(load, name, spoil, copy):
    load()
    path = copy / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if spoil == "remove":
        path.unlink()
    else:
        cut = content[: len(content) // 2]
        path.write_bytes({"cut": cut, "flip": content, "empty": b""}[spoil])
    bundled._checked.cache_clear()  # as in a new process
    with pytest.raises((ValueError, FileNotFoundError)) as error:
        load()
    message = str(error.value)
    assert str(path) in message and "make assets" in message
    assert f"git checkout -- helpers/assets/{name}" in message


def test_spoilt_listing_names_file_and_cure(copy):
    for content in (b"", b'{"digits.npz": '):
        (copy / "checksums.json").write_bytes(content)
        with pytest.raises(
            ValueError, match="checksums.json is cut short.*make assets"
        ):
            data.asset("digits.npz")
    (copy / "checksums.json").unlink()
    with pytest.raises(FileNotFoundError, match="checksums.json is missing"):
        data.asset("digits.npz")


def test_unknown_asset():
    with pytest.raises(ValueError, match="no bundled file 'cats.npz'; there are"):
        data.asset("cats.npz")


def test_npz_has_no_date_and_no_pickle(tmp_path):
    arrays = {"x": np.arange(6, dtype=np.uint8).reshape(2, 3)}
    content = build.npz(arrays)
    assert content == build.npz(arrays)
    (tmp_path / "x.npz").write_bytes(content)
    with np.load(tmp_path / "x.npz", allow_pickle=False) as archive:
        np.testing.assert_array_equal(archive["x"], arrays["x"])
    with pytest.raises(ValueError, match="allow_pickle"):
        build.npz({"x": np.array([{}], object)})


def test_split_keeps_proportions_and_loses_nothing():
    labels = np.repeat([0, 1, 2], [100, 200, 700])
    random = np.random.RandomState(0)
    train, test = build.split(labels, 100, random)
    assert sorted([*train, *test]) == list(range(1000))
    np.testing.assert_allclose(np.bincount(labels[test]), [10, 20, 70], atol=1)


def test_build_writes_the_file_and_its_checksum(copy, monkeypatch):
    monkeypatch.setattr(build, "ASSETS", copy)
    monkeypatch.setitem(build.BUILDERS, "photo_cat.jpg", lambda: b"new")
    before = json.loads((copy / "checksums.json").read_text())
    build.build(["photo_cat.jpg"])
    assert data.asset("photo_cat.jpg").read_bytes() == b"new"
    after = json.loads((copy / "checksums.json").read_text())
    assert {n: after[n] for n in after if n != "photo_cat.jpg"} == {
        n: before[n] for n in before if n != "photo_cat.jpg"
    }
