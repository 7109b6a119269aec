"""Eight kernels at once run a lesson in the smoke profile: do all of them finish?

    python -m benchmarks.sturdy.kernels [--lesson 01] [--count 8]

Prints the memory of each and the time of all. The status is not 0 if one failed.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat

from tools.book.runs import run
from tools.notebooks.stamp import ROOT


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lesson", default="01")
    parser.add_argument("--count", type=int, default=8)
    options = parser.parse_args()
    os.environ["COURSE_PROFILE"] = "smoke"  # which the kernels inherit
    (path,) = (ROOT / "notebooks").glob(f"{options.lesson}*.ipynb")
    notebooks = [nbformat.read(path, as_version=4) for _ in range(options.count)]
    begin = time.perf_counter()
    with ThreadPoolExecutor(options.count) as pool:
        errors = list(pool.map(lambda notebook: run(notebook, path.parent), notebooks))
    seconds = time.perf_counter() - begin
    memory = [notebook.metadata.get("peak_mib") for notebook in notebooks]
    finished = errors.count(None)
    print(f"{path.stem}: {finished} of {options.count} kernels, {seconds:.0f} s")
    print(f"memory of each, MiB: {memory}")
    for error in filter(None, errors):
        print(error.strip().splitlines()[-1])
    sys.exit(finished < options.count)


if __name__ == "__main__":
    main()
