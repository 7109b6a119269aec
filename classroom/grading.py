"""What nbgrader does with a paper: its steps, with ours in place of some of its own.

nbgrader keeps the gradebook, makes the feedback pages, and stops for nobody. Ours are
the steps between: the paper is the lesson with the learner's answers, it runs behind
walls, and a mark is what the check said.
"""

import copy
from pathlib import Path

import nbformat
from nbformat.v4 import new_output
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    ComputeChecksums,
    LimitOutput,
    LockCells,
    SaveAutoGrades,
    SaveCells,
)
from nbgrader.preprocessors.base import NbGraderPreprocessor
from traitlets import Bool, Unicode

from classroom import papers, sitting, walls


class Blank(NbGraderPreprocessor):
    """A step that knows the lesson that a paper belongs to."""

    release = Unicode(help="The folder with the assignments as released.").tag(
        config=True
    )

    def blank(self, resources):
        about = resources["nbgrader"]
        name = f"{about['notebook']}.ipynb"
        return nbformat.read(Path(self.release) / about["assignment"] / name, 4)


class TakeAnswers(Blank):
    """Make of what was handed in the lesson with its answers."""

    def preprocess(self, nb, resources):
        return papers.with_answers(self.blank(resources), nb), resources


class Sit(Blank):
    """Run the paper; keep what is to be said of each exercise."""

    behind_walls = Bool(True, help="False only in a container of its own.").tag(
        config=True
    )

    def preprocess(self, nb, resources):
        if self.behind_walls and (why := walls.missing()):
            raise RuntimeError(f"There can be no walls here: {why}")
        blank = self.blank(resources)
        remarks = sitting.sit(nb, blank, self.behind_walls)
        for number, (answer, _) in papers.exercises(nb).items():
            if found := papers.worth_a_look(answer.source):
                look = f"A person looks at this answer: it has {', '.join(found)}."
                remarks[number] = f"{remarks.get(number, '')} {look}".strip()
        resources["nbgrader"]["remarks"] = remarks
        return nb, resources


class SaveMarks(SaveAutoGrades):
    """All points for a check that found the answer right, none for any other."""

    def preprocess(self, nb, resources):
        ours = papers.exercises(nb)
        self.number = {check.id: number for number, (_, check) in ours.items()}
        self.number |= {answer.id: number for number, (answer, _) in ours.items()}
        return super().preprocess(nb, resources)

    def _add_score(self, cell, resources):
        # nbgrader itself gives full points for any output that is no number.
        judged = copy.deepcopy(cell)
        right = papers.is_right(cell, self.number[cell.id])
        wrong = new_output("error", ename="Wrong", evalue="", traceback=[])
        judged.outputs = [] if right else [wrong]
        super()._add_score(judged, resources)

    def _add_comment(self, cell, resources):
        super()._add_comment(cell, resources)
        if remark := resources["nbgrader"]["remarks"].get(self.number[cell.id]):
            where = [
                resources["nbgrader"][k] for k in ("notebook", "assignment", "student")
            ]
            name = cell.metadata["nbgrader"]["grade_id"]
            self.gradebook.find_comment(name, *where).auto_comment = remark
            self.gradebook.db.commit()


def configure(c, folder):
    """Put the steps into nbgrader's configuration `c` for the homework in `folder`."""
    c.CourseDirectory.root = str(folder)
    c.CourseDirectory.course_id = "course"
    c.GenerateAssignment.preprocessors = [
        LockCells,
        ClearOutput,
        CheckCellMetadata,
        ComputeChecksums,
        SaveCells,
    ]
    release = str(Path(folder) / "release")
    c.TakeAnswers.release = c.Sit.release = release
    c.Autograde.sanitize_preprocessors = [TakeAnswers, CheckCellMetadata]
    c.Autograde.autograde_preprocessors = [
        Sit,
        LimitOutput,
        SaveMarks,
        AssignLatePenalties,
        CheckCellMetadata,
    ]
