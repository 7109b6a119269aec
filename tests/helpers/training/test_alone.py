"""One checkpoint, one training: the second one is told, a dead one lets go."""

import subprocess
import sys
import threading

import numpy as np
import pytest
import tensorflow as tf

from helpers import training
from helpers.training import alone
from helpers.training.alone import alone_with

# Without the package, which would import TensorFlow.
HOLD = """
import runpy
import sys
alone_with = runpy.run_path(sys.argv[2])["alone_with"]
with alone_with(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def fit(path, snapshot=None):
    return training.fit(
        lambda x: {"loss": tf.reduce_mean(x)},
        np.ones((4, 2), "float32"),
        epochs=1,
        batch_size=2,
        checkpoint=path,
        snapshot=snapshot,
        snapshot_steps=[1],
    )


def test_another_kernels_checkpoint_is_left_alone_until_it_dies(tmp_path):
    path = tmp_path / "run.npz"
    command = [sys.executable, "-c", HOLD, str(path), alone.__file__]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(
            RuntimeError, match="Another training.*run.npz.*Wait for it"
        ):
            fit(path)
        assert not path.exists()
        fit(tmp_path / "other.npz")
        holder.kill()
    assert fit(path).steps == 2


def test_a_second_training_of_the_same_kernel_is_told_too(tmp_path):
    told = []

    def again(_):
        try:
            fit(tmp_path / ".." / tmp_path.name / "run.npz")
        except RuntimeError as error:
            told.append(str(error))

    def train_again(step):
        thread = threading.Thread(target=again, args=(step,))
        thread.start()
        thread.join()

    fit(tmp_path / "run.npz", snapshot=train_again)
    assert len(told) == 1 and "Another training" in told[0]


def test_the_lock_is_let_go_after_an_error(tmp_path):
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            fit(tmp_path / "run.npz", snapshot=lambda step: 1 // 0)


def test_nothing_is_left_beside_the_checkpoint(tmp_path):
    fit(tmp_path / "run.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]


def test_half_a_checkpoint_of_a_killed_kernel_is_swept_up(tmp_path):
    (tmp_path / ".run.npz.abcd1234").write_bytes(b"half")
    (tmp_path / ".run.npz.keep").write_bytes(b"something else")
    fit(tmp_path / "run.npz")
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".run.npz.keep", "run.npz"]


def test_without_a_checkpoint_there_is_no_lock():
    with alone_with(None), alone_with(None):
        pass
