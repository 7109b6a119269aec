"""Compiled training steps and the one fit loop of the course.

A step is a plain Python function: it takes the tensors of one batch, updates
the model, and returns a dict of scalar losses. `fit` keeps the data on the
device and takes many steps in one call of one graph, so that Python is entered
about once a second instead of once a batch.
"""

import time
from pathlib import Path

import numpy as np
import tensorflow as tf

from helpers import runtime
from helpers.history import History, load_checkpoint, save_checkpoint
from helpers.observers import Camera, Progress, TensorBoard, stop_button

# What makes an XLA-compiled step slower than a plain one: convolutions on a CPU
# lose oneDNN's kernels, loops (an LSTM's) lose theirs; see benchmarks/.
SLOW_IN_XLA = {"CPU": ("Conv", "DepthwiseConv", "While"), "GPU": ("CudnnRNN",)}
SECONDS_PER_CALL = 1.0  # how long the Stop button may have to wait


def gradient_step(loss, variables, optimizer):
    """Return a step that moves `variables` down the gradient of a loss.

    loss(*batch) returns a dict of scalars; the one named "loss" is minimised.
    variables is a list of Keras variables, for which the optimizer is built here.
    """
    optimizer.build(variables)

    def step(*batch):
        with tf.GradientTape() as tape:
            losses = loss(*batch)
        optimizer.apply(tape.gradient(losses["loss"], variables), variables)
        return losses

    return step


def compiled(step, xla="auto"):
    """Return the step as a graph function, with XLA where it pays.

    xla is True, False, or "auto": then the operations in the step's graph and
    the device decide, when it is first called. Make a new one for every pair of
    model and optimizer: the graph keeps the variables that it was traced with.
    """
    if xla not in (True, False, "auto"):
        raise ValueError(f"xla is {xla!r}: it must be True, False or 'auto'.")
    chosen = []

    def call(*batch):
        if not chosen:
            chosen.append(_compile(step, xla, batch)[0])
        return chosen[0](*batch)

    return call


def log_spaced(count, last):
    """Return up to `count` different integers from 0 to `last`, log spaced."""
    if count < 2 or last < 1:
        raise ValueError(f"count is {count} and last {last}: at least 2 and 1, please.")
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
):
    """Train, and return the History.

    step        step(*batch) -> dict of scalar tensors; batch holds one tensor
                (batch_size, ...) for each array in x_train
    x_train     an array (n, ...) or a tuple of arrays of the same length n. Each
                epoch visits them in a new order, which depends on `seed` and the
                epoch alone, and leaves out the last n % batch_size of that order
    snapshot    snapshot(step_number) -> array, called when each of snapshot_steps
                steps have been taken (0: before the first one); the results are
                in history.snapshots as pairs (step_number, array)
    evaluate    evaluate() -> dict of numbers, called after each epoch
    checkpoint  name of a .npz file, written after each epoch and when training
                is stopped. If it exists, training goes on from it and ends with
                the same weights as a run that was never stopped
    log_dir     folder for TensorBoard: losses, and snapshots as images
    progress    whether to show a bar; None: in every profile but "smoke"

    The Stop button ends training within about a second; the model stays as it is
    and the history so far is returned. Raises ValueError for arguments that do
    not fit the data or the checkpoint, and FloatingPointError when a loss is no
    longer finite (its attribute `history` has the losses up to there).
    """
    arrays = _checked_arrays(x_train, epochs, batch_size)
    engine = _Engine(step, arrays, batch_size, seed, xla)
    history = engine.start(checkpoint)
    total = epochs * history.steps_per_epoch
    if progress is None:
        progress = runtime.profile() != "smoke"
    camera = Camera(snapshot, snapshot_steps)
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


class _Engine:
    """The data on the device and the graph that takes many steps in one call."""

    def __init__(self, step, arrays, batch_size, seed, xla):
        self.settings = {
            "examples": len(arrays[0]),
            "batch_size": batch_size,
            "seed": seed,
        }
        data = [tf.constant(array) for array in arrays]
        example = [array[:batch_size] for array in data]
        step, self.names, self.variables = _compile(step, xla, example)
        self._run = _many_steps(step, data, self.names)
        self._steps_per_call = 1

    def start(self, checkpoint):
        """Return the checkpoint's History if there is one, else an empty one."""
        if checkpoint and Path(checkpoint).exists():
            return load_checkpoint(checkpoint, self.settings, self.variables)
        return History(self.settings["examples"] // self.settings["batch_size"])

    def save(self, checkpoint, history):
        if checkpoint:
            save_checkpoint(checkpoint, self.settings, self.variables, history)

    def advance(self, history, up_to):
        """Take some steps, at most to the end of the epoch and to step `up_to`."""
        epoch, first = divmod(history.steps, history.steps_per_epoch)
        last = min(history.steps_per_epoch, first + self._steps_per_call)
        last = min(last, first + up_to - history.steps)
        order = self._order(epoch, history.steps_per_epoch)
        begin = time.perf_counter()
        values, taken = self._run(order, first, last)
        values = values.numpy()[: int(taken)]
        seconds = time.perf_counter() - begin
        history.add_steps(self.names, values)
        history.seconds += seconds
        if seconds < SECONDS_PER_CALL / 4:
            self._steps_per_call *= 4
        elif seconds > SECONDS_PER_CALL * 2:
            self._steps_per_call = max(1, self._steps_per_call // 2)

    def _order(self, epoch, steps):
        """The rows of each batch of an epoch: int32 (steps, batch_size)."""
        random = np.random.default_rng([self.settings["seed"], epoch])
        rows = random.permutation(self.settings["examples"]).astype("int32")
        size = self.settings["batch_size"]
        return tf.constant(rows[: steps * size].reshape(steps, size))


def _compile(step, xla, batch):
    """Trace a step on one batch; return it, its losses' names, its variables."""
    function = tf.function(step, jit_compile=xla is not False)
    trace = function.get_concrete_function(*batch)
    if xla == "auto" and not _xla_pays(trace.graph):
        function = tf.function(step)
        trace = function.get_concrete_function(*batch)
    names = sorted(trace.structured_outputs)
    by_handle = {id(variable.handle): variable for variable in trace.variables}
    # A function's own list of variables has no fixed order; its captures have.
    captured = [by_handle.get(id(handle)) for handle in trace.captured_inputs]
    return function, names, [v for v in captured if v is not None]


def _xla_pays(graph):
    definition = graph.as_graph_def()
    nodes = list(definition.node)
    for function in definition.library.function:
        nodes.extend(function.node_def)
    device = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    slow = SLOW_IN_XLA[device]
    return not any(node.op.removeprefix("Stateless").startswith(slow) for node in nodes)


def _many_steps(step, data, names):
    """Return run(order, first, last) -> losses (last - first, names), steps taken.

    The loop stops after the first step with a loss that is not finite.
    """

    @tf.function
    def run(order, first, last):
        shape = [len(names)]
        losses = tf.TensorArray(tf.float32, size=last - first, element_shape=shape)
        finite = True
        i = first
        while finite and i < last:
            result = step(*[tf.gather(array, order[i]) for array in data])
            values = tf.stack([tf.cast(result[name], tf.float32) for name in names])
            losses = losses.write(i - first, values)
            finite = tf.reduce_all(tf.math.is_finite(values))
            i += 1
        return losses.stack(), i - first

    return lambda order, first, last: run(order, tf.constant(first), tf.constant(last))


def _raise_if_not_finite(history):
    for name, values in history.batches.items():
        if not np.isfinite(values[-1]):
            error = FloatingPointError(
                f"Step {history.steps} made the loss {name!r} {values[-1]}; training "
                "stopped there. Lower the learning rate, or look for a logarithm, "
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
    for name, value in {"epochs": epochs, "batch_size": batch_size}.items():
        if value != int(value) or value < 1:
            raise ValueError(f"{name} is {value}: it must be a whole number from 1 up.")
    if batch_size > lengths[0]:
        raise ValueError(
            f"batch_size is {batch_size}, but there are only {lengths[0]} examples."
        )
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
