"""Two and four virtual devices train as one does, on the same global batch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow  # two processes that trace five trainings each

PROGRAM = Path(__file__).with_name("on_replicas.py")


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("replicas")
    return {replicas: ask(folder, replicas) for replicas in (2, 4)}


def ask(folder, replicas):
    done = subprocess.run(
        [sys.executable, PROGRAM, folder, str(replicas)],
        env={**os.environ, "COURSE_PROFILE": "smoke", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("replicas", [2, 4])
@pytest.mark.parametrize("players", ["one_player", "two_players", "three_players"])
def test_the_losses_are_those_of_one_device(told, players, replicas):
    one, several = (losses["losses"] for losses in told[replicas][players])
    assert sorted(one) == sorted(several)
    for name in one:
        np.testing.assert_allclose(several[name], one[name], rtol=1e-5, atol=1e-5)
    assert any(loss[0] != loss[-1] for loss in one.values())  # it does learn


@pytest.mark.parametrize("players", ["one_player", "two_players"])
def test_batch_normalisation_sees_the_whole_batch(told, players):
    one, several = (trained["moving"] for trained in told[4][players])
    assert len(one) >= 1
    for a, b in zip(one, several, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_a_checkpoint_goes_on_with_more_or_fewer_devices(told):
    handed_on, unbroken = told[4]["handed on"], told[4]["one_player"][0]
    for name, loss in unbroken["losses"].items():
        np.testing.assert_allclose(handed_on["losses"][name], loss, rtol=1e-5)


def test_each_replica_draws_numbers_of_its_own(told):
    assert len(set(told[4]["drawn"])) == 4


def test_what_cannot_be_shared_is_told(told):
    unequal, outside = told[4]["errors"]
    assert "batch_size is 15" in unequal and "multiple of 4" in unequal
    assert "made outside of the strategy's scope" in outside
