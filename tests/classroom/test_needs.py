"""The table of what a class needs."""

from classroom import needs


def test_the_table_takes_its_place_on_the_page():
    lessons = {"01_x": {"seconds": 600, "peak_mib": None}}
    text = needs.page(needs.PAGE.read_text(encoding="utf-8"), lessons)
    assert text.count("core hours") == 1 and "| 01 | 10 | ? | ? | 10.0 |" in text


def test_thirty_learners_need_thirty_times_the_memory_of_one():
    row = needs.table({"01_x": {"seconds": 600, "peak_mib": 2048}}).splitlines()[-1]
    assert row == "| 01 | 10 | 2.0 | 66 | 10.0 |"
