"""Ways to train a workload; each is a loop for `turns.alternate`, and its last loss."""

import time

import keras
import numpy as np
import tensorflow as tf

from benchmarks.speed.parts import turns
from helpers import training

ENDLESS = 10**6  # epochs


class Fitted(keras.Model):
    """A workload as the Keras guides write one: its own train_step, means of losses."""

    def __init__(self, built):
        super().__init__()
        self.parts, self.step = built.parts, built.plain
        self.means = {name: keras.metrics.Mean(name=name) for name in built.names}

    @property
    def metrics(self):
        return list(self.means.values())

    def train_step(self, data):
        losses = self.step(*(data if isinstance(data, tuple) else (data,)))
        for name, mean in self.means.items():
            mean.update_state(losses[name])
        return {name: mean.result() for name, mean in self.means.items()}


def keras_fit(workload, last, **options):
    """What a reader of the Keras documentation runs; options are those of `compile`."""

    def run(tick):
        def at_end(_, logs):
            ends.append(time.perf_counter())
            last.append(logs[built.names[0]])

        built = workload.build()
        model = Fitted(built)
        model.compile(**options)
        arrays, ends = workload.arrays(), []
        while True:  # its pipeline of data must not live on in the others' turns
            model.fit(
                *arrays,
                batch_size=workload.batch_size,
                epochs=2,
                verbose=0,
                callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=at_end)],
            )
            tick(ends[-1] - ends[-2])

    return run


def tutorial_loop(workload, last):
    """What a reader of the TensorFlow tutorials runs: a graph a batch, tf.data."""

    def run(tick):
        built, arrays = workload.build(), workload.arrays()
        dataset = tf.data.Dataset.from_tensor_slices(arrays).shuffle(len(arrays[0]))
        dataset = dataset.batch(workload.batch_size)
        train_step = tf.function(built.plain)
        at_end = turns.second_of_two(tick)
        while True:
            values = [train_step(*batch)[built.names[0]] for batch in dataset]
            last.append(np.mean(values))
            at_end()

    return run


def pytorch(workload, last):
    """Plain PyTorch, its data in memory, batches by their row numbers."""

    def run(tick):
        import torch

        from benchmarks.speed.parts import torch_steps

        torch.set_num_threads(turns.cores())
        torch.manual_seed(0)
        step = torch_steps.STEPS[workload.name]()
        tensors = torch_steps.tensors(workload.arrays())
        at_end = turns.second_of_two(tick)
        while True:
            order = torch.randperm(len(tensors[0])).split(workload.batch_size)
            values = [step(*(array[rows] for array in tensors)) for rows in order]
            last.append(float(torch.stack(values).mean()))
            at_end()

    return run


def ours(workload, last):
    """The course's training engine."""

    def run(tick):
        built, at_end = workload.build(), turns.second_of_two(tick)
        first = built.names[0]
        seen = keras.Variable(0.0)

        def step(*batch):
            values = built.ours(*batch)
            seen.assign(values[first])
            return values

        def evaluate():
            last.append(float(seen))
            at_end()
            return {}

        training.fit(
            step,
            workload.arrays(),
            epochs=ENDLESS,
            batch_size=workload.batch_size,
            xla=workload.xla,
            evaluate=evaluate,
            progress=False,
        )

    return run


def all_of(workload):
    """Return {name: loop} and {name: its epochs' losses so far}."""
    ways = {
        "fit": (keras_fit, {}),
        "fit without XLA": (keras_fit, {"jit_compile": False}),
        "fit, 16 steps a call": (keras_fit, {"steps_per_execution": 16}),
        "tutorial loop": (tutorial_loop, {}),
    }
    if turns.has_torch():
        ways["PyTorch"] = (pytorch, {})
    ways["ours"] = (ours, {})
    last = {name: [] for name in ways}
    loops = {
        n: make(workload, last[n], **options) for n, (make, options) in ways.items()
    }
    return loops, last
