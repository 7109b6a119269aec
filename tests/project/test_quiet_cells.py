"""The plugin that lets no cell write to stderr: it catches what it should."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests import quiet_cells

ROOT = Path(__file__).resolve().parents[2]
NATIVE = "import os; os.write(2, b'E0000 meta_optimizer.cc: remapper failed\\n');"
# The thread that reads the descriptor needs a moment while the cell still runs.
WAIT = "import time; time.sleep(0.5)"


def stderr(text):
    return new_output("stream", name="stderr", text=text)


@pytest.mark.parametrize(
    "text",
    [
        "100%|##########| 30/30 [00:03<00:00, 9.8it/s, loss=0.3]\n",
        "\r  0%|          | 0/30 [00:00<?, ?it/s]\r 50%|#####     | 15/30 [00:01]",
        "\n\x1b[A",
    ],
)
def test_progress_bars_are_no_noise(text):
    assert not quiet_cells.noise([stderr(text)])


def test_what_is_written_beside_a_bar_is_noise():
    outputs = [new_output("stream", name="stdout", text="fine"), stderr("50%|## |\nW")]
    assert quiet_cells.noise(outputs) == "W"


def test_a_cell_that_writes_to_stderr_fails(tmp_path):
    sources = [
        f"print('fine'); {WAIT}",
        "import sys; print('oh', file=sys.stderr)",
        "import warnings; warnings.warn('oh', stacklevel=1)",
        f"{NATIVE} {WAIT}",
    ]
    cells = [new_code_cell(source) for source in sources]
    nbformat.write(new_notebook(cells=cells), tmp_path / "cells.ipynb")
    options = ["-p", "tests.quiet_cells", "--nbval-lax", "--nbval-current-env", "-rA"]
    options += ["-q", "-c", "/dev/null", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    outcomes = re.findall(r"^(PASSED|FAILED) .*Cell (\d)", result.stdout, re.MULTILINE)
    expected = {"0": "PASSED", "1": "FAILED", "2": "FAILED", "3": "FAILED"}
    assert {cell: outcome for outcome, cell in outcomes} == expected, result.stdout
    assert "remapper failed" in result.stdout
