"""What the heads of the lessons say of their time is what was recorded."""

import json
import re

import nbformat
import pytest

from tools.notebooks import times
from tools.notebooks.stamp import paths

LESSONS = {path.stem: path for path in paths() if path.parent.name != "solutions"}
RECORDED = json.loads(times.RECORD.read_text())["lessons"]


def test_every_lesson_has_a_recorded_time():
    assert RECORDED.keys() == LESSONS.keys()


@pytest.mark.parametrize("name", sorted(RECORDED.keys() - {"00_start_here"}))
def test_the_head_says_the_recorded_minutes(name):
    head = nbformat.read(LESSONS[name], as_version=4).cells[0].source
    said = re.findall(r"About (\d+) minutes? to\s+run", head)
    assert said == [str(times.minutes(RECORDED[name]["seconds"]))]


def test_lesson_00_takes_the_seconds_that_its_head_speaks_of():
    assert RECORDED["00_start_here"]["seconds"] < 30


def test_writing_the_minutes_leaves_the_rest_of_the_head():
    head = "# 1\n\n**Time.** About 7 minutes to run on two cores; an hour to read."
    one = "# 1\n\n**Time.** About 1 minute to run on two cores; an hour to read."
    assert times.with_sentence(head, 61) == one
    assert times.with_sentence(one, 420) == head


def test_a_failed_run_is_not_recorded():
    runs = {"01_x": {"seconds": 3.0, "error": ["NameError: z"], "cells": {"2 a": 1.0}}}
    with pytest.raises(ValueError, match="01_x failed: NameError: z"):
        times.record(runs)


def test_solutions_are_not_recorded():
    run = {"seconds": 61.4, "peak_mib": 900, "error": [], "cells": {"2 a": 40.6}}
    kept = times.record({"01_x": run, "solutions/01_x": run})
    assert kept == {"01_x": {"seconds": 61, "slowest_cell": 41, "peak_mib": 900}}
