"""Profile and budgets, versions, seeds and device: what a lesson starts from.

This is the only module that reads environment variables. It imports neither
TensorFlow nor Keras until `setup` has checked that their versions are right.
"""

import contextlib
import errno
import glob
import importlib.metadata
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

PROFILES = ("smoke", "lesson", "full")
PYTHON_RANGE = ((3, 10), (3, 14))  # half open
TENSORFLOW_RANGE = ("2.20", "2.22")  # half open
COLAB_CURE = (
    "In Colab choose Runtime > Change runtime type, there {} and a CPU or a GPU, no "
    "TPU, and run this cell again. Do not install TensorFlow or Keras with pip: that "
    "breaks Colab's GPU."
)
KERAS_MINIMUM = "3.13" if sys.version_info >= (3, 11) else "3.12"


def profile():
    """Return the name of the profile: "smoke", "lesson" (the default) or "full".

    Raises ValueError if COURSE_PROFILE holds anything else.
    """
    name = os.environ.get("COURSE_PROFILE") or "lesson"
    if name not in PROFILES:
        raise ValueError(
            f"COURSE_PROFILE is {name!r}: set it to one of {', '.join(PROFILES)}, "
            "or unset it for 'lesson'."
        )
    return name


def budget(*, smoke, lesson, full):
    """Return the value that belongs to the current profile."""
    return {"smoke": smoke, "lesson": lesson, "full": full}[profile()]


def check_constants(names, **lowest):
    """Check the numbers that a learner may change: check_constants(globals()).

    names is a dict of a lesson's names. Of those in capitals, whole numbers and tuples
    of whole numbers must be 1 or more (of SEEDS 0 or more), or as much as a keyword
    says: LATENT_DIM=2. Raises ValueError that names the first one that is less.
    """
    lowest = {"SEEDS": 0} | lowest
    for name, value in names.items():
        numbers = value if isinstance(value, tuple) else (value,)
        if not name.isupper() or any(type(number) is not int for number in numbers):
            continue
        least = lowest.get(name, 1)
        if min(numbers, default=least) < least:
            what = "each of its numbers" if isinstance(value, tuple) else "it"
            raise ValueError(
                f"{name} is {value}: set {what}, in this cell, to {least} or more."
            )


def course_data():
    """Return the folder named by COURSE_DATA as a Path, or None if it is not set.

    Raises FileNotFoundError if the folder is missing and PermissionError if it
    cannot be read.
    """
    name = os.environ.get("COURSE_DATA")
    if not name:
        return None
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(
            f"COURSE_DATA is {name!r}, which is no folder. Create and fill it with "
            f"`python -m tools.assets.fetch_course_data {name}`, or unset COURSE_DATA."
        )
    if not os.access(folder, os.R_OK | os.X_OK):
        raise PermissionError(
            f"COURSE_DATA is {name!r}, which you may not read. "
            f"Ask its owner, or run `chmod u+rx {name}`."
        )
    return folder


def for_book():
    """Return whether this run is made for the book (COURSE_BOOK is set).

    The widgets then leave in their outputs what a page without a kernel needs.
    """
    return bool(os.environ.get("COURSE_BOOK"))


def book_environment():
    """Return the environment of a kernel whose run is made for the book: a dict."""
    return {**os.environ, "COURSE_BOOK": "1"}


def in_colab():
    """Return whether this Python runs in Google Colab."""
    return "google.colab" in sys.modules


def write_whole(path, write):
    """Write a file whole or not at all.

    `write(file)` gets a binary file object. What it writes goes to a temporary
    file in the same folder, which takes the name `path` only when it is complete.
    Raises OSError that says so when the disk is full; a file that was there stays.
    """
    path = Path(path)
    try:
        _write_and_rename(path, write)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        why = "The disk is full: make room; until then the file stays as it was"
        raise OSError(error.errno, why, str(path)) from error


def _write_and_rename(path, write):
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
        os.chmod(temporary, 0o644)  # mkstemp's 0600 would lock out classmates
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def remove_leftovers(path):
    """Remove what a killed process left when it was writing the file at `path`.

    Call it only where nobody else can be writing that file.
    """
    path = Path(path)
    for left in path.parent.glob(f".{glob.escape(path.name)}.????????"):
        left.unlink(missing_ok=True)


def check_versions():
    """Raise RuntimeError if Python, TensorFlow or Keras is outside our range."""
    low, high = PYTHON_RANGE
    if not low <= sys.version_info[:2] < high:
        cure = (
            "Start it with `make lab`, or choose another kernel in the menu Kernel > "
            "Change Kernel."
        )
        raise RuntimeError(
            f"This notebook runs on Python {platform.python_version()} "
            f"({sys.executable}); the course needs Python {low[0]}.{low[1]} to "
            f"{high[0]}.{high[1] - 1}. "
            + (_colab_cure(sys.version_info >= high) if in_colab() else cure)
        )
    found = versions()["tensorflow"]
    if not _at_least(found, TENSORFLOW_RANGE[0]) or _at_least(
        found, TENSORFLOW_RANGE[1]
    ):
        raise RuntimeError(
            _wrong_version(
                "TensorFlow", found, f">={TENSORFLOW_RANGE[0]},<{TENSORFLOW_RANGE[1]}"
            )
        )
    found = versions()["keras"]
    if not _at_least(found, KERAS_MINIMUM):
        raise RuntimeError(_wrong_version("Keras", found, f">={KERAS_MINIMUM}"))


def versions():
    """Return the versions of TensorFlow and Keras here, {package: version or None}."""
    tensorflow = _installed("tensorflow") or _installed("tensorflow-cpu")
    return {"tensorflow": tensorflow, "keras": _installed("keras")}


def _installed(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _at_least(version, minimum):
    if version is None:
        return False
    numbers = [int(part) for part in version.split(".")[:2]]
    return numbers >= [int(part) for part in minimum.split(".")]


def _wrong_version(package, found, wanted):
    have = f"{package} {found} is installed" if found else f"{package} is missing"
    cure = f'Run `pip install "{package.lower()}{wanted}"`.'
    if in_colab():
        cure = _colab_cure("<" in wanted and _at_least(found, wanted.split("<")[1]))
    return f"{have} in {sys.executable}; the course needs {wanted}. {cure}"


def _colab_cure(too_new):
    return COLAB_CURE.format(
        "an earlier runtime version" if too_new else "the latest runtime version"
    )


@dataclass(frozen=True)
class Report:
    """What a lesson runs on; shown by a notebook as plain text."""

    profile: str
    python: str
    tensorflow: str
    keras: str
    device: str
    seed: int

    def __repr__(self):
        return (
            f"profile     {self.profile}\n"
            f"python      {self.python}\n"
            f"tensorflow  {self.tensorflow}, keras {self.keras}\n"
            f"device      {self.device}\n"
            f"seed        {self.seed}"
        )


def setup(seed=0):
    """Check the versions, seed every random generator, and report the machine.

    Call it first in a lesson: it must run before anything else imports TensorFlow.
    Raises RuntimeError if a version is outside the range, ValueError if the
    profile is unknown.
    """
    check_versions()
    name = profile()
    # Before Keras is imported: another backend may not even be installed.
    _check_backend(os.environ.setdefault("KERAS_BACKEND", "tensorflow"))
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _without_native_messages():
        import keras
        import tensorflow as tf

        device = _device(tf)
    _check_backend(keras.backend.backend())
    if shell := _notebook_shell():
        _explain_missing_names(shell)
        _round_what_is_shown(shell.display_formatter.formatters["text/plain"])
    keras.backend.clear_session()  # Keras 3.12 restarts its generator only so
    keras.utils.set_random_seed(seed)
    return Report(
        profile=name,
        python=f"{platform.python_version()} at {sys.executable}",
        tensorflow=tf.__version__,
        keras=keras.__version__,
        device=device,
        seed=seed,
    )


def _notebook_shell():
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def _round_what_is_shown(formatter):
    """Have a notebook show 0.788839, not np.float64(0.7888394594192505)."""
    import numpy as np

    def shown(value, printer, cycle):
        plain = value.item() if isinstance(value, np.generic) else value
        text = repr(plain)
        if isinstance(plain, float) and float(f"{plain:.6g}") != plain:
            text = f"{plain:.6g}"
        printer.text(text)

    numbers = (np.floating, np.integer, np.bool_)
    for kind in {float, *np.sctypeDict.values()}:
        if kind is float or issubclass(kind, numbers):
            formatter.for_type(kind, shown)


def _explain_missing_names(shell):
    """Have a notebook say what to do about a name that no cell has defined yet."""

    def explain(shell, kind, error, trace, tb_offset=None):
        if kind is NameError:  # and not one of its children
            error.args = (
                f"{error}. If a cell above defines it, run that one first (in "
                "JupyterLab: Run > Run All Above Selected Cell).",
            )
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    shell.set_custom_exc((NameError,), explain)


def _check_backend(name):
    if name != "tensorflow":
        raise RuntimeError(
            f"Keras runs on {name!r} here; the course needs TensorFlow. "
            "Unset KERAS_BACKEND and restart the kernel."
        )


@contextlib.contextmanager
def _without_native_messages():
    """Hold back what C++ code writes to file descriptor 2; show it if we fail.

    TensorFlow greets with ten lines about CPU instructions and missing GPUs before
    its own log level counts.
    """
    kept = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(kept, held.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _device(tf):
    """Name the device and prepare it: a GPU's memory, a CPU's graphs.

    A GPU's memory grows instead of being taken whole. On a CPU the pass of the graph
    optimizer that fuses operations is left out: behind a convolution it wants to fold
    in a leaky ReLU whose gradient still needs the convolution's output, fails, and
    says so at every training. What it does manage saves no time that we could measure.
    """
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        with contextlib.suppress(RuntimeError):  # already in use: leave it as it is
            tf.config.experimental.set_memory_growth(gpu, True)
    if not gpus:
        tf.config.optimizer.set_experimental_options({"remapping": False})
        return f"CPU, {os.cpu_count()} cores"
    names = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
    return "GPU, " + ", ".join(name.get("device_name", "unnamed") for name in names)
