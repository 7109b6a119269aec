"""Homework: make it from a lesson, collect it, mark it, give it back.

python -m classroom.homework assign 01          the assignment, in homework/release
python -m classroom.homework collect 01 FOLDER  what learners handed in, from a folder
python -m classroom.homework grade 01           marks; each paper runs behind walls
python -m classroom.homework feedback 01        a page for each learner
python -m classroom.homework marks              the table, also as homework/marks.csv

--homework PATH puts the homework into another folder than `homework`. What they do is
nbgrader's; in that folder its own commands and its formgrader work as well.
"""

import argparse
import csv
import datetime
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from classroom import papers

ROOT = Path(__file__).resolve().parents[1]
LARGEST = 50 * 2**20  # bytes of a file that is collected
CONFIGURATION = f'''"""Written by classroom.homework: nbgrader with our steps."""

import sys

sys.path.insert(0, {str(ROOT)!r})

from classroom import grading

grading.configure(get_config(), @FOLDER@)  # noqa: F821
'''


def lesson_path(number):
    """Return the path of lesson `number`, "01"; LookupError if there is none."""
    found = sorted((ROOT / "notebooks").glob(f"{number}_*.ipynb"))
    if len(found) != 1:
        raise LookupError(f"There is no lesson {number!r}; lessons are 00, 01, ...")
    return found[0]


def nbgrader(folder, *arguments):
    """Run a command of nbgrader in the homework folder; return if all went well."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    here = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": here}  # it calls alembic by name
    return subprocess.run(command, cwd=folder, env=environment).returncode == 0


def assign(folder, lesson):
    """Make the assignment of the lesson at the path `lesson`; return where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    text = CONFIGURATION.replace("@FOLDER@", repr(str(folder)))
    (folder / "nbgrader_config.py").write_text(text)
    name = assignment(lesson)
    source = folder / "source" / name
    source.mkdir(parents=True, exist_ok=True)
    paper = papers.as_assignment(nbformat.read(lesson, as_version=4))
    nbformat.write(paper, source / lesson.name)
    if not nbgrader(folder, "generate_assignment", name, "--force"):
        raise RuntimeError(f"nbgrader could not make {name}")
    return folder / "release" / name / lesson.name


def assignment(lesson):
    """Return the name of a lesson's assignment, lesson_01 of 01_autoencoder.ipynb."""
    return f"lesson_{lesson.name[:2]}"


def collect(folder, lesson, place):
    """Copy what learners handed in from the folder `place`; return {learner: fault}.

    There it is LEARNER/.../01_autoencoder.ipynb, as in the homes of a JupyterHub, or a
    file LEARNER_..._01_autoencoder.ipynb, as a learning platform packs it. Links that
    lead out of a learner's folder are not followed. What cannot be read is worth
    nothing and is named.
    """
    blank = nbformat.read(folder / "release" / assignment(lesson) / lesson.name, 4)
    found = {}
    for path in sorted(Path(place).rglob(f"*{lesson.stem}*.ipynb")):
        learner = _learner(path.relative_to(place), lesson.stem)
        hidden = any(part.startswith(".") for part in path.relative_to(place).parts)
        if learner and not hidden:
            best = found.get(learner)
            if best is None or path.lstat().st_mtime > best.lstat().st_mtime:
                found[learner] = path
    return {
        learner: _hand_in(path, folder, lesson, learner, blank, Path(place))
        for learner, path in found.items()
    }


def _learner(path, stem):
    """Return whose file the relative `path` is, or None."""
    name = path.parts[0] if len(path.parts) > 1 else path.name.split(stem)[0]
    name = re.sub(r"\W+", "-", name if len(path.parts) > 1 else name.split("_")[0])
    return name.strip("-") or None


def _hand_in(path, folder, lesson, learner, blank, place):
    """Keep one learner's file; return what is wrong with it, or ""."""
    target = folder / "submitted" / learner / assignment(lesson)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    fault, own = "", place / path.relative_to(place).parts[0]
    paper = nbformat.v4.new_notebook()
    if not path.resolve().is_relative_to(own.resolve()) or own.is_symlink():
        fault = "a link that leads out of the learner's folder"
    elif not path.is_file() or path.stat().st_size > LARGEST:
        fault = "not a file, or a file of more than 50 MB"
    else:
        try:
            paper = papers.with_answers(blank, nbformat.read(path, as_version=4))
        except Exception as error:  # whatever a broken file makes a reader raise
            fault = f"cannot be read ({type(error).__name__})"
    nbformat.write(paper, target / lesson.name)
    when = datetime.datetime.fromtimestamp(path.lstat().st_mtime, datetime.timezone.utc)
    (target / "timestamp.txt").write_text(f"{when:%Y-%m-%d %H:%M:%S} UTC")
    return fault


def marks(folder):
    """Return the rows of the table of marks, a header first.

    A row is a learner's lesson: points of each exercise, their sum, what there is to
    look at.
    """
    from nbgrader.api import Gradebook

    rows = []
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        for each in book.assignments:
            for paper in book.assignment_submissions(each.name):
                rows.append(_row(each.name, paper))
    most = max((len(points) for _, _, points, _ in rows), default=0)
    numbers = [str(number) for number in range(1, most + 1)]
    table = [["lesson", "learner", *numbers, "sum", "remarks"]]
    for lesson, learner, points, remarks in sorted(rows):
        row = [f"{value:g}" for value in points] + [""] * (most - len(points))
        table.append([lesson, learner, *row, f"{sum(points):g}", remarks])
    return table


def _row(lesson, paper):
    points, remarks = {}, {}
    for notebook in paper.notebooks:
        for grade in notebook.grades:
            points[grade.name] = grade.score or 0.0
        for comment in notebook.comments:
            if comment.comment:
                remarks[comment.name] = comment.comment
    said = "; ".join(
        f"{name.split('-')[1]}: {remarks[name]}" for name in sorted(remarks)
    )
    return lesson, paper.student.id, [points[name] for name in sorted(points)], said


def show(table):
    """Return a table as text, its last column left as it is."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)][:-1]
    return "\n".join(
        "  ".join([*(f"{v:{w}}" for v, w in zip(row, widths, strict=False)), row[-1]])
        for row in table
    )


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    steps = ("assign", "collect", "grade", "feedback", "marks")
    parser.add_argument("step", choices=steps)
    parser.add_argument("lesson", nargs="?", help="01, 02, ...")
    parser.add_argument("place", nargs="?", help="of what was handed in")
    parser.add_argument("--homework", default="homework", type=Path)
    given = parser.parse_args(arguments)
    folder = given.homework.resolve()
    if given.step != "marks" and not given.lesson:
        parser.error(f"{given.step} needs a lesson")
    if given.step == "collect" and not given.place:
        parser.error("collect needs the folder with what was handed in")
    lesson = lesson_path(given.lesson) if given.lesson else None
    well = True
    if given.step == "assign":
        print(assign(folder, lesson))
    elif given.step == "collect":
        for learner, fault in collect(folder, lesson, given.place).items():
            print(f"{learner}: {fault or 'collected'}")
    elif given.step == "grade":
        well = nbgrader(folder, "autograde", assignment(lesson))
    elif given.step == "feedback":
        well = nbgrader(folder, "generate_feedback", assignment(lesson), "--force")
    else:
        table = marks(folder)
        with open(folder / "marks.csv", "w", newline="") as file:
            csv.writer(file).writerows(table)
        print(show(table))
    sys.exit(not well)


if __name__ == "__main__":
    main()
