"""Run the course and write it as a book: python -m tools.book [--only 01] [--pages]

Every notebook runs in a kernel of its own, in the profile that COURSE_PROFILE names
(`lesson` if it is not set), unless the run that is kept of it is still current. An
interrupted book goes on where it stopped. The pages go to build/book; they need
neither a kernel nor a network, and can be opened as files.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor

import nbformat

from helpers import runtime
from tools.book import places, runs, site


def arguments(given=None):
    """Return the options of the command line and the notebooks that it asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="what file names begin with: 01")
    parser.add_argument("--pages", action="store_true", help="run nothing")
    parser.add_argument("--again", action="store_true", help="also run what is current")
    jobs = runtime.budget(smoke=2, lesson=1, full=1)
    parser.add_argument("--jobs", type=int, default=jobs, help="notebooks at once")
    options = parser.parse_args(given)
    chosen = [path for path in places.paths() if path.name.startswith(options.only)]
    if not chosen:
        parser.error(f"no notebook's name begins with {options.only!r}")
    return options, chosen


def made(path, again):
    """Bring one notebook's run up to date; return its error, or None."""
    name = places.name(path)
    if not again and runs.is_current(path):
        print(f"{name}: kept", flush=True)
        return None
    print(f"{name}: running", flush=True)
    error = runs.execute(path)
    took = nbformat.read(runs.kept(path), as_version=4).metadata["run"]["seconds"]
    print(f"{name}: {'failed after' if error else 'took'} {took:.0f} s", flush=True)
    if error:
        print(error, file=sys.stderr, flush=True)
    return error


def all_made(chosen, options):
    """Bring all runs up to date; return their errors. Ctrl-C begins no other run."""
    if options.jobs == 1:
        return [made(path, options.again) for path in chosen]
    pool = ThreadPoolExecutor(options.jobs)
    try:
        return list(pool.map(lambda path: made(path, options.again), chosen))
    finally:
        pool.shutdown(cancel_futures=True)


def main(given=None):
    options, chosen = arguments(given)
    failed = []
    if not options.pages:
        errors = all_made(chosen, options)
        failed = [
            places.name(path)
            for path, error in zip(chosen, errors, strict=True)
            if error
        ]
        print(runs.times_file())
    print(site.build(places.paths()))
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
