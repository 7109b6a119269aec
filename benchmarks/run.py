"""Run the short benchmarks one after another, each in a process of its own.

    python -m benchmarks.run [--only NAME ...]

Without --only: all of benchmarks/speed, which is what `make bench` does. NAME is the
name of any module in benchmarks/speed, benchmarks/published or benchmarks/sturdy; the
last are what `make sturdy` runs. A benchmark that misses a bar ends with a status that
is not 0, and so does this then. Close other programs first: they share the processor.
"""

import argparse
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
SPEED = sorted(path.stem for path in FOLDER.glob("speed/*.py"))
PUBLISHED = sorted(path.stem for path in FOLDER.glob("published/*.py"))
STURDY = sorted(path.stem for path in FOLDER.glob("sturdy/*.py"))


def passes(name):
    """Run one benchmark; return whether it reached its bars."""
    print(f"== {name}", flush=True)
    rooms = {"speed": SPEED, "published": PUBLISHED, "sturdy": STURDY}
    folder = next(room for room, names in rooms.items() if name in names)
    command = [sys.executable, "-m", f"benchmarks.{folder}.{name}"]
    done = subprocess.run(command, cwd=FOLDER.parent).returncode == 0
    print(flush=True)
    return done


def main():
    """Run what the command line names; return the names that missed a bar."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    choices = SPEED + PUBLISHED + STURDY
    parser.add_argument("--only", nargs="+", default=SPEED, choices=choices)
    return [name for name in parser.parse_args().only if not passes(name)]


if __name__ == "__main__":
    missed = main()
    sys.exit(f"Bars missed in: {', '.join(missed)}" if missed else 0)
