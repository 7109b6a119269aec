"""What a learner's machine has for the course, and how long the lessons take on it."""

import importlib.metadata
import json
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from helpers import animation, data, runtime

COURSE = Path(__file__).resolve().parent.parent
NOTEBOOKS = COURSE / "notebooks"
STEPS = ("lesson", "its step", "steps/s", "times the processor's", "GiB", "full")
# Minutes that a lesson may take at most in the profile `lesson` on two CPU cores.
LIMITS = {1: 6, 2: 6, 3: 10, 4: 6, 5: 10, 6: 10, 7: 10, 8: 6, 9: 8, 10: 6}
REFERENCE = 200.0  # GFLOP/s of `speed` on the two cores that LIMITS speak of


def processor():
    """Return the name of this machine's processor."""
    listed = Path("/proc/cpuinfo")
    named = listed.is_file() and re.search(r"model name\s*: (.+)", listed.read_text())
    return named[1] if named else platform.processor() or platform.machine()


def memory(kind, process="self"):
    """Return a process's memory in MiB, or None where the system does not tell it.

    kind is "VmRSS", what it holds now, or "VmHWM", the most that it has held.
    """
    status = Path(f"/proc/{process}/status")
    found = status.is_file() and re.search(rf"{kind}:\s*(\d+)", status.read_text())
    return int(found[1]) / 1024 if found else None


def check():
    """Return what the course uses and whether it is here: rows (mark, part, found).

    A part that is missing has a cross for its mark, and its row names the cure.
    """
    return [
        _row("graphics card", _gpu),
        _row("widgets", _widgets),
        _row("animations", _ffmpeg),
        _row("data of this profile", lambda: repr(data.digits())),
        _row("folder for full data", lambda: str(runtime.course_data() or "not set")),
    ]


def _row(part, find):
    try:
        return ("✓", part, find())
    except (OSError, RuntimeError, ValueError, ImportError) as error:
        return ("✗", part, str(error))


def _gpu():
    if not shutil.which("nvidia-smi"):
        return "none, and none is needed"
    query = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"]
    done = subprocess.run(query, capture_output=True, text=True)
    return done.stdout.strip().replace("\n", "; ") or "none, and none is needed"


def _widgets():
    try:
        parts = ("ipywidgets", "anywidget")
        return ", ".join(f"{part} {importlib.metadata.version(part)}" for part in parts)
    except importlib.metadata.PackageNotFoundError as error:
        raise ImportError(f"{error.name} is missing: run `make lab` again") from None


def _ffmpeg():
    _, program = animation.find_ffmpeg()
    return f"ffmpeg at {program}"


def speed(tries=50):
    """Return how fast this machine multiplies matrices, in GFLOP/s (10^9 operations).

    A product of two 1024 x 1024 matrices takes 2 * 1024^3 operations; the fastest of
    `tries` products counts, since other programs can only slow one down.
    """
    import tensorflow as tf

    square = tf.random.normal((1024, 1024))
    times = []
    for _ in range(tries):
        start = time.perf_counter()
        tf.reduce_sum(tf.matmul(square, square)).numpy()  # waits for the device
        times.append(time.perf_counter() - start)
    return 2 * 1024**3 / min(times) / 1e9


def milliseconds(function, *arguments, repeats=4):
    """Return the shortest time of function(*arguments), after one call unmeasured.

    The shortest, because whatever else the machine does can only lengthen a call.
    """
    times = []
    for _ in range(repeats + 1):
        begin = time.perf_counter()
        function(*arguments)
        times.append(1000 * (time.perf_counter() - begin))
    return min(times[1:])


def lessons(gflops, folder=NOTEBOOKS):
    """Return rows (lesson, limit in minutes, minutes here) of the lessons in `folder`.

    The minutes here are the limit times the ratio of REFERENCE to `gflops`: a rough
    guess, as training is more than products of matrices.
    """
    rows = []
    for path in sorted(Path(folder).glob("[0-9][0-9]_*.ipynb")):
        number, title = re.fullmatch(r"(\d+)_(.*)", path.stem).groups()
        if int(number) not in LIMITS:
            continue
        limit = LIMITS[int(number)]
        guess = max(1, round(limit * REFERENCE / gflops))
        name = f"{number} {title.replace('_', ' ')}"
        rows.append((name, f"{limit} min", f"about {guess} min"))
    return rows


def steps():
    """Return what each lesson's training step takes on the graphics card: rows STEPS.

    Steps a second, how often the processor's, the peak of the card's memory, and what
    the lesson's main trainings take in the profile `full`. No rows without a card.
    Measured in a process of its own, for some minutes. Raises RuntimeError, with what
    it said last, if that fails.
    """
    if _gpu().startswith("none"):
        return []
    command = [sys.executable, "-m", "benchmarks.speed.on_device", "--json"]
    done = subprocess.run(command, cwd=COURSE, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["nothing was said"]
        raise RuntimeError(f"The steps could not be measured: {said[-1]}")
    return json.loads(done.stdout.splitlines()[-1])
