"""Say in each lesson how long it takes: python -m tools.notebooks.times

Reads the seconds and the peak memory of the runs in the `lesson` profile that
`make book` keeps, writes them to docs/times.json with the machine that took them, and
writes the minutes into the head of each lesson.
"""

import json
import os
import re

import nbformat

from helpers import machine, runtime
from tools.notebooks.stamp import ROOT, paths

RUNS = ROOT / "build/runs/lesson/times.json"
RECORD = ROOT / "docs/times.json"
SENTENCE = re.compile(r"About \d+ minutes? to\s+run")


def minutes(seconds):
    """Return the time of a lesson as its head gives it, in whole minutes."""
    return max(1, round(seconds / 60))


def sentence(seconds):
    count = minutes(seconds)
    return f"About {count} minute{'s' if count > 1 else ''} to run"


def with_sentence(head, seconds):
    """Return the text of a lesson's first cell with the minutes that it took."""
    return SENTENCE.sub(sentence(seconds), head)


def record(runs):
    """Return what docs/times.json keeps of `runs`, the book's times of each notebook.

    Raises ValueError if a lesson's run failed.
    """
    kept = {}
    for name, run in runs.items():
        if "/" in name:  # a solution
            continue
        if run["error"]:
            raise ValueError(f"The run of {name} failed: {run['error'][-1]}")
        slowest = max(seconds for seconds in run["cells"].values() if seconds)
        kept[name] = {
            "seconds": round(run["seconds"]),
            "slowest_cell": round(slowest),
            "peak_mib": run["peak_mib"],
        }
    return kept


def main():
    old = json.loads(RECORD.read_text())["lessons"] if RECORD.is_file() else {}
    lessons = old | record(json.loads(RUNS.read_text()))
    here = f"{os.cpu_count()} cores, {machine.processor()}"
    kept = {"machine": here, "lessons": lessons}
    text = json.dumps(kept, indent=1) + "\n"
    runtime.write_whole(RECORD, lambda file: file.write(text.encode()))
    for path in paths():
        if path.stem in lessons and path.parent.name != "solutions":
            notebook = nbformat.read(path, as_version=4)
            head = notebook.cells[0]
            head.source = with_sentence(head.source, lessons[path.stem]["seconds"])
            nbformat.write(notebook, path)
    print(RECORD)


if __name__ == "__main__":
    main()
