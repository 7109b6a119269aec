"""A learner on the server: an account, a home, a copy of the course in it."""

import pwd
import shutil
import subprocess
from pathlib import Path

from jupyterhub.spawner import LocalProcessSpawner

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "class-"  # so that nobody who signs up as root becomes root


def account(name):
    """Return the account of the learner `name` on this machine."""
    return f"{PREFIX}{name}"


def open_account(name, homes):
    """Make a learner's account if there is none; its home is theirs alone."""
    try:
        return pwd.getpwnam(account(name))
    except KeyError:
        Path(homes).mkdir(parents=True, exist_ok=True)
        home = ["--create-home", "--home-dir", str(Path(homes) / name)]
        command = ["useradd", *home, "--shell", "/bin/bash", account(name)]
        subprocess.run(command, check=True)
    who = pwd.getpwnam(account(name))
    Path(who.pw_dir).chmod(0o700)
    return who


def copy_course(home):
    """Copy the lessons into a home, without those that are there; return the copy.

    Run it as the learner: a link that a learner has laid then leads nowhere new. The
    course itself and its packages stay where they are, for reading.
    """
    copy = Path(home) / "course"
    (copy / "notebooks").mkdir(parents=True, exist_ok=True)
    for lesson in sorted((ROOT / "notebooks").glob("*.ipynb")):
        if not (copy / "notebooks" / lesson.name).exists():
            shutil.copyfile(lesson, copy / "notebooks" / lesson.name)
    if not (copy / "docs").exists():
        (copy / "docs").symlink_to(ROOT / "docs")
    return copy


class LearnerProcess(LocalProcessSpawner):
    """A learner's server as a process of the learner's account; limits per process."""

    def make_preexec_fn(self, name):
        return super().make_preexec_fn(account(name))

    def user_env(self, env):
        who = pwd.getpwnam(account(self.user.name))
        return env | {"USER": who.pw_name, "HOME": who.pw_dir, "SHELL": who.pw_shell}
