"""An environment like Colab's, and a folder like its /content."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from nbclient.exceptions import CellExecutionError, DeadKernelError

from tools import pythons
from tools.notebooks import kernels, stamp

PYTHON = "3.13"
VERSIONS = Path(__file__).with_name("versions.txt")
LACKS = {"ffmpeg-python", "future"}  # the second comes with the first
FOLDER = stamp.ROOT / "build" / "colab"
BOOTSTRAP = re.compile(
    f"{re.escape(stamp.START)}.*?{re.escape(stamp.END)}\n", re.DOTALL
)

# What a kernel of Colab has before the first cell runs. anywidget asks for the manager
# of custom widgets, once, when the first of them is shown.
STAND_IN = """
import sys, types

colab = types.ModuleType("google.colab")
colab.output = types.ModuleType("google.colab.output")
colab.output.asked = 0


def enable_custom_widget_manager(*arguments, **options):
    colab.output.asked += 1


colab.output.enable_custom_widget_manager = enable_custom_widget_manager
sys.modules["google.colab"] = colab
sys.modules["google.colab.output"] = colab.output
"""


class Colab:
    """The environment, made if need be, and a course that its kernels can clone.

    Used as a context: the folder like /content goes at its end. Raises
    FileNotFoundError if there is no Python of Colab's, CalledProcessError if pip cannot
    install a version.
    """

    def __init__(self, folder=FOLDER):
        self.python = environment(folder)
        self.folder = None

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="colab-"))
        self.origin = _origin(self.folder / "origin")
        self.content = self.folder / "content"
        startup = self.folder / "ipython" / "profile_default" / "startup"
        startup.mkdir(parents=True)
        (startup / "00-colab.py").write_text(STAND_IN)
        kernel = self.folder / "jupyter" / "kernels" / "colab"
        kernel.mkdir(parents=True)
        words = [self.python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": [str(word) for word in words], "display_name": "Colab"}
        (kernel / "kernel.json").write_text(json.dumps(spec | {"language": "python"}))
        os.environ["JUPYTER_PATH"] = str(self.folder / "jupyter")
        return self

    def __exit__(self, *error):
        shutil.rmtree(self.folder)

    def packages(self):
        """Return what is installed: a set of lines, name==version."""
        command = [self.python, "-m", "pip", "freeze", "--exclude-editable"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return set(done.stdout.split("\n")) - {""}

    def run(self, notebook, path):
        """Run a notebook alone in a new content folder; return it, and error or None.

        Its first cell clones the course from this machine instead of from GitHub, into
        the folder that stands for /content; all else stays as it is.
        """
        shutil.rmtree(self.content, ignore_errors=True)
        self.content.mkdir()
        course = self.content / stamp.course()["folder"]
        lines = stamp.bootstrap(self.origin.as_uri(), course)
        first = next(cell for cell in notebook.cells if cell.cell_type == "code")
        first.source, count = BOOTSTRAP.subn(lambda _: lines, first.source)
        assert count == 1, f"{path.name} has no lines for Colab"
        own = {"timeout": 600, "kernel_name": "colab", "store_widget_state": True}
        client = kernels.client(notebook, self.content, **own)
        try:
            client.execute(env=self._environment())
        except (CellExecutionError, DeadKernelError) as error:
            return notebook, str(error).strip().splitlines()[-1]
        return notebook, None

    def _environment(self):
        """A learner's environment: nothing of this machine's course is on the path."""
        kept = {n: v for n, v in os.environ.items() if not n.startswith("PYTHON")}
        own = {"COURSE_PROFILE": "smoke", "IPYTHONDIR": str(self.folder / "ipython")}
        return kept | own | {"HOME": str(self.folder), "MPLBACKEND": _INLINE}


# As Colab sets it; its IPython is too old to find matplotlib's backend by itself.
_INLINE = "module://matplotlib_inline.backend_inline"


def environment(folder=FOLDER):
    """Make the environment if it is not there; return the path of its Python."""
    python, made = folder / "bin" / "python", folder / "versions.txt"
    if made.is_file() and made.read_text() == VERSIONS.read_text():
        _without_what_colab_lacks(python)
        return python
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([pythons.interpreter(PYTHON), "-m", "venv", folder], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "-r", VERSIONS]
    subprocess.run(pip, check=True)
    shutil.copy(VERSIONS, made)
    return python


def _without_what_colab_lacks(python):
    """Take back what the first cells of an earlier run have installed."""
    pip = [python, "-m", "pip", "uninstall", "--quiet", "--yes", *sorted(LACKS)]
    subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)


def _origin(folder):
    """Copy the working tree's files into a git repository of one commit."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=stamp.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (stamp.ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(stamp.ROOT / name, folder / name)
    git = ["git", "-c", "user.name=course", "-c", "user.email=course@localhost"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "course"]):
        subprocess.run([*git, *words], cwd=folder, check=True)
    return folder
