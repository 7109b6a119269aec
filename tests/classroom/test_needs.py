"""The table of what a class needs is that of the lessons' last times."""

import json

from classroom import needs


def test_the_page_has_the_table_of_the_last_times():
    lessons = json.loads((needs.ROOT / "docs/times.json").read_text())["lessons"]
    text = needs.PAGE.read_text(encoding="utf-8")
    assert needs.page(text, lessons) == text


def test_thirty_learners_need_thirty_times_the_memory_of_one():
    row = needs.table({"01_x": {"seconds": 600, "peak_mib": 2048}}).splitlines()[-1]
    assert row == "| 01 | 10 | 2.0 | 66 | 10.0 |"
