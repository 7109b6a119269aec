"""helpers.results: kept whole, read back, and what is not this run's is named."""

import json

import numpy as np
import pytest

from helpers import results, runtime

CARD = {
    "numbers": {"FD": 3.5, "weights": 10},
    "pictures": {"drawn": np.arange(12, dtype=np.uint8).reshape(3, 2, 2)},
}


@pytest.fixture(autouse=True)
def smoke(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "smoke")


def test_what_is_kept_is_read_back(tmp_path):
    note = results.save("VAE, 2 codes", CARD, tmp_path)
    assert str(tmp_path / "vae_2_codes.json") in repr(note)
    used, refused = results.load(tmp_path)
    assert list(used) == ["VAE, 2 codes"] and refused == {}
    result = used["VAE, 2 codes"]
    assert result.numbers == {"FD": 3.5, "weights": 10.0}
    np.testing.assert_array_equal(result.pictures["drawn"], CARD["pictures"]["drawn"])
    assert result.profile == "smoke" and result.versions == runtime.versions()


def test_the_last_result_of_a_model_counts(tmp_path):
    results.save("VAE", CARD, tmp_path)
    results.save("VAE", {"numbers": {"FD": 1.0}}, tmp_path)
    used, _ = results.load(tmp_path)
    assert used["VAE"].numbers == {"FD": 1.0} and used["VAE"].pictures == {}


def test_no_folder_holds_no_result(tmp_path):
    assert results.load(tmp_path / "nowhere") == ({}, {})


@pytest.mark.parametrize(
    "spoil, why",
    [
        (lambda text: "", "damaged"),
        (lambda text: text[: len(text) // 2], "damaged"),
        (lambda text: "[1, 2]", "damaged"),
        (lambda text: text.replace('"uint8": "', '"uint8": "!'), "damaged"),
        (lambda text: text.replace("3.5", "NaN"), "not finite: FD"),
        (lambda text: text.replace('"format": 1', '"format": 2'), "format 2"),
        (lambda text: text.replace('"smoke"', '"full"'), "profile 'full'"),
        (
            lambda text: text.replace(runtime.versions()["keras"], "1.0"),
            "made with keras 1.0",
        ),
    ],
)
def test_a_result_that_is_not_this_runs_is_named(tmp_path, spoil, why):
    results.save("VAE", CARD, tmp_path)
    results.save("GAN", CARD, tmp_path)
    path = tmp_path / "vae.json"
    path.write_text(spoil(path.read_text()))
    used, refused = results.load(tmp_path)
    assert list(used) == ["GAN"]
    assert list(refused) == ["vae.json"] and why in refused["vae.json"]


def test_a_lesson_that_cannot_write_goes_on_and_says_so(tmp_path):
    (tmp_path / "file").write_text("in the way")
    note = results.save("VAE", CARD, tmp_path / "file")
    assert "VAE is not kept for lesson 10" in repr(note)


def test_a_full_disk_keeps_the_old_result_and_is_named(small_disk):
    results.save("VAE", CARD, small_disk)
    large = {**CARD, "pictures": {"drawn": np.zeros((2000, 28, 28), np.uint8)}}
    note = results.save("VAE", large, small_disk)
    assert "VAE is not kept" in repr(note) and "The disk is full" in repr(note)
    assert results.load(small_disk)[0]["VAE"].numbers == CARD["numbers"]


@pytest.mark.parametrize(
    "card, message",
    [
        ({"numbers": {"FD": float("nan")}}, "not finite: FD"),
        ({"numbers": {}, "pictures": {"drawn": np.zeros((2, 2, 2))}}, "give uint8"),
        ({"numbers": {}, "pictures": {"drawn": np.zeros(2, np.uint8)}}, "give uint8"),
    ],
)
def test_a_card_of_something_else_is_refused(tmp_path, card, message):
    with pytest.raises(ValueError, match=message):
        results.save("VAE", card, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_name_without_letters_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no letter or digit"):
        results.save("…", CARD, tmp_path)


def test_files_are_plain_json(tmp_path):
    results.save("VAE", CARD, tmp_path)
    assert json.loads((tmp_path / "vae.json").read_text())["model"] == "VAE"
