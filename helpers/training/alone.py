"""Two trainings must not write one checkpoint in turns: the second one is told."""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from helpers import runtime

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt


@contextlib.contextmanager
def alone_with(path):
    """Keep a checkpoint's path for this training; without a path do nothing.

    What a killed kernel left of a checkpoint that it was writing is removed.
    Raises RuntimeError if another training of this machine holds it, in whichever
    kernel. A kernel that dies lets go of it. The lock is a file in the system's
    temporary folder, so that nothing is left beside the checkpoint, and a drive that
    knows no locks, as Colab's, is as good as another.
    """
    if path is None:
        yield
        return
    handle = _open(path)
    try:
        _lock(handle, path)
        runtime.remove_leftovers(path)
        yield
    finally:
        os.close(handle)  # which unlocks it


def _open(path):
    name = hashlib.sha256(str(Path(path).resolve()).encode()).hexdigest()[:16]
    file = Path(tempfile.gettempdir()) / f"course-checkpoint-{name}.lock"
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    except PermissionError:  # another user's: it can be locked all the same
        return os.open(file, os.O_RDONLY)


def _lock(handle, path):
    try:
        if fcntl:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    except (BlockingIOError, PermissionError):
        raise RuntimeError(
            f"Another training, in this or another kernel, is writing the checkpoint "
            f"{path}. Wait for it or stop it, or give this one another file."
        ) from None
