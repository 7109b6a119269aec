"""Two processes train together; one is killed; both go on from the checkpoint.

    python -m benchmarks.sturdy.workers

`tf.distribute.MultiWorkerMirroredStrategy` on this machine, one CPU each. Bars: the
losses are those of one process, to 1e-5; when a worker is killed the other one ends
with an error that says what to do; started again, both end with the losses of a
training that nobody disturbed.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

EPOCHS = 40


def train(index, ports, path, out, pause):
    """What each worker does; index -1 is one process alone."""
    if index >= 0:
        cluster = {"worker": [f"localhost:{port}" for port in ports]}
        task = {"type": "worker", "index": index}
        os.environ["TF_CONFIG"] = json.dumps({"cluster": cluster, "task": task})
    import tensorflow as tf

    if index >= 0:
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    else:
        strategy = tf.distribute.get_strategy()
    import keras
    from keras import layers, ops

    from helpers import training

    keras.utils.set_random_seed(1)
    with strategy.scope():
        hidden = [layers.Dense(8), layers.BatchNormalization(), layers.ReLU()]
        model = keras.Sequential([layers.Input((6,)), *hidden, layers.Dense(1)])
        step = training.gradient_step(
            lambda x, y: {"loss": ops.mean((model(x, training=True) - y) ** 2)},
            model.trainable_variables,
            keras.optimizers.Adam(0.01),
        )
    x = np.random.default_rng(0).normal(size=(64, 6))
    history = training.fit(
        step,
        (x, x[:, :1] ** 2),
        epochs=EPOCHS,
        batch_size=16,
        checkpoint=path or None,
        evaluate=lambda: time.sleep(pause) or {},
        strategy=strategy if index >= 0 else None,
        progress=False,
    )
    np.save(f"{out}_{index}.npy", history.batches["loss"])


def free_port():
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return free.getsockname()[1]


def start(indices, path, out, pause=0.0):
    ports = ",".join(str(free_port()) for _ in range(2))
    own = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, "-m", __spec__.name, "--worker"]
    return [
        subprocess.Popen(
            [*command, str(index), ports, str(path), str(out), str(pause)],
            stderr=subprocess.PIPE,
            env=own,
            text=True,
        )
        for index in indices
    ]


def ended(processes):
    """Wait for the processes; return what each wrote to stderr."""
    return [process.communicate(timeout=400)[1] for process in processes]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worker", nargs=5)
    if given := parser.parse_args().worker:
        index, ports, path, out, pause = given
        train(int(index), ports.split(","), path, out, float(pause))
        return
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        ended(start([-1], "", folder / "alone"))
        ended(start([0, 1], "", folder / "both"))
        path = folder / "run.npz"
        chief, other = start([0, 1], path, folder / "again", pause=0.2)
        while not path.exists():
            time.sleep(0.1)
        time.sleep(1)
        other.kill()
        begin = time.perf_counter()
        said = ended([chief, other])[0].strip().splitlines()[-1]
        seconds, kept = time.perf_counter() - begin, len(np.load(path)["batches/loss"])
        ended(start([0, 1], path, folder / "again"))
        alone = np.load(folder / "alone_-1.npy")
        losses = {p.stem: np.load(p) for p in sorted(folder.glob("*_[01].npy"))}
    off = {name: float(np.abs(found - alone).max()) for name, found in losses.items()}
    print(
        f"killed at step {kept} of {len(alone)}; after {seconds:.0f} s the other said:"
    )
    print(said)
    print("largest difference of a loss to one process alone:", off)
    fine = len(off) == 4 and max(off.values()) < 1e-5 and "start all workers" in said
    sys.exit(not fine)


if __name__ == "__main__":
    main()
