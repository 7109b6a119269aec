"""What a class needs for each lesson: python -m classroom.needs writes its table.

Reads docs/times.json, the seconds and the peak memory of each lesson on two cores, and
writes the table of docs/classroom.md.
"""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "classroom.md"
START, END = "<!-- needs: written by classroom/needs.py -->", "<!-- end of needs -->"
CLASS = 30
SERVER = 0.2  # GiB of a learner's server beside the kernel


def table(lessons):
    """Return the table, in Markdown, of {lesson: {"seconds", "peak_mib"}}."""
    lines = [
        "| lesson | minutes on 2 cores | peak, GiB | memory for 30, GiB | core hours |",
        "|---|---|---|---|---|",
    ]
    for name, run in sorted(lessons.items()):
        peak = (run["peak_mib"] or 0) / 1024
        memory = f"{peak:.1f} | {CLASS * (peak + SERVER):.0f}" if peak else "? | ?"
        hours = CLASS * 2 * run["seconds"] / 3600
        minutes = max(1, round(run["seconds"] / 60))
        lines.append(f"| {name[:2]} | {minutes} | {memory} | {hours:.1f} |")
    return "\n".join(lines)


def page(text, lessons):
    """Return the text of docs/classroom.md with the table of `lessons`."""
    before, rest = text.split(START)
    return f"{before}{START}\n{table(lessons)}\n{END}{rest.split(END)[1]}"


def main():
    lessons = json.loads((ROOT / "docs/times.json").read_text())["lessons"]
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), lessons), encoding="utf-8")


if __name__ == "__main__":
    main()
