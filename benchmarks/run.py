"""Run the short benchmarks one after another, each in a process of its own.

    python -m benchmarks.run [--only NAME ...] [--record]

Without --only: all of benchmarks/speed, which is what `make bench` does. NAME is the
name of any module in benchmarks/speed, benchmarks/published or benchmarks/sturdy; the
last are what `make sturdy` runs. With --record, what a benchmark prints takes the place
of its last run in docs/results.md. A benchmark that misses a bar ends with a status
that is not 0, and so does this then. Close other programs first: they share the
processor.
"""

import argparse
import datetime
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER.parent / "docs" / "results.md"
SPEED = sorted(path.stem for path in FOLDER.glob("speed/*.py"))
PUBLISHED = sorted(path.stem for path in FOLDER.glob("published/*.py"))
STURDY = sorted(path.stem for path in FOLDER.glob("sturdy/*.py"))


def module(name):
    rooms = {"speed": SPEED, "published": PUBLISHED, "sturdy": STURDY}
    folder = next(room for room, names in rooms.items() if name in names)
    return f"benchmarks.{folder}.{name}"


def run(name):
    """Run one benchmark; return whether it reached its bars, and what it printed."""
    print(f"== {name}", flush=True)
    command = [sys.executable, "-u", "-m", module(name)]
    process = subprocess.Popen(
        command, cwd=FOLDER.parent, stdout=subprocess.PIPE, text=True
    )
    lines = []
    for line in process.stdout:
        print(line, end="", flush=True)
        lines.append(line)
    print(flush=True)
    return process.wait() == 0, "".join(lines).strip()


def recorded(results, name, printed, day):
    """Return the text of docs/results.md with this run in the place of the last one."""
    start, end = f"<!-- last run of {name} -->", f"<!-- end of {name} -->"
    section = (
        f"{start}\n`python -m {module(name)}`, {day}:\n\n```text\n{printed}\n```\n{end}"
    )
    if start not in results:
        title = name.replace("_", " ").capitalize()
        return f"{results.rstrip()}\n\n## Speed: {title.lower()}\n\n{section}\n"
    old = re.escape(start) + ".*?" + re.escape(end)
    return re.sub(old, lambda _: section, results, flags=re.DOTALL)


def record(name, printed):
    """Keep a run in docs/results.md."""
    results = RESULTS.read_text(encoding="utf-8")
    day = datetime.date.today().isoformat()
    RESULTS.write_text(recorded(results, name, printed, day), encoding="utf-8")


def main():
    """Run what the command line names; return the names that missed a bar."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    choices = SPEED + PUBLISHED + STURDY
    parser.add_argument("--only", nargs="+", default=SPEED, choices=choices)
    parser.add_argument("--record", action="store_true", help="in docs/results.md")
    options, missed = parser.parse_args(), []
    for name in options.only:
        passed, printed = run(name)
        if options.record:
            record(name, printed)
        if not passed:
            missed.append(name)
    return missed


if __name__ == "__main__":
    missed = main()
    sys.exit(f"Bars missed in: {', '.join(missed)}" if missed else 0)
