"""Homework of a small lesson, from the assignment to the table of marks."""

import copy
import csv

import nbformat
import pytest

pytest.importorskip("nbgrader", reason="nbgrader is not installed")

from classroom import homework, papers

NAME = "01_toy.ipynb"


def without(notebook, tag):
    notebook.cells = [
        c for c in notebook.cells if tag not in c.metadata.get("tags", [])
    ]
    return notebook


@pytest.fixture
def handed_in(paper, blank, tmp_path, walled):
    """Homes of learners, each with another paper; returns their folder."""
    rewritten = copy.deepcopy(blank)
    for number, (_, check) in papers.exercises(rewritten).items():
        check.source = f'print("✓ Exercise {number}: right")'
    of = {
        "ada": paper(),
        "ben": paper({1: "f1 = 0", 2: "f2 = 1 / 0"}),
        "cleo": blank,
        "dan": nbformat.v4.new_notebook(),
        "eve": rewritten,
        "fay": without(paper(), "check"),
        "gus": paper({4: "import os\nos._exit(1)"}),
    }
    for learner, notebook in of.items():
        home = tmp_path / "homes" / learner / "course" / "notebooks"
        home.mkdir(parents=True)
        nbformat.write(notebook, home / NAME)
    broken = tmp_path / "homes" / "hal"
    broken.mkdir()
    (broken / NAME).write_text('{"cells": [')
    thief = tmp_path / "homes" / "ida"
    thief.mkdir()
    (thief / NAME).symlink_to(tmp_path / "homes/ada/course/notebooks" / NAME)
    return tmp_path / "homes"


@pytest.mark.timeout(900)
def test_from_the_lesson_to_the_marks(handed_in, blank, tmp_path):
    lesson, folder = tmp_path / NAME, tmp_path / "homework"
    nbformat.write(blank, lesson)
    released = nbformat.read(homework.assign(folder, lesson), as_version=4)
    ours = papers.exercises(blank).values()
    pairs = zip(papers.exercises(released).values(), ours, strict=True)
    for (answer, check), (our_answer, our_check) in pairs:
        assert (answer.source, check.source) == (our_answer.source, our_check.source)
        assert check.metadata.editable is False and check.metadata.deletable is False
    faults = homework.collect(folder, lesson, handed_in)
    assert {name for name, fault in faults.items() if fault} == {"hal", "ida"}
    assert homework.nbgrader(folder, "autograde", "lesson_01")
    assert homework.nbgrader(folder, "generate_feedback", "lesson_01")
    table = homework.marks(folder)
    assert {row[1]: row[-2] for row in table[1:]} == {
        "ada": "4", "ben": "2", "cleo": "0", "dan": "0", "eve": "0", "fay": "4",
        "gus": "3", "hal": "0", "ida": "0",
    }  # fmt: skip
    remarks = {row[1]: row[-1] for row in table[1:]}
    assert "ended Python" in remarks["gus"] and "A person looks" in remarks["gus"]
    for learner in ("ada", "gus", "hal"):
        page = folder / "feedback" / learner / "lesson_01" / NAME
        assert "exercise-1-check" in page.with_suffix(".html").read_text()
    with pytest.raises(SystemExit) as end:
        homework.main(["marks", "--homework", str(folder)])
    assert not end.value.code
    with open(folder / "marks.csv", newline="") as file:
        assert list(csv.reader(file)) == table


def test_files_of_a_learning_platform_are_collected(paper, blank, tmp_path):
    lesson, folder, place = tmp_path / NAME, tmp_path / "homework", tmp_path / "files"
    nbformat.write(blank, lesson)
    homework.assign(folder, lesson)
    place.mkdir()
    for learner, notebook in ("kim", paper()), ("lea", blank):
        nbformat.write(notebook, place / f"{learner}_4711_{NAME}")
    assert homework.collect(folder, lesson, place) == {"kim": "", "lea": ""}
    kept = folder / "submitted" / "kim" / "lesson_01" / NAME
    assert "lambda" in nbformat.read(kept, as_version=4).cells[1].source


def test_colab_s_ids_are_known(paper, blank):
    moved = paper()
    for cell in moved.cells:
        cell.metadata = {"id": cell.id}
        del cell["id"]
    assert sorted(papers.answers(moved, blank)) == [1, 2, 3, 4]


def test_no_right_answer_of_the_course_is_pointed_out():
    for path in sorted((homework.ROOT / "notebooks/solutions").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        for number, (answer, _) in papers.exercises(notebook).items():
            assert papers.worth_a_look(answer.source) == [], (path.name, number)


def test_answers_that_reach_for_the_mark_are_pointed_out():
    for source in (
        "checks.value = 1",
        "np.isclose = all",
        "!ls",
        "import os",
        "exec('')",
    ):
        assert papers.worth_a_look(source), source
