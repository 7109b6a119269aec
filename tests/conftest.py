"""What all tests share: the course's folder, its notebooks, and the browser."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# Notebooks cannot carry pytest.mark.slow themselves.
SLOW_NOTEBOOKS = ("solutions",)


def pytest_configure(config):
    """Watch the cells of all notebooks, which lie outside of this folder."""
    from tests import quiet_cells

    if not config.pluginmanager.is_registered(quiet_cells):
        config.pluginmanager.register(quiet_cells)


def pytest_collection_modifyitems(items):
    """Mark the slow notebooks, and what cannot run here.

    The browser tests are left out where there is no Chromium, but never in CI.
    """
    slow = [ROOT / "notebooks" / name for name in SLOW_NOTEBOOKS]
    mark(items, slow, pytest.mark.slow)
    if not shutil.which("chromium") and not os.environ.get("CI"):
        skip = pytest.mark.skip(reason="needs Chromium on the PATH")
        mark(items, [ROOT / "tests" / "browser"], skip)


def mark(items, paths, marker):
    for item in items:
        if any(item.path.is_relative_to(path) for path in paths):
            item.add_marker(marker)


@pytest.fixture(scope="module")
def lesson(request):
    """The names of a lesson's own code; the module's LESSON is its notebook."""
    from tools.notebooks.lesson_code import lesson_code

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PROFILE", "smoke")
        return lesson_code(request.module.LESSON)


@pytest.fixture
def small_disk(tmp_path):
    """Return a folder on a disk of its own that holds 1 MB; only root can have one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if (
        not shutil.which("mount")
        or subprocess.run(mount, capture_output=True).returncode
    ):
        pytest.skip("a disk of 1 MB needs the right to mount one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture(scope="session")
def chromium():
    """Return the path of Chromium; a test that asks for it belongs in browser/."""
    path = shutil.which("chromium")
    assert path, "Chromium is not on the PATH; .ci/run installs it"
    return path
