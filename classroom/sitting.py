"""A paper run behind walls, with limits on time, memory and output.

An answer that takes too long is interrupted. One that ends Python, or that does not let
itself be interrupted, is left out and the paper is run again, so that it costs its own
mark and no other.
"""

import copy
import shutil
import sys
import tempfile
import time
from pathlib import Path

from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_output

from classroom import papers, walls

ANSWER_SECONDS = 30  # for an answer, and for its check
CELL_SECONDS = 120  # for a cell of the lesson
PAPER_SECONDS = 300  # for a learner's paper, all its runs together
OUTPUT = 50 * 2**20  # characters of a paper's outputs

# Before each check: whatever an answer did to the checks is undone. What was solved
# before is remembered only for the line that counts at the lesson's end.
RENEW = """
def _renewed():
    import importlib
    import sys
    solved = dict(getattr(sys.modules.pop("helpers.checks", None), "_solved", {}))
    checks = importlib.import_module("helpers.checks")
    checks._solved.update(solved)
    return checks
checks = _renewed()
del _renewed
"""


class WalledKernel(AsyncKernelManager):
    """A kernel behind walls, reached through sockets in a folder of both sides."""

    def __init__(self, shared, behind_walls=True, **options):
        super().__init__(transport="ipc", **options)
        self.shared, self.behind_walls = Path(shared), behind_walls
        self.connection_file = str(self.shared / "kernel.json")
        self.kernel_spec.interrupt_mode = "message"  # a signal would end at the walls

    def format_kernel_cmd(self, extra_arguments=None):
        python = [
            sys.executable,
            "-m",
            "ipykernel_launcher",
            "-f",
            self.connection_file,
        ]
        python += extra_arguments or []
        if not self.behind_walls:
            return ["env", "COURSE_PROFILE=smoke", *python]
        self.shared.chmod(0o777)
        Path(self.connection_file).chmod(0o644)
        return walls.around(python, self.shared)


class Ended(Exception):
    """The kernel is gone, or the time for the paper is over."""


class Sitting(NotebookClient):
    """One run of a paper; `at` is the number of the cell that ran last."""

    def __init__(self, paper, shared, deadline, behind_walls):
        super().__init__(
            paper,
            allow_errors=True,
            timeout_func=self._seconds,
            interrupt_on_timeout=True,
            error_on_timeout={"ename": "Timeout", "evalue": "", "traceback": []},
            iopub_timeout=5,
            raise_on_iopub_timeout=True,
            shutdown_kernel="immediate",
            on_cell_execute=self._before,
            on_cell_executed=self._after,
        )
        self.deadline = deadline
        self.kernel = {"shared": shared, "behind_walls": behind_walls}
        self.at, self.shown = 0, 0

    def create_kernel_manager(self):
        self.km = WalledKernel(**self.kernel)
        return self.km

    def _seconds(self, cell):
        tags = cell.metadata.get("tags", [])
        limit = ANSWER_SECONDS if {"answer", "check"} & set(tags) else CELL_SECONDS
        return max(1, min(limit, self.deadline - time.monotonic()))

    def _before(self, cell, cell_index):
        self.at = cell_index
        if time.monotonic() > self.deadline:
            raise Ended(f"The time for the whole paper, {PAPER_SECONDS} s, was over.")
        if "check" in cell.metadata.get("tags", []):
            self.kc.execute(RENEW, silent=True, store_history=False)

    def _after(self, cell, cell_index, execute_reply):
        failed = any(output.output_type == "error" for output in cell.outputs)
        if execute_reply["content"]["status"] == "error" and not failed:
            cell.outputs.append(_error("This took too long and was interrupted."))

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] in ("stream", "display_data", "execute_result", "error"):
            self.shown += len(str(msg["content"]))
            if self.shown > OUTPUT:
                return None
        return super().process_message(msg, cell, cell_index)

    def run(self):
        """Run the paper; return why it ended before its end, or ""."""
        try:
            self.execute()
        except DeadKernelError:
            return "This answer ended Python."
        except CellTimeoutError:
            return "This answer never ends and could not be interrupted."
        except Ended as end:
            return str(end)
        return ""


def sit(paper, blank, behind_walls=True):
    """Run a paper and put its outputs into it; return {exercise number: remark}.

    `blank` is the lesson that the paper was made from. Raises RuntimeError if the
    lesson itself, without any answer, ends its kernel.
    """
    left_out, deadline = {}, time.monotonic() + PAPER_SECONDS
    while True:
        trial = _without(paper, blank, left_out)
        shared = tempfile.mkdtemp(prefix="sit-")  # short: the path of a socket is short
        sitting = Sitting(trial, shared, deadline, behind_walls)
        try:
            why = sitting.run()
        finally:
            shutil.rmtree(shared, ignore_errors=True)
        if not why:
            break
        number = papers.exercise_at(trial, sitting.at)
        if time.monotonic() > deadline:
            late = range((number or 0) + 1, len(papers.exercises(paper)) + 1)
            left_out |= dict.fromkeys(late, "The time for the whole paper was over.")
            break
        if number is None or number in left_out:
            raise RuntimeError(f"Cell {sitting.at} of the lesson itself: {why}")
        left_out[number] = why
    _take_outputs(paper, trial, left_out)
    return left_out


def _without(paper, blank, left_out):
    """Return a copy of a paper in which some exercises have no answer."""
    trial = copy.deepcopy(paper)
    empty = papers.exercises(blank)
    for number, (answer, check) in papers.exercises(trial).items():
        answer.outputs = check.outputs = []
        if number in left_out:
            answer.source = empty[number][0].source
    return trial


def _take_outputs(paper, trial, left_out):
    for cell, run in zip(paper.cells, trial.cells, strict=True):
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = run.outputs, run.execution_count
    for number, (answer, check) in papers.exercises(paper).items():
        if number in left_out:
            answer.outputs, check.outputs = [], [_error(left_out[number])]


def _error(text):
    return new_output("error", ename="LeftOut", evalue=text, traceback=[text])
