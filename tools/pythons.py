"""Run the whole suite on several Pythons: python -m tools.pythons 3.10 3.12 3.13

Each Python gets an environment of its own under build/pythons, made and kept up to date
by the Makefile. All of them run, whether one fails or not; `make test-pythons` calls
this, and passes TESTS=... on to `make test-all`.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ROOT / "build" / "pythons"
ASK = "import sys; print('%d.%d' % sys.version_info[:2])"


def candidates(version):
    """Yield where a Python of this version, such as "3.10", may be."""
    if found := shutil.which(f"python{version}"):
        yield found
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(map(str, pyenv.glob(f"versions/{version}.*/bin/python")))
    if uv := shutil.which("uv"):
        asked = subprocess.run(
            [uv, "python", "find", version], capture_output=True, text=True
        )
        yield from asked.stdout.split()


def answers(python, version):
    """Whether a program is a Python of this version, and not merely called so."""
    try:
        asked = subprocess.run([python, "-c", ASK], capture_output=True, text=True)
    except OSError:
        return False
    return asked.stdout.strip() == version


def interpreter(version):
    """Return the path of a Python of this version.

    Looks on the PATH, then in pyenv's folder, then asks uv. Raises FileNotFoundError if
    there is none.
    """
    for python in candidates(version):
        if answers(python, version):
            return python
    raise FileNotFoundError(
        f"no Python {version}: install one, with `pyenv install {version}` or "
        f"`uv python install {version}`."
    )


def environment(version):
    """Return the folder of this Python's environment; make an empty one if need be."""
    folder = ENVIRONMENTS / version
    if not (folder / "bin" / "python").exists():
        subprocess.run([interpreter(version), "-m", "venv", folder], check=True)
    return folder


def tested(version):
    """Run the suite on one Python; return what came of it, in words."""
    began = time.perf_counter()
    try:
        folder = environment(version).relative_to(ROOT)
    except FileNotFoundError as error:
        return str(error)
    done = subprocess.run(["make", "test-all", f"VENV={folder}"], cwd=ROOT)
    word = "failed" if done.returncode else "passed"
    return f"{word} in {time.perf_counter() - began:.0f} s"


def main(versions):
    """Run the suite on each of these Pythons; exit with an error if one failed."""
    found = {}
    for version in versions:
        print(f"--- Python {version}", flush=True)
        found[version] = tested(version)
    print("\n".join(f"Python {version}: {said}" for version, said in found.items()))
    sys.exit(any(not said.startswith("passed") for said in found.values()))


if __name__ == "__main__":
    main(sys.argv[1:])
