"""A class on one Linux server: .venv/bin/jupyterhub -f classroom/jupyterhub_config.py

Started by root, each learner has an account of the machine, a home that no other can
read, and a server that runs as that account: under systemd with limits that the kernel
enforces, elsewhere as a plain process with a limit on the memory of each process.
Started by somebody else, all servers run as that person; that is for a look only.
docs/classroom.md tells the rest.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from classroom import learners  # noqa: E402

c = get_config()  # noqa: F821

# What you may want to change.
TEACHERS = {"teacher"}
MEMORY = "4G"  # lesson 5 peaks at 3 GB, and the server itself needs some
CORES = 2.0
IDLE_MINUTES = 30
HOMES = Path("/srv/class")
DATA = os.environ.get("COURSE_DATA")  # shared by all, for the profile `full`

c.JupyterHub.bind_url = "http://:8000"
c.JupyterHub.concurrent_spawn_limit = 10

# Learners sign up with a name and a password; a teacher lets them in at /hub/authorize.
c.JupyterHub.authenticator_class = "native"
c.Authenticator.admin_users = TEACHERS
c.Authenticator.allow_all = True  # all whom a teacher has let in
c.NativeAuthenticator.minimum_password_length = 8
c.NativeAuthenticator.allowed_failed_logins = 5
c.Authenticator.username_pattern = "[a-z][a-z0-9]{0,23}"

c.Spawner.cmd = [sys.executable, "-m", "classroom.singleuser"]
c.Spawner.notebook_dir = "~/course"
c.Spawner.default_url = "/lab/tree/notebooks/00_start_here.ipynb"
c.Spawner.mem_limit = MEMORY
c.Spawner.cpu_limit = CORES
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
c.Spawner.environment = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": str(int(CORES))}
if DATA:
    c.Spawner.environment["COURSE_DATA"] = DATA

if os.geteuid() == 0:
    c.Spawner.pre_spawn_hook = lambda one: learners.open_account(one.user.name, HOMES)
    if Path("/run/systemd/system").is_dir():
        c.JupyterHub.spawner_class = "systemd"
        c.SystemdSpawner.username_template = learners.account("{USERNAME}")
        c.SystemdSpawner.isolate_tmp = True
        c.SystemdSpawner.readonly_paths = [str(ROOT)]
    else:
        c.JupyterHub.spawner_class = learners.LearnerProcess
else:
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = str(ROOT / "build/class/{username}")

# A kernel that nobody has used for a while ends, then the server; the copy stays.
quiet = IDLE_MINUTES * 60
c.Spawner.args = [
    f"--MappingKernelManager.cull_idle_timeout={quiet}",
    "--MappingKernelManager.cull_interval=120",
]
if os.geteuid() != 0 or not Path("/run/systemd/system").is_dir():
    limit = f"--data={8 * 2**30}"  # asked for, of which a process uses about half
    c.Spawner.cmd = ["prlimit", limit, "--", *c.Spawner.cmd]
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [
            sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={quiet}",
        ],
    }
]  # fmt: skip
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": [
            "list:users",
            "read:users:activity",
            "read:servers",
            "delete:servers",
        ],
        "services": ["idle-culler"],
    }
]
