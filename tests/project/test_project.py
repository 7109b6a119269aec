"""The files around the code: requirements that agree, and what make does."""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from helpers import colab, runtime
from tests import conftest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def lines(name):
    found = (re.sub(r"(^|\s)#.*", "", line).strip() for line in read(name).splitlines())
    return [line for line in found if line]


def requirements(extra=None):
    """Return what a learner needs, or what an extra of pyproject.toml adds to it."""
    project = pyproject()["project"]
    found = (
        project["optional-dependencies"][extra] if extra else project["dependencies"]
    )
    return [Requirement(line) for line in found]


def specifier(package, python):
    """Return the range of a package that the course asks for on a Python."""
    found = [
        requirement.specifier
        for requirement in requirements()
        if requirement.name == package
        and (
            requirement.marker is None
            or requirement.marker.evaluate({"python_version": python})
        )
    ]
    assert len(found) == 1, f"{package} is asked for {len(found)} times"
    return found[0]


def pyproject():
    return tomllib.loads(read("pyproject.toml"))


def half_open(low, high):
    return SpecifierSet(f">={low},<{high}")


def test_requirements_have_one_source():
    assert lines("requirements.txt") == ["-e ."]
    assert lines("requirements-dev.txt") == ["-e .[dev]"]
    learner, extra = ({r.name for r in requirements(e)} for e in (None, "dev"))
    assert not learner & extra


def test_conda_installs_the_same():
    environment = yaml.safe_load(read("environment.yml"))
    *conda, pip = environment["dependencies"]
    assert pip == {"pip": ["-r requirements.txt"]}
    ranges = {re.match(r"\w+", line)[0]: line for line in conda}
    assert set(ranges) == {"python", "pip", "ffmpeg"}
    conda_range = SpecifierSet(ranges["python"].removeprefix("python"))
    assert conda_range == SpecifierSet(pyproject()["project"]["requires-python"])


def test_python_range_is_the_one_that_setup_checks():
    low, high = (".".join(map(str, end)) for end in runtime.PYTHON_RANGE)
    allowed = SpecifierSet(pyproject()["project"]["requires-python"])
    assert allowed == half_open(low, high)
    named = re.search(
        r"not (\(.*?\)) <= sys.version_info\[:2\] < (\(.*?\))", read("Makefile")
    )
    assert named.groups() == tuple(map(str, runtime.PYTHON_RANGE))
    supported = [version for version in PYTHONS if version in allowed]
    message = re.search(r"needs Python ([^;]*);", read("Makefile"))[1]
    assert re.findall(r"3\.\d+", message) == supported
    candidates = re.search(r"for python in (.*?);", read("Makefile"))[1].split()
    assert candidates == ["python3", *(f"python{v}" for v in reversed(supported))]


def test_tensorflow_and_keras_ranges_are_those_that_setup_checks():
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert specifier("tensorflow", python) == half_open(*runtime.TENSORFLOW_RANGE)
    assert specifier("keras", python) == SpecifierSet(f">={runtime.KERAS_MINIMUM}")


@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13"])
def test_every_package_is_asked_for_once_on_each_python(python):
    for requirement in requirements():
        assert specifier(requirement.name, python)


@pytest.mark.parametrize("name", ["docs/which_way_in.md", "requirements.txt"])
def test_gpu_extra_has_the_same_range(name):
    extra = re.search(r"tensorflow\[and-cuda\]([^\"']*)[\"']", read(name))
    assert SpecifierSet(extra[1]) == half_open(*runtime.TENSORFLOW_RANGE)


def test_colab_installs_lines_of_the_requirements_and_no_framework():
    assert set(colab.MAY_BE_MISSING.values()) <= set(map(str, requirements()))
    names = {Requirement(line).name for line in colab.MAY_BE_MISSING.values()}
    assert not names & {"tensorflow", "keras", "numpy", "ipywidgets"}


def make(folder, *arguments, path=None, expect=0):
    """Run make on a copy of the Makefile, with `path` as the PATH."""
    for name in (
        "Makefile",
        "requirements.txt",
        "requirements-dev.txt",
        "pyproject.toml",
        "classroom/requirements.txt",
    ):
        if not (folder / name).exists():
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    environment = {"PATH": path or "/usr/bin:/bin", "HOME": str(folder)}
    done = subprocess.run(
        [shutil.which("make"), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def pythons(tmp_path):
    """A folder for the PATH in which `add(name, version)` puts a stand-in Python.

    The stand-in answers the version check, and in place of a virtual
    environment it makes a `python` that writes its arguments to calls.txt.
    """
    folder = tmp_path / "bin"
    folder.mkdir()
    tools = ("sh", "cat", "cksum", "cut", "rm", "touch", "mkdir", "chmod", "pwd")
    for tool in (*tools, "echo", "id", "uname"):
        (folder / tool).symlink_to(shutil.which(tool))

    def add(name, version):
        script = f"""#!/bin/sh
if [ "$1" = -c ]; then
    exec {sys.executable} -c "import sys; sys.version_info = {version}
$2"
elif [ "$1" = --version ]; then echo "{name} {version}"
else
    mkdir -p .venv/bin
    printf '#!/bin/sh\\necho "$@" >> calls.txt\\n' > .venv/bin/python
    chmod +x .venv/bin/python
fi
"""
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
        return str(folder)

    return add


def calls(folder):
    path = folder / "calls.txt"
    found = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return found


def test_make_takes_the_first_python_that_fits(tmp_path, pythons):
    pythons("python3", (3, 9, 1))
    path = pythons("python3.12", (3, 12, 4))
    assert "python3.12" in make(tmp_path, "lab", path=path)


@pytest.mark.parametrize("version", [(3, 9, 18), (3, 14, 0)])
def test_make_names_the_range_when_no_python_fits(tmp_path, pythons, version):
    said = make(tmp_path, "lab", path=pythons("python3", version), expect=2)
    assert "needs Python 3.10, 3.11, 3.12 or 3.13" in said
    assert not (tmp_path / ".venv").exists()


def test_make_installs_once_and_again_after_a_change(tmp_path, pythons):
    path = pythons("python3", (3, 11, 7))
    make(tmp_path, "lab", path=path)
    install, lab = calls(tmp_path)
    assert install.endswith("-r requirements.txt")
    assert lab.startswith("-m jupyterlab ")
    assert lab.endswith("/lab/tree/notebooks/00_start_here.ipynb")
    assert "token" not in lab

    make(tmp_path, "lab", path=path)
    assert calls(tmp_path) == [lab]

    with open(tmp_path / "requirements.txt", "a") as file:
        file.write("# changed\n")
    make(tmp_path, "lab", path=path)
    assert calls(tmp_path) == [install, lab]


@pytest.mark.parametrize("user, root", [(0, True), (1000, False)])
@pytest.mark.parametrize("screen", [{}, {"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "w"}])
def test_lab_starts_for_root_and_for_users_with_and_without_a_screen(
    tmp_path, pythons, user, root, screen
):
    path = pythons("python3", (3, 11, 7))
    (tmp_path / "bin/id").unlink()
    (tmp_path / "bin/id").write_text(f"#!/bin/sh\necho {user}\n")
    (tmp_path / "bin/id").chmod(0o755)
    (tmp_path / "bin/uname").unlink()
    (tmp_path / "bin/uname").symlink_to("/bin/echo")  # not macOS, which has a screen
    variables = [f"{name}={value}" for name, value in screen.items()]
    make(tmp_path, "lab", "ARGS=--port 9000 --ip 0.0.0.0", *variables, path=path)
    words = calls(tmp_path)[-1].split()
    assert ("--allow-root" in words) == root
    assert ("--no-browser" in words) == (not screen)
    assert words[-4:] == ["--port", "9000", "--ip", "0.0.0.0"]


def _open_soon(address):
    """Open an address that is named a moment before anybody listens there."""
    for _ in range(100):
        try:
            return urllib.request.urlopen(address)
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            time.sleep(0.1)
    pytest.fail(f"nobody listens at {address}")


@pytest.mark.timeout(120)
def test_lab_answers_at_the_address_that_it_names(tmp_path):
    """For whoever runs the tests: root in a container, or a user."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "notebooks").mkdir()
    shutil.copy(ROOT / "Makefile", tmp_path)
    options = ["LEARNER=", f"PYTHON={sys.executable}", f"ARGS=--port {port}"]
    process = subprocess.Popen(
        [shutil.which("make"), "lab", *options],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said = ""
        while not (found := re.search(rf"http://\S+:{port}/lab\S+token=\w+", said)):
            said += process.stdout.readline() or pytest.fail(said)
        with _open_soon(found[0]) as answer:
            assert answer.status == 200
        assert "00_start_here.ipynb" in found[0]
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/contents")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_maintainers_packages_go_in_only_where_they_are_needed(tmp_path, pythons):
    path = pythons("python3", (3, 11, 7))
    make(tmp_path, "lint", path=path)
    install, *ruff = calls(tmp_path)
    assert install.endswith("-r requirements-dev.txt")
    assert len(ruff) == 2
    make(tmp_path, "lint", path=path)
    assert calls(tmp_path) == ruff
    make(tmp_path, "lab", path=path)  # what a learner needs came with it
    assert [call.split()[1] for call in calls(tmp_path)] == ["jupyterlab"]


def pytest_command(folder, target="test-all"):
    """Return the pytest command of `make test-all`, as a list of words."""
    said = make(folder, "-n", target).replace("\\\n", " ")
    line = next(line for line in said.splitlines() if " -m pytest " in line)
    assert "COURSE_PROFILE=smoke" in line
    return shlex.split(line.split(" -m pytest ")[1])


def test_tests_run_every_notebook(tmp_path):
    words = pytest_command(tmp_path)
    assert words[:2] == ["tests", "notebooks"]
    assert not {"-k", "-m", "--deselect", "--ignore"} & set(words)


def test_only_what_is_marked_as_slow_is_left_to_test_all(tmp_path):
    words = pytest_command(tmp_path, "test")
    at = words.index("-m")
    assert words[at : at + 2] == ["-m", "not slow"]
    assert words[:at] + words[at + 2 :] == pytest_command(tmp_path)


def test_notebooks_that_are_marked_as_slow_exist():
    assert all((ROOT / "notebooks" / name).exists() for name in conftest.SLOW_NOTEBOOKS)


def test_what_is_pushed_or_integrated_runs_everything():
    for path in (".ci/run", ".github/workflows/tests.yml"):
        assert re.findall(r"\bmake ([\w-]+)", read(path)) == ["test-all"], path


@pytest.mark.parametrize("source, failed", [("6 * 7", 0), ("1 / 0", 1)])
def test_a_notebook_that_raises_fails_the_tests(tmp_path, source, failed):
    cells = [nbformat.v4.new_code_cell("1"), nbformat.v4.new_code_cell(source)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    flags = [word for word in pytest_command(tmp_path) if word.startswith("-")]
    flags = [word for word in flags if not word.startswith(("-n", "--dist"))]
    command = [sys.executable, "-m", "pytest", "a.ipynb", "-p", "no:cacheprovider"]
    done = subprocess.run(command + flags, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == failed, done.stdout
    assert f"{2 - failed} passed" in done.stdout


def test_a_kernel_registered_elsewhere_does_not_take_over(tmp_path):
    """JupyterLab as `make lab` starts it: its python3 is the one beside it."""
    kernel = tmp_path / ".local/share/jupyter/kernels/python3/kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(
        '{"argv": ["/wrong/python"], "display_name": "x", "language": "p"}'
    )
    ask = (
        "from jupyter_client.kernelspec import KernelSpecManager; "
        "print(KernelSpecManager().get_kernel_spec('python3').argv[0])"
    )
    (tmp_path / "Makefile").write_text(
        read("Makefile") + f'\nask:\n\t@{sys.executable} -c "{ask}"\n'
    )
    assert make(tmp_path, "ask").strip() in {sys.executable, "python"}
