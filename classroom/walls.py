"""Walls around a learner's code: it sees Python and the course's code, no more.

The walls are bubblewrap's. Behind them there is no network, no other process, no file
of the teacher's or of another learner's; what is written goes to memory and is gone at
the end. Where the teacher is root, the code runs as `nobody`. On macOS and Windows, and
in a container that forbids namespaces, there is no bubblewrap: grade in a container of
your own that holds nothing else, with `behind_walls` set to False (docs/classroom.md).
"""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COURSE = (ROOT / "helpers",)  # not notebooks: the solutions are there

MEMORY = 6 * 2**30  # bytes that a process may ask for; a lesson asks for about 3 GB
SCRATCH = 512 * 2**20  # bytes of each place where it may write
PROCESSES = 2000  # with their threads
NOBODY = 65534

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/fonts", "/etc/ld.so.cache")
KEPT = ("LANG", "LC_ALL", "TZ", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


@functools.cache
def missing():
    """Return why there can be no walls on this machine, or ""."""
    for program in ("bwrap", "setpriv", "prlimit"):
        if not shutil.which(program):
            return f"{program} is not installed (Debian: bubblewrap, util-linux)"
    done = subprocess.run(around(["true"]), capture_output=True, text=True)
    return done.stderr.strip() if done.returncode else ""


def around(command, shared=None, environment=None):
    """Return the command that runs `command`, a list, behind walls.

    It starts in the folder `notebooks` of the course, which is empty there. `shared` is
    a folder that both sides write to, `environment` a dict of variables; of those here
    only what KEPT names goes along.
    """
    apart = [f"--unshare-{what}" for what in ("pid", "net", "ipc", "uts")]
    walls = ["bwrap", *apart, "--die-with-parent", "--new-session"]
    walls += ["--proc", "/proc", "--dev", "/dev", "--clearenv"]
    home = ROOT / "notebooks"
    for scratch in ("/tmp", "/home", home, ROOT / "results"):
        walls += ["--size", str(SCRATCH), "--perms", "1777", "--tmpfs", str(scratch)]
    for place in map(Path, (*SYSTEM, *COURSE, sys.prefix, sys.base_prefix)):
        for parent in reversed(place.parents[:-1]):  # bubblewrap would make them 0700
            walls += ["--perms", "0755", "--dir", str(parent)]
        walls += ["--ro-bind-try", str(place), str(place)]
    if shared:
        walls += ["--bind", str(shared), str(shared)]
    for name, value in (_environment() | (environment or {})).items():
        walls += ["--setenv", name, value]
    walls += ["--remount-ro", "/", "--chdir", str(home)]
    if os.geteuid() == 0:
        walls += ["--cap-drop", "ALL"]
        walls += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    return [*walls, "--", *_as_nobody(), *_limits(), *command]


def _environment():
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    python = Path(sys.executable).parent
    return kept | {
        "PATH": f"{python}:/usr/local/bin:/usr/bin:/bin",
        "HOME": "/home",
        "USER": "learner",
        "LOGNAME": "learner",
        "PYTHONPATH": str(ROOT),
        "COURSE_PROFILE": "smoke",
        "CUDA_VISIBLE_DEVICES": "-1",
    }


def _as_nobody():
    if os.geteuid() != 0:
        return []
    who = ["--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    return ["setpriv", *who, "--no-new-privs", "--inh-caps=-all", "--"]


def _limits():
    limits = {"data": MEMORY, "fsize": SCRATCH, "nproc": PROCESSES, "core": 0}
    return ["prlimit", *(f"--{name}={value}" for name, value in limits.items()), "--"]
