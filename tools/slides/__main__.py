"""Write a page of slides for each lesson: python -m tools.slides [--only 01]

The figures, tables and films are those of the runs that the book keeps, in the profile
that COURSE_PROFILE names (`lesson` if it is not set): run `make book` before. The pages
go to build/slides; they need no network, and can be opened as files.
"""

import argparse
import sys

from tools.book import places
from tools.slides import deck


def main(given=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="what file names begin with: 01")
    only = parser.parse_args(given).only
    lessons = [path for path in places.paths() if path.parent == places.NOTEBOOKS]
    chosen = [path for path in lessons if path.name.startswith(only)]
    if not chosen:
        parser.error(f"no lesson's name begins with {only!r}")
    missing = []
    deck.folder().mkdir(parents=True, exist_ok=True)
    deck.vendor()
    for path in chosen:
        try:
            print(deck.write(path), flush=True)
        except FileNotFoundError as error:
            missing.append(str(error))
    sys.exit("\n".join(missing) or 0)


if __name__ == "__main__":
    main()
