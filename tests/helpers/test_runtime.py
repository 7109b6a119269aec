"""Profile, folders, versions, files: each error names what is wrong and the cure."""

import errno
import importlib.metadata
import os
import re
import subprocess
import sys
import types
from pathlib import Path

import keras
import numpy as np
import pytest
from IPython.core import formatters

from helpers import runtime

ROOT = Path(__file__).resolve().parents[2]


def python(code, **environment):
    """Run code in a new Python in the course's folder."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


# Profile and budgets


@pytest.mark.parametrize("name", ["smoke", "lesson", "full"])
def test_profile_and_budget_follow_the_variable(monkeypatch, name):
    monkeypatch.setenv("COURSE_PROFILE", name)
    assert runtime.profile() == name
    assert runtime.budget(smoke="smoke", lesson="lesson", full="full") == name


@pytest.mark.parametrize("value", [None, ""])
def test_profile_is_lesson_by_default(monkeypatch, value):
    monkeypatch.delenv("COURSE_PROFILE", raising=False)
    if value is not None:
        monkeypatch.setenv("COURSE_PROFILE", value)
    assert runtime.profile() == "lesson"
    assert runtime.budget(smoke=1, lesson=30, full=200) == 30


@pytest.mark.parametrize("name", ["quick", "Smoke", " lesson"])
def test_unknown_profile_names_the_three(monkeypatch, name):
    monkeypatch.setenv("COURSE_PROFILE", name)
    for call in (runtime.profile, lambda: runtime.budget(smoke=1, lesson=2, full=3)):
        with pytest.raises(ValueError, match="smoke, lesson, full") as error:
            call()
        assert repr(name) in str(error.value)


# A lesson's constants


def test_sensible_constants_pass():
    names = {"EPOCHS": 1, "SEEDS": (0, 1), "XLA": False, "RATE": 0.0, "epochs": 0}
    runtime.check_constants({**names, "NAME": "x", "STAGES": ((0.5, 0),)})
    runtime.check_constants({"MARGIN": 0, "TOY_STEPS": (0, 1)}, MARGIN=0, TOY_STEPS=0)


@pytest.mark.parametrize(
    ("constants", "lowest", "message"),
    [
        ({"EPOCHS": 0}, {}, "^EPOCHS is 0: set it, in this cell, to 1 or more.$"),
        ({"A": 5, "LATENT_DIM": 1}, {"LATENT_DIM": 2}, "^LATENT_DIM is 1.*2 or more"),
        (
            {"BOTH": (3, 0)},
            {},
            r"^BOTH is \(3, 0\): set each of its num.*1 or more",
        ),
        ({"SEEDS": (-1, 1)}, {}, "^SEEDS is .*0 or more"),
    ],
)
def test_a_constant_that_makes_no_sense_is_named(constants, lowest, message):
    with pytest.raises(ValueError, match=message):
        runtime.check_constants(constants, **lowest)


class Shell:
    """As much of IPython's shell as `setup` needs."""

    def __init__(self):
        self.text = formatters.PlainTextFormatter()
        self.display_formatter = types.SimpleNamespace(
            formatters={"text/plain": self.text}
        )

    def set_custom_exc(self, kinds, handler):
        self.handler = handler

    def showtraceback(self, error, tb_offset=None):
        self.shown = str(error[1])


@pytest.mark.parametrize("kind", [NameError, UnboundLocalError])
def test_a_missing_name_is_explained(monkeypatch, kind):
    shell = Shell()
    fake = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", fake)
    runtime.setup()
    shell.handler(shell, kind, kind("name 'decoder' is not defined"), None)
    assert shell.shown.startswith("name 'decoder' is not defined")
    assert ("Run All Above" in shell.shown) == (kind is NameError)


@pytest.mark.parametrize(
    "value, shown",
    [
        (0.7888394594192505, "0.788839"),
        (np.float64(2.5), "2.5"),
        (np.float32(1e-7), "1e-07"),
        ({"a": [np.int64(7), 5.0, float("nan")]}, "{'a': [7, 5.0, nan]}"),
        ((True, np.bool_(True), 12345678), "(True, True, 12345678)"),
        (np.float64(-123456.7), "-123457"),
    ],
)
def test_numbers_are_shown_to_six_digits_and_without_their_types(
    monkeypatch, value, shown
):
    shell = Shell()
    fake = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", fake)
    runtime.setup()
    assert shell.text(value) == shown


def test_unknown_profile_stops_setup_before_tensorflow_is_imported():
    code = (
        "import sys\nfrom helpers import runtime\n"
        "try:\n    runtime.setup()\n"
        "except ValueError as error:\n    print(error, 'tensorflow' in sys.modules)"
    )
    result = python(code, COURSE_PROFILE="quick")
    assert "smoke, lesson, full" in result.stdout, result.stderr
    assert result.stdout.split()[-1] == "False"


# The folder of data


def test_course_data_is_none_or_the_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_DATA", raising=False)
    assert runtime.course_data() is None
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert runtime.course_data() == tmp_path
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COURSE_DATA", "~")
    assert runtime.course_data() == tmp_path


def test_missing_course_data_names_the_folder_and_the_command(monkeypatch, tmp_path):
    for path in (tmp_path / "nowhere", tmp_path / "file"):
        (tmp_path / "file").touch()
        monkeypatch.setenv("COURSE_DATA", str(path))
        with pytest.raises(FileNotFoundError) as error:
            runtime.course_data()
        assert str(path) in str(error.value)
        command = re.search(r"python -m (\S+)", str(error.value))[1]
        assert (ROOT / command.replace(".", "/")).with_suffix(".py").is_file()


def test_unreadable_course_data_names_the_folder_and_the_cure(monkeypatch, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir()
    monkeypatch.setenv("COURSE_DATA", str(folder))
    # Root may read every folder, whatever its mode: let the system say no.
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != folder)
    with pytest.raises(PermissionError, match="chmod u\\+rx") as error:
        runtime.course_data()
    assert str(folder) in str(error.value)


# Colab


def test_in_colab_is_whether_its_module_is_there(monkeypatch):
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    assert not runtime.in_colab()
    monkeypatch.setitem(sys.modules, "google.colab", object())
    assert runtime.in_colab()


# Versions


def installed(monkeypatch, **versions):
    """Let these be the installed versions; None: not installed."""
    real = importlib.metadata.version

    def version(package):
        name = package.replace("-", "_")
        if name not in versions:
            return real(package)
        if versions[name] is None:
            raise importlib.metadata.PackageNotFoundError(package)
        return versions[name]

    monkeypatch.setattr(importlib.metadata, "version", version)


def message():
    with pytest.raises(RuntimeError) as error:
        runtime.check_versions()
    return str(error.value)


def test_the_versions_here_pass():
    runtime.check_versions()


@pytest.mark.parametrize("version", [(3, 10, 0), (3, 13, 9)])
def test_python_at_the_ends_of_the_range_passes(monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", version)
    runtime.check_versions()


@pytest.mark.parametrize("version", [(3, 9, 19), (3, 14, 0), (4, 0, 0)])
def test_wrong_python_says_which_runs_and_what_to_do(monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", version)
    text = message()
    assert "Python 3.10 to 3.13" in text
    assert sys.executable in text
    assert "make lab" in text and "Kernel" in text


@pytest.mark.parametrize("version", ["2.20.0", "2.21.0", "2.21.0rc1"])
def test_tensorflow_in_the_range_passes(monkeypatch, version):
    installed(monkeypatch, tensorflow=version)
    runtime.check_versions()


@pytest.mark.parametrize("version", ["2.19.1", "2.9.0", "2.22.0", "3.0.0", "1.15.5"])
def test_tensorflow_outside_the_range_says_what_to_install(monkeypatch, version):
    installed(monkeypatch, tensorflow=version)
    text = message()
    assert f"TensorFlow {version} is installed" in text
    assert 'pip install "tensorflow>=2.20,<2.22"' in text


def test_missing_tensorflow_says_what_to_install(monkeypatch):
    installed(monkeypatch, tensorflow=None, tensorflow_cpu=None)
    text = message()
    assert "TensorFlow is missing" in text
    assert 'pip install "tensorflow>=2.20,<2.22"' in text


@pytest.mark.parametrize("version", [None, "2.19.0", "2.12.0"])
def test_colab_is_told_to_choose_a_runtime_and_not_to_install(monkeypatch, version):
    """Older runtimes, and those for TPUs, which have no TensorFlow at all."""
    monkeypatch.setitem(sys.modules, "google.colab", object())
    installed(monkeypatch, tensorflow=version, tensorflow_cpu=None)
    text = message()
    assert "Runtime > Change runtime type, there the latest runtime version" in text
    assert "pip install" not in text and "Do not install" in text


def test_colab_with_a_newer_tensorflow_is_told_to_choose_an_earlier_runtime(
    monkeypatch,
):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    installed(monkeypatch, tensorflow="2.22.0")
    assert "there an earlier runtime version" in message()


@pytest.mark.parametrize("version, which", [((3, 9), "latest"), ((3, 14), "earlier")])
def test_colab_with_another_python_is_told_to_choose_a_runtime(
    monkeypatch, version, which
):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    monkeypatch.setattr(sys, "version_info", version)
    text = message()
    assert which in text and "make lab" not in text


def test_tensorflow_for_cpus_counts(monkeypatch):
    installed(monkeypatch, tensorflow=None, tensorflow_cpu="2.21.0")
    runtime.check_versions()


@pytest.mark.parametrize("version", ["2.15.0", "3.0.5", "3.11.0", None])
def test_old_or_missing_keras_says_what_to_install(monkeypatch, version):
    installed(monkeypatch, keras=version)
    text = message()
    assert f"Keras {version} is installed" in text if version else "missing" in text
    assert f'pip install "keras>={runtime.KERAS_MINIMUM}"' in text


def test_new_keras_passes(monkeypatch):
    installed(monkeypatch, keras="3.100.0")
    runtime.check_versions()


def test_wrong_version_is_told_before_tensorflow_is_imported():
    """What a learner with an old TensorFlow sees, whose import might itself fail."""
    code = """
import importlib.metadata, sys
importlib.metadata.version = lambda name: "2.12.0"
from helpers import runtime
try:
    runtime.setup()
except RuntimeError as error:
    print(error, sorted({"tensorflow", "keras"} & set(sys.modules)))
"""
    result = python(code)
    assert "TensorFlow 2.12.0 is installed" in result.stdout, result.stderr
    assert result.stdout.strip().endswith("[]")


# Setup


def test_setup_reports_the_machine(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "smoke")
    text = repr(runtime.setup(seed=3))
    for part in ("smoke", sys.executable, keras.__version__, "seed        3"):
        assert part in text
    assert "CPU" in text or "GPU" in text


def test_setup_seeds_every_generator():
    def draws():
        runtime.setup(seed=5)
        keras_draw = keras.random.normal((3,))
        weights = keras.layers.Dense(2)
        weights.build((None, 2))
        legacy = np.random.random_sample(3)  # noqa: NPY002, also seeded
        return [np.asarray(a).tolist() for a in (keras_draw, weights.kernel, legacy)]

    assert draws() == draws()


def test_setup_refuses_another_backend(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(RuntimeError, match="'jax'.*Unset KERAS_BACKEND"):
        runtime.setup()


def test_setup_refuses_another_backend_before_keras_fails_to_import_it():
    code = (
        "import sys\nfrom helpers import runtime\n"
        "try:\n    runtime.setup()\n"
        "except RuntimeError as error:\n    print(error, 'keras' in sys.modules)"
    )
    result = python(code, KERAS_BACKEND="not_installed")
    assert "'not_installed'" in result.stdout, result.stderr
    assert "Unset KERAS_BACKEND" in result.stdout
    assert result.stdout.split()[-1] == "False"


# Files


def test_write_whole_writes_and_replaces(tmp_path):
    path = tmp_path / "file.bin"
    runtime.write_whole(path, lambda file: file.write(b"first"))
    assert path.read_bytes() == b"first"
    runtime.write_whole(str(path), lambda file: file.write(b"second"))
    assert path.read_bytes() == b"second"
    assert os.listdir(tmp_path) == ["file.bin"]


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_write_whole_keeps_the_old_file_when_it_fails(tmp_path, error):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")

    def write(file):
        file.write(b"half of the new")
        raise error

    with pytest.raises(type(error)):
        runtime.write_whole(path, write)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file.bin"]


def test_a_full_disk_is_named_and_the_old_file_stays(small_disk):
    path = small_disk / "file.bin"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="disk is full.*as it was.*file.bin") as error:
        runtime.write_whole(path, lambda file: file.write(bytes(2_000_000)))
    assert error.value.errno == errno.ENOSPC
    assert path.read_bytes() == b"old"
    assert os.listdir(small_disk) == ["file.bin"]


def test_write_whole_leaves_nothing_behind_when_it_fails(tmp_path):
    with pytest.raises(ZeroDivisionError):
        runtime.write_whole(tmp_path / "new", lambda file: file.write(1 // 0))
    assert os.listdir(tmp_path) == []


def test_readers_never_see_half_a_file(tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")
    seen = []

    def write(file):
        file.write(b"new")
        file.flush()
        seen.append(path.read_bytes())

    runtime.write_whole(path, write)
    assert seen == [b"old"]
    assert path.read_bytes() == b"new"


def test_written_files_can_be_read_by_classmates(tmp_path):
    runtime.write_whole(tmp_path / "file", lambda file: file.write(b"x"))
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644


CONVOLUTIONS = """
from helpers import runtime

runtime.setup()
import keras, numpy as np
from keras import layers, ops

from helpers import training

net = keras.Sequential(
    [layers.Input((8, 8, 1)), layers.Conv2D(2, 3), layers.LeakyReLU(0.2),
     layers.Conv2D(2, 3), layers.LeakyReLU(0.2)]
)
optimizer = keras.optimizers.Adam()
loss = lambda x: {"loss": ops.mean(net(x) ** 2)}
step = training.gradient_step(loss, net.trainable_variables, optimizer)
training.fit(step, np.ones((8, 8, 8, 1)), epochs=1, batch_size=4, progress=False)
"""


@pytest.mark.slow
def test_training_writes_nothing_to_stderr():
    """Not even at the level of errors: the cause is mended, not the message hidden."""
    result = python(CONVOLUTIONS, TF_CPP_MIN_LOG_LEVEL="2")
    assert (result.returncode, result.stderr) == (0, "")
