"""Lesson 00's look at the machine: what is here, what is not, how long it takes."""

import json
import subprocess
import time

import pytest

from helpers import machine


@pytest.fixture(autouse=True)
def bundled_data(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "smoke")
    monkeypatch.delenv("COURSE_DATA", raising=False)


def rows(found):
    return {part: (mark, what) for mark, part, what in found}


def test_a_complete_machine_has_no_cross():
    found = rows(machine.check())
    assert {mark for mark, _ in found.values()} == {"✓"}
    assert "1,024 train" in found["data of this profile"][1]


def test_a_part_that_is_missing_is_a_row_with_its_cure(monkeypatch):
    def find_nothing():
        raise RuntimeError("No ffmpeg: run `%pip install imageio-ffmpeg`")

    monkeypatch.setattr(machine.animation, "find_ffmpeg", find_nothing)
    monkeypatch.setenv("COURSE_DATA", "/no/such/folder")
    found = rows(machine.check())
    assert found["animations"][0] == "✗" and "%pip" in found["animations"][1]
    assert found["folder for full data"][0] == "✗"
    assert found["widgets"][0] == "✓"


def test_a_missing_widget_package_is_told(monkeypatch):
    def version(package):
        raise machine.importlib.metadata.PackageNotFoundError(package)

    monkeypatch.setattr(machine.importlib.metadata, "version", version)
    mark, found = rows(machine.check())["widgets"]
    assert (mark, found) == ("✗", "ipywidgets is missing: run `make lab` again")


@pytest.mark.parametrize(
    "answer, shown",
    [
        (
            "Card A, 8192 MiB\nCard B, 16384 MiB\n",
            "Card A, 8192 MiB; Card B, 16384 MiB",
        ),
        ("", "none, and none is needed"),
    ],
)
def test_the_memory_of_graphics_cards_is_shown(monkeypatch, answer, shown):
    done = subprocess.CompletedProcess([], 0, stdout=answer)
    monkeypatch.setattr(machine.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(machine.subprocess, "run", lambda *args, **options: done)
    assert machine._gpu() == shown


def test_only_lessons_that_are_there_get_a_time(tmp_path):
    for name in ("00_start_here", "01_autoencoder", "03_iaf_vae"):
        (tmp_path / f"{name}.ipynb").touch()
    assert machine.lessons(machine.REFERENCE / 2, tmp_path) == [
        ("01 autoencoder", "6 min", "about 12 min"),
        ("03 iaf vae", "10 min", "about 20 min"),
    ]
    assert machine.lessons(1e6, tmp_path)[0][2] == "about 1 min"


def test_every_lesson_has_a_limit():
    lessons = {int(path.name[:2]) for path in machine.NOTEBOOKS.glob("*.ipynb")}
    assert set(machine.LIMITS) >= lessons - {0}


def test_the_speed_is_that_of_a_computer():
    assert 0.1 < machine.speed(tries=3) < 1e7


def test_milliseconds_leaves_out_the_first_call():
    calls = []

    def function(word):
        if not calls:
            time.sleep(0.2)
        calls.append(word)

    assert machine.milliseconds(function, "x", repeats=3) < 100
    assert calls == ["x"] * 4


def test_without_a_graphics_card_no_step_is_measured(monkeypatch):
    monkeypatch.setattr(machine.shutil, "which", lambda name: None)
    assert machine.steps() == []


@pytest.mark.parametrize("returncode", [0, 1])
def test_steps_are_measured_in_a_process(monkeypatch, returncode):
    row = ["3", "IAF", 50.0, 9.5, 0.3, "12 min"]
    done = subprocess.CompletedProcess(
        [], returncode, f"a word before\n{json.dumps([row])}\n", "no\nno memory left\n"
    )
    monkeypatch.setattr(machine, "_gpu", lambda: "Card A, 8192 MiB")
    monkeypatch.setattr(machine.subprocess, "run", lambda *args, **options: done)
    if returncode:
        with pytest.raises(RuntimeError, match="no memory left"):
            machine.steps()
    else:
        assert machine.steps() == [row]
    assert len(row) == len(machine.STEPS)
