"""The machinery of `training.fit`: data on the device, many steps in one call."""

import time
from pathlib import Path

import numpy as np
import tensorflow as tf

from helpers.training.devices import (
    check_alike,
    copies,
    is_chief,
    once,
    several_machines,
    shared,
)
from helpers.training.history import History, load_checkpoint, save_checkpoint
from helpers.training.xla import say_without, without_xla, xla_works

# What makes an XLA-compiled step slower than a plain one. On a CPU convolutions and
# loops (an LSTM's) lose their fast kernels; keras.random (...GetKeyCounter) takes 40
# times longer, since XLA derives the generator's key anew for every number; and coins
# for every pixel (...Uniform) cost a little more than fusing the rest saves. The normal
# noise of a code, drawn from a tf.random.Generator, does not matter.
SLOW_IN_XLA = {
    "CPU": (
        "Conv",
        "DepthwiseConv",
        "While",
        "StatelessWhile",
        "StatelessRandomGetKeyCounter",
        "StatelessRandomUniform",
    ),
    "GPU": ("CudnnRNN",),
}
SECONDS_PER_CALL = 1.0  # how long the Stop button may have to wait
STEPS_TOGETHER = 32  # in a call, where several machines must make the same calls


class Engine:
    """The data on the device and the graph that takes many steps in one call."""

    def __init__(self, step, arrays, batch_size, seed, xla, strategy=None):
        self.settings = {
            "examples": len(arrays[0]),
            "batch_size": batch_size,
            "seed": seed,
        }
        self._data = [tf.constant(array) for array in arrays]
        if strategy:
            step, xla = shared(step, strategy, batch_size), False
        self._step, self._tried, self._strategy = step, bool(strategy), strategy
        self._build(xla)
        self._steps_per_call = 1

    def _build(self, xla):
        example = [array[: self.settings["batch_size"]] for array in self._data]
        step, traced = trace(self._step, xla, example)
        self.names = _names(traced.structured_outputs)
        self.variables = _variables(traced, self._strategy)
        self._run = _many_steps(step, self._data, self.names)

    def start(self, checkpoint):
        """Return the checkpoint's History if there is one, else an empty one."""
        if checkpoint:
            Path(checkpoint).parent.mkdir(parents=True, exist_ok=True)
        if checkpoint and Path(checkpoint).exists():
            history = load_checkpoint(
                checkpoint, self.settings, self.names, self.variables
            )
        else:
            steps = self.settings["examples"] // self.settings["batch_size"]
            history = History(steps)
        if several_machines(self._strategy):
            check_alike(self._strategy, history.steps)
        return history

    def save(self, checkpoint, history):
        if checkpoint and is_chief(self._strategy):
            save_checkpoint(checkpoint, self.settings, self.variables, history)

    def advance(self, history, up_to):
        """Take some steps, at most to the end of the epoch and to step `up_to`."""
        epoch, first = divmod(history.steps, history.steps_per_epoch)
        last = min(history.steps_per_epoch, first + self._steps_per_call)
        last = min(last, first + up_to - history.steps)
        order = self._order(epoch, history.steps_per_epoch)
        begin = time.perf_counter()
        run = self._run if self._tried else self._try
        values, taken = run(order, first, last)
        values = values.numpy()[: int(taken)]
        seconds = time.perf_counter() - begin
        history.add_steps(self.names, values)
        history.seconds += seconds
        self._pace(seconds)

    def _pace(self, seconds):
        """Adapt the steps of a call to the time that it took."""
        if several_machines(self._strategy):
            self._steps_per_call = STEPS_TOGETHER  # for all alike, whatever their speed
        elif seconds < SECONDS_PER_CALL / 4:
            self._steps_per_call *= 4
        elif seconds > SECONDS_PER_CALL * 2:
            self._steps_per_call = max(1, self._steps_per_call // 2)

    def _try(self, order, first, last):
        """The first call: only now XLA compiles, and may turn out not to."""
        self._tried = True
        if not xla_works():
            return self._run(order, first, last)
        kept = [variable.numpy() for variable in self.variables]
        try:
            return self._run(order, first, last)
        except tf.errors.ResourceExhaustedError:  # memory: without XLA it takes more
            raise
        except tf.errors.OpError as error:
            for variable, value in zip(self.variables, kept, strict=True):
                variable.assign(value)
            with without_xla():
                self._build(xla=False)
                result = self._run(order, first, last)  # or it was not XLA's fault
            say_without(error)
            return result

    def _order(self, epoch, steps):
        """The rows of each batch of an epoch: int32 (steps, batch_size)."""
        random = np.random.default_rng([self.settings["seed"], epoch])
        rows = random.permutation(self.settings["examples"]).astype("int32")
        size = self.settings["batch_size"]
        return tf.constant(rows[: steps * size].reshape(steps, size))


def trace(step, xla, batch):
    """Trace a function on one batch; return it as tf.function and its trace."""
    if xla not in (True, False, "auto"):
        raise ValueError(f"xla is {xla!r}: it must be True, False or 'auto'.")
    if xla and not xla_works():
        xla = False
    function = tf.function(step, jit_compile=xla is True)
    traced = function.get_concrete_function(*batch)
    if xla == "auto" and _xla_pays(traced.graph):
        # Around what is traced already: to run the step's Python again takes seconds.
        plain = function
        function = tf.function(lambda *batch: plain(*batch), jit_compile=True)
        traced = function.get_concrete_function(*batch)
    return function, traced


def _variables(traced, strategy=None):
    """The variables that a trace uses, in an order that is always the same."""
    by_handle = {
        id(copy.handle): variable
        for variable in once(traced.variables, strategy)
        for copy in copies(variable, strategy)
    }
    # traced.variables itself has no fixed order; what it captures has.
    captured = [by_handle.get(id(handle)) for handle in traced.captured_inputs]
    found = {id(v): v for v in captured if v is not None}  # each once, in order
    return list(found.values())


def _names(losses):
    if not isinstance(losses, dict) or not losses:
        raise ValueError(
            f"The step returns {type(losses).__name__}, not a dict of losses by name."
        )
    for name, value in losses.items():
        if value.shape.rank != 0:
            raise ValueError(
                f"The loss {name!r} has shape {value.shape}: it must be a single "
                "number. Take its mean over the batch."
            )
    return sorted(losses)


def _xla_pays(graph):
    definition = graph.as_graph_def()
    nodes = list(definition.node)
    for function in definition.library.function:
        nodes.extend(function.node_def)
    device = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    return not any(node.op.startswith(SLOW_IN_XLA[device]) for node in nodes)


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
