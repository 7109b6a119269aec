"""The hub's configuration, and what a learner finds; `make class-test` starts it."""

import pytest
import yaml

pytest.importorskip("jupyterhub", reason="jupyterhub is not installed")

from traitlets.config import PyFileConfigLoader

from classroom import learners

CONFIG = learners.ROOT / "classroom" / "jupyterhub_config.py"


@pytest.fixture
def config():
    return PyFileConfigLoader(CONFIG.name, path=str(CONFIG.parent)).load_config()


def test_a_learner_has_limits_and_idle_servers_end(config):
    assert config.Spawner.mem_limit == "4G" and config.Spawner.cpu_limit == 2
    (culler,) = config.JupyterHub.services
    (role,) = config.JupyterHub.load_roles
    assert role["services"] == [culler["name"]] and "delete:servers" in role["scopes"]


def test_only_whom_the_teacher_lets_in_gets_in(config):
    assert config.JupyterHub.authenticator_class == "native"
    assert not config.NativeAuthenticator.get("open_signup", False)


def test_nobody_who_signs_up_as_root_becomes_root():
    assert learners.account("root") != "root"
    with pytest.raises(KeyError, match=learners.account("root")):
        learners.LearnerProcess().make_preexec_fn("root")


def test_a_copy_of_the_course_has_no_solutions_and_keeps_what_was_written(tmp_path):
    copy = learners.copy_course(tmp_path)
    lessons = sorted(path.name for path in (copy / "notebooks").iterdir())
    assert lessons == sorted(p.name for p in learners.ROOT.glob("notebooks/*.ipynb"))
    mine = copy / "notebooks" / lessons[0]
    mine.write_text("mine")
    learners.copy_course(tmp_path)
    assert mine.read_text() == "mine"
    assert (copy / "docs/figures").is_dir()


def test_kubernetes_gives_a_learner_the_same(config):
    values = yaml.safe_load((CONFIG.parent / "kubernetes.yaml").read_text())
    single = values["singleuser"]
    assert single["memory"]["limit"] == config.Spawner.mem_limit
    assert single["cpu"]["limit"] == config.Spawner.cpu_limit
    assert single["cmd"][1:] == ["-m", "classroom.singleuser"]
