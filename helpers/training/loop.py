"""Compiled training steps and the one fit loop of the course.

A step is a plain Python function: it takes the tensors of one batch, updates
the model, and returns a dict of scalar losses. `fit` keeps the data on the
device and takes many steps in one call of one graph, so that Python is entered
about once a second instead of once a batch.
"""

import contextlib
import re

import numpy as np
import tensorflow as tf

from helpers import runtime
from helpers.training.alone import alone_with
from helpers.training.devices import (
    current_strategy,
    is_chief,
    lost_workers_explained,
)
from helpers.training.engine import Engine, trace
from helpers.training.observers import Camera, Progress, TensorBoard, stop_button
from helpers.training.xla import xla_works

# From about here on, fusing an update saves more time than calling it costs.
MANY_WEIGHTS = 40_000


def gradient_step(loss, variables, optimizer):
    """Return a step that moves `variables` down the gradient of a loss.

    loss(*batch) returns a dict of scalars; the one named "loss" is minimised.
    variables is a list of Keras variables, for which the optimizer is built here.
    Where they hold many weights the update, but not the rest of the step, is
    compiled with XLA, so that it reads and writes each weight only once.
    """
    optimizer.build(variables)

    def update(gradients):
        optimizer.apply(gradients, variables)

    fused = tf.function(update, jit_compile=True)
    many = sum(np.prod(variable.shape) for variable in variables) >= MANY_WEIGHTS

    def step(*batch):
        with tf.GradientTape() as tape:
            losses = loss(*batch)
        fuse = many and not current_strategy() and xla_works()
        (fused if fuse else update)(tape.gradient(losses["loss"], variables))
        return losses

    return step


def compiled(step, xla="auto"):
    """Return the step as a graph function, with XLA where it pays.

    xla is True, False, or "auto": then the operations in the step's graph and
    the device decide, when it is first called. Make a new one for every pair of
    model and optimizer: the graph keeps the variables that it was traced with.
    """
    chosen = []

    def call(*batch):
        if not chosen:
            chosen.append(trace(step, xla, batch)[0])
        return chosen[0](*batch)

    return call


def count_steps(x_train, epochs, batch_size):
    """Return how many steps `fit` takes: what a learning-rate schedule has to know.

    x_train is an array (n, ...) or a tuple of arrays of the same length n. Raises
    ValueError, as `fit` does, if that would be no step at all.
    """
    examples = len(x_train[0] if isinstance(x_train, tuple) else x_train)
    for name, value in {"epochs": epochs, "batch_size": batch_size}.items():
        if value != int(value) or value < 1:
            raise ValueError(
                f"{name} is {value}: set {name.upper()}, under Setup, to a whole "
                "number from 1 up."
            )
    if batch_size > examples:
        raise ValueError(
            f"batch_size is {batch_size}, but there are only {examples} examples: set "
            f"BATCH_SIZE, under Setup, to at most {examples}."
        )
    return epochs * (examples // batch_size)


def log_spaced(count, last):
    """Return up to `count` different integers from 0 to `last`, log spaced.

    Raises ValueError if there is no step, or no second moment, to choose.
    """
    if count < 2 or last < 1:
        raise ValueError(
            f"{count} moments of {last} steps: ask, under Setup, for 2 moments or more "
            "(FRAMES) of 1 step or more (EPOCHS or STEPS)."
        )
    return np.unique(np.geomspace(1, last + 1, count).round().astype(int) - 1)


def fit(
    step,
    x_train,
    *,
    epochs,
    batch_size,
    seed=0,
    xla="auto",
    snapshot=None,
    snapshot_steps=(),
    evaluate=None,
    checkpoint=None,
    log_dir=None,
    progress=None,
    strategy=None,
):
    """Train, and return the History.

    step        step(*batch) -> dict of scalar tensors; batch holds one tensor
                (batch_size, ...) for each array in x_train
    x_train     an array (n, ...) or a tuple of arrays of the same length n. Each
                epoch visits them in a new order, which depends on `seed` and the
                epoch alone, and leaves out the last n % batch_size of that order
    snapshot    snapshot(step_number) -> array or None, called when each of
                snapshot_steps steps have been taken (0: before the first one);
                the arrays are in history.snapshots as pairs (step_number, array)
    evaluate    evaluate() -> dict of numbers, called after each epoch
    checkpoint  name of a .npz file, written after each epoch and when training
                is stopped. If it exists, training goes on from it and ends with
                the same weights as a run that was never stopped
    log_dir     folder for TensorBoard: losses, and snapshots as images
    progress    whether to show a bar; None: in every profile but "smoke"
    strategy    a tf.distribute strategy, in whose scope the models were built: each
                of its replicas takes an equal share of every batch, and the losses
                are those of one device. None: the one in whose scope this is called,
                if any. More in docs/several_devices.md

    The Stop button ends training within about a second; the model stays as it is
    and the history so far is returned. Raises ValueError for arguments that do
    not fit the data or the checkpoint, RuntimeError when another training writes
    that checkpoint, MemoryError that says what to lower, and FloatingPointError when
    a loss is no longer finite (its attribute `history` has the losses up to there).
    """
    arrays = _checked_arrays(x_train, epochs, batch_size)
    if progress is None:
        progress = runtime.profile() != "smoke"
    camera = Camera(snapshot, snapshot_steps)
    strategy = strategy or current_strategy()
    with (
        alone_with(checkpoint if is_chief(strategy) else None),
        _memory_explained(batch_size),
        lost_workers_explained(strategy, checkpoint),
    ):
        engine = Engine(step, arrays, batch_size, seed, xla, strategy)
        history = engine.start(checkpoint)
        total = epochs * history.steps_per_epoch
        with (
            stop_button() as stopped,
            TensorBoard(log_dir) as board,
            Progress(progress, total, history) as bar,
        ):
            camera.look(history, board)
            while history.steps < total and not stopped():
                engine.advance(history, up_to=min(total, camera.next(history.steps)))
                _raise_if_not_finite(history)
                camera.look(history, board)
                if history.steps % history.steps_per_epoch == 0:
                    history.add_evaluation(evaluate() if evaluate else {})
                    board.scalars(history)
                    engine.save(checkpoint, history)
                bar.show(history)
            if stopped():
                engine.save(checkpoint, history)
    return history


@contextlib.contextmanager
def _memory_explained(batch_size):
    """Turn TensorFlow's account of a full memory into a sentence."""
    try:
        yield
    except tf.errors.ResourceExhaustedError as error:
        shape = re.search(r"shape ?\[[\d,]*\]", str(error))
        raise MemoryError(
            f"The memory of this device is full ({shape[0] if shape else 'no more'}): "
            f"set BATCH_SIZE, under Setup, to less than {batch_size}, make the model "
            "smaller, or shut down other kernels; then restart this one."
        ) from None


def _raise_if_not_finite(history):
    for name, values in history.batches.items():
        if not np.isfinite(values[-1]):
            error = FloatingPointError(
                f"Step {history.steps} made the loss {name!r} {values[-1]}; training "
                "stopped there. Lower the LEARNING_RATE, or look for a logarithm, "
                "root or division of something that can reach zero. Build the model "
                "anew before you train again: its weights may be spoilt."
            )
            error.history = history
            raise error


def _checked_arrays(x_train, epochs, batch_size):
    """Return x_train as a list of arrays, or raise ValueError saying what is wrong."""
    arrays = x_train if isinstance(x_train, tuple) else (x_train,)
    arrays = [_checked_array(array, f"x_train[{i}]") for i, array in enumerate(arrays)]
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) != 1:
        raise ValueError(f"The arrays in x_train have unequal lengths: {lengths}.")
    count_steps(arrays[0], epochs, batch_size)  # raises if there are none
    return arrays


def _checked_array(array, name):
    array = np.asarray(array)
    if array.ndim == 0:
        raise ValueError(f"{name} is a single value: it must be an array of examples.")
    bytes_in_rows = array.dtype.itemsize == 1 and array.ndim > 1
    if array.dtype.kind in "ui" and (bytes_in_rows or array.ndim > 2):
        raise ValueError(
            f"{name} holds images as integers ({array.dtype}): convert them first, "
            "x.astype('float32') / 255."
        )
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds values that are NaN or infinite.")
        array = array.astype("float32", copy=False)
    return array
