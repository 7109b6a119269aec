"""The teacher's guide is true of the lessons: headings, cells, minutes, questions."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MINUTES = "| minutes | section | what to say |"
STUMBLES = "| where they stumble | the cell | what helps |"
PARTS = [MINUTES, STUMBLES, "**Run beforehand.**", "**Discuss.**", "**Short of time.**"]

every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def part_of(path):
    """Return what the guide says of a lesson."""
    number = int(path.name[:2])
    found = re.search(rf"(?ms)^## {number} · .*?(?=^## |\Z)", GUIDE)
    assert found, f"the guide has no section on lesson {number}"
    return found[0]


def tables(text, head):
    """Return the rows of each table with this head, as lists of cells."""
    found = re.findall(rf"(?m)^{re.escape(head)}\n\|[-:| ]+\|\n((?:\|.*\n)+)", text)
    return [[_cells(row) for row in rows.splitlines()] for rows in found]


def _cells(row):
    inside = re.split(r"(?<!\\)\|", row)[1:-1]
    return [cell.strip().replace("\\|", "|") for cell in inside]


def sections(path):
    """Return {heading: the code below it, up to the next heading}."""
    found, heading = {}, ""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            found[heading] = f"{found.get(heading, '')}\n{cell.source}"
            continue
        text = re.sub(r"(?ms)^```.*?^```", "", cell.source)
        for heading in re.findall(r"(?m)^#{2,3} +(.+?)\s*$", text):
            found[heading] = ""
    return found


def heading_in(cell):
    """Return the heading that a cell of a table names: *Heading*."""
    return re.fullmatch(r"\*(.+)\*", cell)[1]


def code_in(cell):
    return re.fullmatch(r"(`+) ?(.+?) ?\1", cell)[2]


@every_lesson
def test_every_lesson_has_every_part(path):
    part = part_of(path)
    assert path.name in part
    for head in PARTS:
        assert head in part, head
    halves = max(1, part.count("\n### Part "))
    for head in PARTS:
        assert part.count(head) == halves, head


@every_lesson
def test_what_to_say_fills_ninety_minutes_in_the_lessons_order(path):
    order = list(sections(path))
    for table in tables(part_of(path), MINUTES):
        minutes, headings, words = zip(*table, strict=True)
        assert sum(map(int, minutes)) == 90
        places = [order.index(heading_in(heading)) for heading in headings]
        assert places == sorted(places), headings
        assert all(words)


@every_lesson
def test_every_cell_at_which_learners_stumble_is_where_the_guide_says(path):
    below = sections(path)
    for table in tables(part_of(path), STUMBLES):
        assert len(table) >= 4
        for heading, code, words in table:
            assert code_in(code) in below[heading_in(heading)], code
            assert words


@every_lesson
def test_three_questions_with_answers(path):
    for text in part_of(path).split("**Discuss.**")[1:]:
        listed = text.split("**Short of time.**")[0]
        questions = re.findall(r"(?ms)^\d\. \*(.+?)\*(?=\s)(.*?)(?=^\d\. |\Z)", listed)
        assert len(questions) == 3
        for question, answer in questions:
            assert question.rstrip().endswith("?"), question
            assert len(answer.split()) >= 15, question


@every_lesson
def test_what_the_guide_names_in_italics_can_be_found(path):
    """In *Run beforehand* and *Short of time* italics name headings or menus."""
    known = set(sections(path))
    for text in re.findall(
        r"(?ms)^\*\*(?:Run beforehand|Short of time)\.\*\*(.*?)\n\n", part_of(path)
    ):
        for name in re.findall(r"\*([^*]+)\*", text):
            name = " ".join(name.split())
            assert name in known or name.startswith(("Run", "Kernel >")), name


@pytest.mark.parametrize("weeks", ["Four", "Eight", "Twelve"])
def test_a_plan_has_its_weeks_and_takes_the_lessons_in_order(weeks):
    plan = re.search(rf"(?ms)^### {weeks} weeks$(.*?)(?=^##)", GUIDE)[1]
    (rows,) = tables(plan, "| week | lesson | at home |")
    count = {"Four": 4, "Eight": 8, "Twelve": 12}[weeks]
    assert [int(row[0]) for row in rows] == list(range(1, count + 1))
    lessons = [int(re.findall(r"\d+", row[1])[0]) for row in rows]
    assert lessons == sorted(lessons)
    if weeks == "Twelve":
        assert set(lessons) == set(range(11))
