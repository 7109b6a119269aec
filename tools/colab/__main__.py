"""Run every lesson as Colab would: python -m tools.colab [--only 01]

Makes an environment with Colab's versions under build/colab and runs each notebook
there, in the profile `smoke`, alone in a folder like /content, beside a stand-in for
`google.colab`. The first cell clones the working tree as it would clone the course.
What a notebook shows and leaves behind is then judged: no error, nothing on stderr but
progress bars, no bar that is a widget, every widget with its code and a still picture,
and no package changed but those that Colab lacks.
"""

import argparse
import subprocess
import sys
import time

import nbformat

from tools.colab import judge, runtime
from tools.notebooks.stamp import ROOT, paths


def lessons(only):
    """Return the lessons whose file names begin so; solutions are not for Colab."""
    found = [path for path in paths() if path.parent == ROOT / "notebooks"]
    return [path for path in found if path.name.startswith(only)]


def main(given=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="what file names begin with: 01")
    chosen = lessons(parser.parse_args(given).only)
    if not chosen:
        parser.error("no lesson's name begins so")
    try:
        colab = runtime.Colab()
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        sys.exit(f"No environment like Colab's: {error}")
    failed = {}
    with colab:
        before = colab.packages()
        for path in chosen:
            began = time.perf_counter()
            notebook, error = colab.run(nbformat.read(path, as_version=4), path)
            found = [error] if error else judge.problems(notebook)
            failed[path.name] = found
            took = f"{time.perf_counter() - began:.0f} s"
            print(f"{path.stem}: {'; '.join(found) or 'ok'} ({took})", flush=True)
        added = colab.packages() - before
        lost = before - colab.packages()
    print(f"installed by the first cells: {', '.join(sorted(added)) or 'nothing'}")
    if lost or any(line.split("==")[0] not in runtime.LACKS for line in added):
        sys.exit(f"packages were changed: {sorted(lost)} {sorted(added)}")
    sys.exit(any(failed.values()))


if __name__ == "__main__":
    main()
