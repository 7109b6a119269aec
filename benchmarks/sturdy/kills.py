"""Fifty kills and fifty interrupts at random moments: is anything lost?

    python -m benchmarks.sturdy.kills [--count 50]

A network with noise, dropout and batch normalisation is trained by another process,
which is killed (signal 9) at a random moment, again and again, half of the time while
it writes its checkpoint; then one that is interrupted as by the Stop button. Each goes
on from its checkpoint. The final weights must be those of a training that nobody
disturbed, to the last bit, and a kill may lose no more than the epoch that it fell in.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

EPOCHS = 60
STARTED = "training\n"


def train(path, seed):
    """Train from the checkpoint on; return the weights, and the History."""
    import keras
    import tensorflow as tf
    from keras import layers, ops

    from helpers import training

    keras.utils.set_random_seed(seed)  # of weights that a checkpoint then replaces
    body = [layers.Dense(512), layers.BatchNormalization(), layers.Dropout(0.1, seed=2)]
    model = keras.Sequential([layers.Input((784,)), *body, layers.Dense(784)])
    rng = tf.random.Generator.from_seed(1)

    def loss(x):
        noisy = x + 0.1 * rng.normal(ops.shape(x))
        return {"loss": ops.mean((model(noisy, training=True) - x) ** 2)}

    adam = keras.optimizers.Adam(1e-3)
    step = training.gradient_step(loss, model.trainable_variables, adam)
    x = np.random.default_rng(1).random((1024, 784), "float32")
    options = {"epochs": EPOCHS, "batch_size": 128, "progress": False}
    history = training.fit(step, x, checkpoint=path, **options)
    return [weight.numpy() for weight in model.weights], history


def same(weights, other):
    return all(np.array_equal(a, b) for a, b in zip(weights, other, strict=True))


def child(path, out):
    """What the process that is killed does."""
    import tensorflow  # noqa: F401

    print(STARTED, end="", flush=True)
    weights, _ = train(path, seed=int(time.time()) % 1000)
    np.savez(out, *weights)


def epochs_in(path):
    """How many epochs a checkpoint holds: reading it shows that it is whole."""
    with np.load(path) as file:
        return len(file["batches/loss"]) // 8


def kills(count, unbroken, seconds, folder):
    """Return how many kills there were, runs that ended, and what went wrong."""
    killed, ended, wrong = 0, 0, []
    path, out = folder / "killed.npz", folder / "weights.npz"
    while killed < count or path.exists():
        before = epochs_in(path) if path.exists() else 0
        command = [sys.executable, "-m", __spec__.name, "--child", str(path), str(out)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            process.stdout.readline()
            if killed < count:
                wait = random.uniform(0, seconds / 2)
                with_timer = threading.Timer(wait, process.kill)
                with_timer.start()
                process.wait()
                with_timer.cancel()
        if process.returncode == -signal.SIGKILL:
            killed += 1
            if path.exists() and epochs_in(path) < before:
                wrong.append(f"kill {killed} lost finished epochs")
        elif process.returncode:
            wrong.append(f"after kill {killed} the process ended in an error")
            path.unlink(missing_ok=True)
        else:
            ended += 1
            with np.load(out) as file:
                if not same([file[name] for name in file.files], unbroken):
                    wrong.append(f"the weights of run {ended} differ")
            path.unlink()
    return killed, ended, wrong


def interrupts(count, unbroken, seconds, folder):
    """The same with the Stop button, in this process."""
    pressed, ended, wrong = 0, 0, []
    path = folder / "stopped.npz"
    while pressed < count:
        wait = random.uniform(0.2, seconds / 2)
        timer = threading.Timer(wait, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        try:
            weights, history = train(path, seed=pressed)
            timer.cancel()
        except KeyboardInterrupt:  # before the training began, or after its end
            pressed += 1
            continue
        if history.epochs < EPOCHS:
            pressed += 1
            if epochs_in(path) != history.epochs:
                wrong.append(f"interrupt {pressed}: history and checkpoint differ")
        else:
            ended += 1
            if not same(weights, unbroken):
                wrong.append(f"the weights of run {ended} differ")
            path.unlink()
    return pressed, ended, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--child", nargs=2)
    options = parser.parse_args()
    if options.child:
        child(*options.child)
        return
    random.seed(1)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        begin = time.perf_counter()
        unbroken, _ = train(folder / "unbroken.npz", seed=0)
        seconds = time.perf_counter() - begin
        print("| disturbed by | times | runs that ended | wrong |\n|---|---|---|---|")
        for name, disturb in {"interrupts": interrupts, "kill -9": kills}.items():
            count, ended, wrong = disturb(options.count, unbroken, seconds, folder)
            left = [path.name for path in folder.glob(".*")]
            wrong += [f"left behind: {left}"] * bool(left)
            print(f"| {name} | {count} | {ended} | {'; '.join(wrong)} |", flush=True)
            failed |= bool(wrong) or ended == 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
