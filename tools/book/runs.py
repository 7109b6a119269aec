"""Executed notebooks, kept under build/runs and run again only when they must be.

A run is keyed by all that it depends on: the notebook's code and text, the helpers
that it imports and what these import, the assets, the profile, and the versions of
the packages that compute. The widgets' JavaScript and CSS are not among them: the
pages take these from the working tree.
"""

import argparse
import ast
import datetime
import functools
import hashlib
import importlib.metadata
import json
import platform
import subprocess
import threading
import time

import nbformat
from nbclient.exceptions import CellExecutionError, DeadKernelError

from helpers import machine, runtime
from tools.book import places
from tools.notebooks import kernels
from tools.notebooks.stamp import ROOT

HELPERS = ROOT / "helpers"
COMPUTE = ("tensorflow", "keras", "numpy", "scipy", "matplotlib", "ffmpeg-python")
PAGES_TAKE = {".js", ".css"}  # from the working tree, so a run does not depend on them
SAY_EVERY = 20  # seconds
# Before 3.11.8 and 3.12.2 CPython mixes up two threads that parse at once.
_PARSING = threading.Lock()
_ONE_AT_A_TIME = threading.Lock()


def selected(arguments=None):
    """Return the notebooks that the command line asks for; exit if there are none."""
    parser = argparse.ArgumentParser(description="Run notebooks of the course.")
    parser.add_argument("--only", default="", help="what file names begin with: 01")
    only = parser.parse_args(arguments).only
    chosen = [path for path in places.paths() if path.name.startswith(only)]
    if not chosen:
        parser.error(f"no notebook's name begins with {only!r}")
    return chosen


def kept(path):
    """Return where the run of the notebook at `path` is kept."""
    return folder() / f"{places.name(path)}.ipynb"


def folder():
    """Return the folder of the current profile's runs."""
    return places.BUILD / "runs" / runtime.profile()


def key(path):
    """Return the SHA-256 of everything that a run of this notebook depends on."""
    notebook = nbformat.read(path, as_version=4)
    cells = [[cell.cell_type, cell.source] for cell in notebook.cells]
    code = "\n".join(source for kind, source in cells if kind == "code")
    doors = _reached(_helpers_in(code))
    versions = {name: _version(name) for name in COMPUTE}
    parts = [
        cells,
        {door: _digest(door) for door in sorted(doors | {"assets"})},
        runtime.profile(),
        str(runtime.course_data()) if runtime.profile() == "full" else "",
        platform.python_version(),
        versions,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _helpers_in(code):
    """Return the doors, by name, that Python code imports from helpers."""
    doors = set()
    with _PARSING:
        tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            if node.level:  # inside a door, which is taken whole
                continue
        else:
            continue
        parts = [name.split(".") for name in names]
        doors |= {part[1] for part in parts if part[0] == "helpers" and len(part) > 1}
    return doors


def _files(door):
    whole = sorted((HELPERS / door).rglob("*"))
    files = [path for path in whole if path.is_file()]
    module = HELPERS / f"{door}.py"
    return files + [module] * module.is_file()


@functools.cache
def _needs(door):
    code = [path for path in _files(door) if path.suffix == ".py"]
    return set().union(*(_helpers_in(path.read_text("utf-8")) for path in code))


def _reached(doors):
    """Return the doors and every door that they need, directly or not."""
    found, ahead = set(), set(doors)
    while ahead:
        door = ahead.pop()
        found.add(door)
        ahead |= _needs(door) - found
    return found


@functools.cache
def _digest(door):
    digest = hashlib.sha256()
    for path in _files(door):
        if path.suffix in PAGES_TAKE or "__pycache__" in path.parts:
            continue
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current(path):
    """Whether the notebook has a kept run without error that nothing outdates."""
    target = kept(path)
    if not target.is_file():
        return False
    run = nbformat.read(target, as_version=4).metadata.get("run", {})
    return run.get("key") == key(path) and not run.get("error")


def run(notebook, folder, said=None, book=False, log=subprocess.DEVNULL):
    """Run a notebook in place, in `folder`; return the error's text, or None.

    `said(number)` is called after each cell. `book` has the widgets leave in their
    outputs what a static page needs to bring them to life. `log` is a file for what
    the kernel itself says, such as why it died. The most memory that the kernel held
    goes to metadata["peak_mib"] of the notebook, where the system tells it.
    """

    def executed(cell, cell_index, **_):
        peak = machine.memory("VmHWM", client.km.provisioner.pid)
        notebook.metadata["peak_mib"] = peak and round(peak)
        if said:
            said(cell_index + 1)

    client = kernels.client(notebook, folder, on_cell_executed=executed)
    environment = {"env": runtime.book_environment()} if book else {}
    try:
        client.execute(**environment, stdout=log, stderr=log)
    except (CellExecutionError, DeadKernelError) as error:
        return str(error)


def execute(path):
    """Run the notebook at `path`, keep it, failed or not; return the error or None."""
    name = places.name(path)
    notebook, began = nbformat.read(path, as_version=4), time.perf_counter()
    depends = key(path)  # before the run: an edit during it outdates it
    spoke = began

    def said(number):
        nonlocal spoke
        if time.perf_counter() - spoke > SAY_EVERY:
            spoke = time.perf_counter()
            where = f"cell {number} of {len(notebook.cells)}"
            print(f"  {name}: {where}, {spoke - began:.0f} s", flush=True)

    target = kept(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target.with_suffix(".log"), "wb") as log:
        error = run(notebook, path.parent, said, book=True, log=log)
    took = round(time.perf_counter() - began, 1)
    notebook.metadata["run"] = {
        "key": depends,
        "seconds": took,
        "peak_mib": notebook.metadata.pop("peak_mib", None),
        "error": error or "",
    }
    text = nbformat.writes(notebook)
    runtime.write_whole(target, lambda file: file.write(text.encode()))
    _record_times(name, notebook)
    return error


def times_file():
    """Return the path of times.json: the seconds of each lesson, and of its cells."""
    return folder() / "times.json"


def _record_times(name, notebook):
    made = notebook.metadata["run"]
    cells = {
        f"{number} {cell.id}": _cell_seconds(cell)
        for number, cell in enumerate(notebook.cells)
        if cell.cell_type == "code"
    }
    error = made["error"].strip().splitlines()[-1:]
    with _ONE_AT_A_TIME:
        times = json.loads(times_file().read_text()) if times_file().is_file() else {}
        times[name] = {
            "seconds": made["seconds"],
            "peak_mib": made["peak_mib"],
            "error": error,
            "cells": cells,
        }
        text = json.dumps(dict(sorted(times.items())), indent=1)
        runtime.write_whole(times_file(), lambda file: file.write(text.encode()))


def _cell_seconds(cell):
    """Seconds between the kernel's busy and idle; None for a cell that did not run."""
    stamps = cell.metadata.get("execution", {})
    busy, idle = (stamps.get(f"iopub.status.{name}") for name in ("busy", "idle"))
    if not busy or not idle:
        return None
    return round((_clock(idle) - _clock(busy)).total_seconds(), 2)


def _clock(stamp):
    return datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00"))
