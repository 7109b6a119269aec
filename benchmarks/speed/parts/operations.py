"""The matrix products and convolutions of a step: counted, and timed one by one."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from benchmarks.speed.parts import turns

SIZES = {"Conv2DBackpropInput": "input_sizes", "Conv2DBackpropFilter": "filter_sizes"}


@dataclass(frozen=True)
class Product:
    """One operation of a graph that multiplies and adds."""

    kind: str  # the type of TensorFlow's operation
    count: int  # of multiplications and additions
    arguments: tuple  # of tf.raw_ops: pairs (name, shape or value)

    @property
    def is_convolution(self):
        return self.kind.startswith("Conv2D")

    def alone(self):
        """Return how many seconds it takes by itself, on numbers drawn at random."""
        values = dict(self.arguments)
        for name, value in self.arguments:
            if isinstance(value, tf.TensorShape):
                values[name] = tf.random.normal(value)
        return turns.fastest(lambda: _run(self.kind, values), seconds=0.1)


def _run(kind, values):
    result = getattr(tf.raw_ops, kind)(**values)
    return np.asarray(result[..., :1])  # waits for a device


def products(graph):
    """Return the Products of a traced step, gradients included, loops left out."""
    return [_product(op) for op in _needed(graph) if op.type in COUNTS]


def _needed(graph):
    """The operations that something depends on: TensorFlow leaves out the others."""
    waiting = [tensor.op for tensor in graph.outputs] + list(graph.control_outputs)
    seen = set()
    while waiting:
        op = waiting.pop()
        if op not in seen:
            seen.add(op)
            waiting += [tensor.op for tensor in op.inputs] + list(op.control_inputs)
    return sorted(seen, key=lambda op: op.name)


def _product(op):
    shapes = [tensor.shape for tensor in (*op.inputs, *op.outputs)]
    named = dict(zip((arg.name for arg in op.op_def.input_arg), op.inputs, strict=True))
    arguments = {name: tensor.shape for name, tensor in named.items()}
    if op.type in SIZES:
        arguments[SIZES[op.type]] = tuple(op.outputs[0].shape)
    for attribute in op.op_def.attr:
        if attribute.type != "type":
            arguments[attribute.name] = _plain(op.get_attr(attribute.name))
    return Product(op.type, COUNTS[op.type](op, shapes), tuple(arguments.items()))


def _plain(value):
    if isinstance(value, list):
        return tuple(value)
    return value.decode() if isinstance(value, bytes) else value


def _matrices(op, shapes):
    rows, inner = shapes[0][-2:]
    if op.get_attr("transpose_a" if op.type == "MatMul" else "adj_x"):
        inner = rows
    return 2 * shapes[-1].num_elements() * inner


def _convolution(op, shapes):
    """Every way round, a convolution multiplies its kernel with each place it ends."""
    kernel = shapes[3 if op.type == "Conv2DBackpropFilter" else 1]
    places = shapes[2].num_elements() // shapes[2][-1]
    return 2 * places * kernel.num_elements()


COUNTS = {
    "MatMul": _matrices,
    "BatchMatMulV2": _matrices,
    **dict.fromkeys(["Conv2D", *SIZES], _convolution),
}


def limits():
    """Return what this machine reaches at best, (products, convolutions), per second.

    A product of 1024 x 1024 matrices, and 3 x 3 convolutions of 128 channels.
    """
    square = tf.random.normal((1024, 1024))
    image, kernel = (
        tf.random.normal((32, 28, 28, 128)),
        tf.random.normal((3, 3, 128, 128)),
    )
    found = []
    for run, count in (
        (lambda: tf.matmul(square, square), 2 * 1024**3),
        (lambda: tf.nn.conv2d(image, kernel, 1, "SAME"), 2 * 32 * 784 * 9 * 128**2),
    ):
        found.append(count / turns.fastest(lambda run=run: np.asarray(run()[..., :1])))
    return tuple(found)
