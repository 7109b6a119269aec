"""A lesson's own network as steps that plain JavaScript can run: network.js runs them.

`trace` takes a callable of tensors, freezes the graph that TensorFlow makes of it for
a batch of one, and writes its operations down: about fifty kinds, all in float32. What
does not depend on the input is computed here, once. A graph with another operation is
refused, and so is one whose result is not that of the callable.
"""

import numpy as np
import tensorflow as tf
from tensorflow.python.framework import convert_to_constants

ALIGN = 4  # bytes: where a constant begins
LARGEST = 5_000_000  # bytes of constants
# Operations that leave their first input as it is, as far as numbers go.
SAME = {"Identity", "IdentityN", "StopGradient", "PreventGradient", "EnsureShape"}
RESHAPE = {"Reshape", "Squeeze", "ExpandDims"}
UNARY = set(
    "Abs Ceil Elu Erf Erfc Exp Floor Log Log1p Neg Reciprocal Relu Relu6 Rsqrt Selu "
    "Sigmoid Sign Softplus Softsign Sqrt Square Tanh Inv Expm1 Cos Sin Round "
    "LogicalNot".split()
)
BINARY = set(
    "Add AddV2 BiasAdd Sub Mul RealDiv Div DivNoNan Maximum Minimum Pow "
    "SquaredDifference Greater GreaterEqual Less LessEqual Equal NotEqual LogicalAnd "
    "LogicalOr FloorMod FloorDiv".split()
)
REDUCE = {"Sum", "Mean", "Max", "Min", "Prod"}
STATIC = {"Shape", "Size", "Rank"}  # of a tensor whose shape is known


class CannotExport(Exception):
    """Why a callable cannot leave Python, in words for the page."""


def trace(function, inputs, samples, tolerance=1e-5):
    """Return {"program": dict, "weights": bytes} of what `function` computes.

    `inputs` are (shape, dtype) of each argument, the batch of one included; `samples`
    is a list of arguments to try it with. `function` may return a tensor, or a tuple
    or list of tensors. The constants are float16 where the outputs stay within
    `tolerance` of the callable's at all samples, else float32. Raises CannotExport.
    """
    try:
        graph, feeds, fetches, before = _freeze(function, inputs)
    except CannotExport:
        raise
    except Exception as problem:
        raise CannotExport(f"it cannot be traced ({_first_line(problem)})") from problem
    writer = _Writer(graph, feeds, fetches)
    wanted = [before(*sample) for sample in samples]
    for kind in (np.float16, np.float32):
        worst = writer.furthest(samples, wanted, kind)
        if worst > tolerance:
            continue
        made = writer.written(kind)
        if len(made["weights"]) > LARGEST:
            raise CannotExport("its network is too large for a page")
        return {**made, "furthest": worst}
    raise CannotExport(f"the exported network is {worst:.2g} off at some point")


def _first_line(problem):
    lines = str(problem).strip().splitlines() or [type(problem).__name__]
    return lines[0][:160]


def _freeze(function, inputs):
    """Return the frozen graph, its inputs and outputs, and the eager function."""

    def outputs(*arguments):
        made = function(*arguments)
        return list(made) if isinstance(made, (list, tuple)) else [made]

    specs = [tf.TensorSpec(shape, dtype) for shape, dtype in inputs]
    concrete = tf.function(
        lambda *given: [tf.convert_to_tensor(one) for one in outputs(*given)],
        input_signature=specs,
        autograph=False,
    ).get_concrete_function()
    frozen = convert_to_constants.convert_variables_to_constants_v2(concrete)

    def eager(*arguments):
        given = [np.asarray(a, d) for a, (_, d) in zip(arguments, inputs, strict=True)]
        return [np.asarray(one) for one in outputs(*given)]

    return frozen.graph, frozen.inputs, frozen.outputs, eager


class _Writer:
    """Walks over a frozen graph, in order, and writes what JavaScript will do."""

    def __init__(self, graph, feeds, fetches):
        self.session = tf.compat.v1.Session(graph=graph)
        self.feeds, self.fetches = feeds, fetches
        self.steps, self.numbers, self.shapes = [], {}, []
        self.constants = {}  # tensor name -> number
        self.depends = {feed.name for feed in feeds}
        for feed in feeds:
            self._new(feed)
        for operation in graph.get_operations():
            self._visit(operation)
        self.outputs = [self._number(tensor) for tensor in fetches]
        names = list(self.constants)
        values = self.session.run(names, self._zeros()) if names else []
        self.values = dict(zip(names, values, strict=True))
        self._share()

    def _share(self):
        """Keep a constant once, however many calls of a function brought it along."""
        first, same = {}, {}
        for name, number in self.constants.items():
            value = self.values[name]
            content = (name in self.swapped, value.shape, value.tobytes())
            same[number] = first.setdefault(content, number)
        for step in self.steps:
            step["in"] = [same.get(number, number) for number in step["in"]]
        self.outputs = [same.get(number, number) for number in self.outputs]
        self.kept = set(first.values())
        for number in set(same) - self.kept:
            self.shapes[number] = [0]

    # What is written

    def written(self, kind):
        """Return the program, and the bytes of its constants as numbers of `kind`."""
        parts, places, at = [], [], 0
        for name, number in self.constants.items():
            if number not in self.kept:
                continue
            value = np.asarray(self._turned(name), kind)
            places.append({"value": number, "at": at, "shape": list(value.shape)})
            content = value.astype(np.dtype(kind).newbyteorder("<")).tobytes()
            content += bytes(-len(content) % ALIGN)
            parts.append(content)
            at += len(content)
        program = {
            "kind": np.dtype(kind).name,
            "shapes": self.shapes,
            "inputs": [self.numbers[feed.name] for feed in self.feeds],
            "constants": places,
            "steps": self.steps,
            "outputs": self.outputs,
        }
        return {"program": program, "weights": b"".join(parts)}

    def _turned(self, name):
        """A constant as JavaScript wants it: see `_conv_transpose`."""
        value = self.values[name]
        return np.swapaxes(value, 2, 3) if name in self.swapped else value

    def furthest(self, samples, wanted, kind):
        """Return the largest difference from what the callable itself gives.

        The frozen graph runs with its constants rounded to numbers of `kind`.
        """
        rounded = {
            name: value.astype(kind).astype(value.dtype)
            for name, value in self.values.items()
            if value.dtype.kind == "f"
        }
        if any(not np.isfinite(value).all() for value in rounded.values()):
            return np.inf
        worst = 0.0
        for sample, right in zip(samples, wanted, strict=True):
            given = {
                feed.name: np.asarray(value, feed.dtype.as_numpy_dtype)
                for feed, value in zip(self.feeds, sample, strict=True)
            }
            names = [fetch.name for fetch in self.fetches]
            got = self.session.run(names, {**rounded, **given})
            for one, other in zip(got, right, strict=True):
                off = np.abs(np.float64(one) - np.float64(other))
                worst = max(worst, float(off.max(initial=0.0)))
                if np.isnan(off).any():
                    return np.inf
        return worst

    # Values by number

    swapped = frozenset()

    def _new(self, tensor):
        shape = tensor.shape
        if not shape.is_fully_defined():
            raise CannotExport(f"the shape of {tensor.name} is not known beforehand")
        self.numbers[tensor.name] = len(self.shapes)
        self.shapes.append(shape.as_list())
        return self.numbers[tensor.name]

    def _number(self, tensor):
        """The number of a value; one that does not depend on the input is kept."""
        if tensor.name not in self.numbers:
            self.constants[tensor.name] = self._new(tensor)
        return self.numbers[tensor.name]

    def _constant(self, tensor):
        """The value of a tensor that cannot depend on the input: axes, sizes."""
        if tensor.name in self.depends:
            raise CannotExport(f"{tensor.op.type} takes a size that is not known")
        if tensor.op.type == "Const":  # at once: a session takes its time
            return tf.make_ndarray(tensor.op.get_attr("value"))
        return self.session.run(tensor.name, self._zeros())

    def _zeros(self):
        """Inputs for what does not depend on their values, but on their shapes."""
        return {
            feed.name: np.zeros(feed.shape, feed.dtype.as_numpy_dtype)
            for feed in self.feeds
        }

    # Operations

    def _visit(self, operation):
        if operation.type in STATIC or not any(
            tensor.name in self.depends for tensor in operation.inputs
        ):
            return
        self.depends |= {tensor.name for tensor in operation.outputs}
        kind = operation.type
        if kind in SAME or kind == "Cast":
            self._alias(operation)
        elif kind in RESHAPE:
            self._step(operation, "Reshape", operation.inputs[:1])
        elif kind in UNARY or kind in BINARY or kind in ("Softmax", "LogSoftmax"):
            self._step(operation, kind, operation.inputs)
        elif kind in REDUCE:
            self._reduce(operation)
        elif writer := getattr(self, f"_{kind.lower()}", None):
            writer(operation)
        else:
            raise CannotExport(f"it uses the operation {kind}")

    def _step(self, operation, kind, inputs, **options):
        taken = [self._number(tensor) for tensor in inputs]
        (made,) = operation.outputs[:1]
        self.steps.append({"op": kind, "in": taken, "out": self._new(made), **options})

    def _alias(self, operation):
        for source, made in zip(operation.inputs, operation.outputs, strict=False):
            if made.dtype.is_integer and source.dtype.is_floating:
                self._step(operation, "Trunc", [source])
            else:
                self.numbers[made.name] = self._number(source)

    def _reduce(self, operation):
        rank = operation.inputs[0].shape.rank
        axes = np.ravel(self._constant(operation.inputs[1])) % max(rank, 1)
        axes = sorted(int(axis) for axis in axes)
        self._step(operation, operation.type, operation.inputs[:1], axes=axes)

    def _leakyrelu(self, operation):
        alpha = operation.get_attr("alpha")
        self._step(operation, "LeakyRelu", operation.inputs, alpha=alpha)

    def _matmul(self, operation):
        turned = [
            bool(operation.get_attr(name))
            for name in (
                ("transpose_a", "transpose_b")
                if operation.type == "MatMul"
                else ("adj_x", "adj_y")
            )
        ]
        stacks = {np.prod(tensor.shape[:-2], dtype=int) for tensor in operation.inputs}
        if len(stacks - {1}) > 1:
            raise CannotExport("it multiplies stacks of matrices of two sizes")
        self._step(operation, "MatMul", operation.inputs, turned=turned)

    _batchmatmulv2 = _batchmatmul = _batchmatmulv3 = _matmul

    def _window(self, operation):
        for name in ("data_format",):
            if operation.get_attr(name) != b"NHWC":
                raise CannotExport("its pictures are not (height, width, channels)")
        if operation.type.startswith("Conv") and set(
            operation.get_attr("dilations")
        ) != {1}:
            raise CannotExport("it has a dilated convolution")
        if operation.get_attr("padding") not in (b"SAME", b"VALID"):
            raise CannotExport("its convolution is padded in a way of its own")
        return {
            "strides": operation.get_attr("strides")[1:3],
            "same": operation.get_attr("padding") == b"SAME",
        }

    def _conv2d(self, operation):
        if operation.inputs[1].name in self.depends:
            raise CannotExport("its filters depend on the input")
        self._step(operation, "Conv2D", operation.inputs, **self._window(operation))

    def _conv2dbackpropinput(self, operation):
        """A transposed convolution; its filters are stored (h, w, in, out)."""
        _, filters, taken = operation.inputs
        if filters.name in self.depends:
            raise CannotExport("its filters depend on the input")
        self.swapped = self.swapped | {filters.name}
        inputs = [taken, filters]
        self._step(operation, "ConvTranspose", inputs, **self._window(operation))
        number, (height, width, out, into) = self.numbers[filters.name], filters.shape
        self.shapes[number] = [height, width, into, out]

    def _pool(self, operation):
        size = operation.get_attr("ksize")[1:3]
        options = self._window(operation)
        self._step(operation, operation.type, operation.inputs, size=size, **options)

    _maxpool = _avgpool = _pool

    def _fusedbatchnormv3(self, operation):
        if operation.get_attr("is_training"):
            raise CannotExport("its batch normalisation is in training")
        epsilon = operation.get_attr("epsilon")
        self._step(operation, "BatchNorm", operation.inputs, epsilon=epsilon)

    def _concatv2(self, operation):
        *parts, axis = operation.inputs
        axis = int(self._constant(axis)) % operation.outputs[0].shape.rank
        self._step(operation, "Concat", parts, axis=axis)

    def _pack(self, operation):
        rank = operation.outputs[0].shape.rank
        axis = operation.get_attr("axis") % rank
        self._step(operation, "Pack", operation.inputs, axis=axis)

    def _slices(self, operation, tensor, axis):
        """Cut a tensor along an axis, a step for each part."""
        taken, at = self._number(tensor), 0
        for made in operation.outputs:
            begin = [0] * tensor.shape.rank
            begin[axis] = at
            at += made.shape[axis]
            out = self._new(made)
            self.steps.append(
                {"op": "Slice", "in": [taken], "out": out, "begin": begin}
            )

    def _split(self, operation):
        axis, tensor = operation.inputs
        self._slices(operation, tensor, int(self._constant(axis)) % tensor.shape.rank)

    def _splitv(self, operation):
        tensor, _, axis = operation.inputs
        self._slices(operation, tensor, int(self._constant(axis)) % tensor.shape.rank)

    def _unpack(self, operation):
        """As slices of length one: the shape is the part's own."""
        (tensor,) = operation.inputs
        axis, taken = operation.get_attr("axis") % tensor.shape.rank, None
        taken = self._number(tensor)
        for at, made in enumerate(operation.outputs):
            begin, size = [0] * tensor.shape.rank, tensor.shape.as_list()
            begin[axis], size[axis] = at, 1
            step = {"op": "Slice", "in": [taken], "out": self._new(made)}
            self.steps.append({**step, "begin": begin, "size": size})

    def _slice(self, operation):
        begin = self._constant(operation.inputs[1]).tolist()
        self._step(operation, "Slice", operation.inputs[:1], begin=begin)

    def _stridedslice(self, operation):
        """Which numbers it takes is asked of NumPy, and written down one by one."""
        tensor = operation.inputs[0]
        begin, end, steps = (self._constant(one) for one in operation.inputs[1:])
        masks = {
            f"{name}_mask": operation.get_attr(f"{name}_mask")
            for name in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
        }
        places = np.arange(tensor.shape.num_elements()).reshape(tensor.shape)
        taken = tf.raw_ops.StridedSlice(
            input=places, begin=begin, end=end, strides=steps, **masks
        )
        self._take(operation, taken.numpy())

    def _take(self, operation, places):
        places = np.ravel(places).tolist()
        self._step(operation, "Take", operation.inputs[:1], places=places)

    def _transpose(self, operation):
        shape = operation.inputs[0].shape
        places = np.arange(shape.num_elements()).reshape(shape)
        self._take(operation, places.transpose(self._constant(operation.inputs[1])))

    def _tile(self, operation):
        shape = operation.inputs[0].shape
        places = np.arange(shape.num_elements()).reshape(shape)
        self._take(operation, np.tile(places, self._constant(operation.inputs[1])))

    def _broadcastto(self, operation):
        shape = operation.inputs[0].shape
        places = np.arange(shape.num_elements()).reshape(shape)
        self._take(operation, np.broadcast_to(places, operation.outputs[0].shape))

    def _reversev2(self, operation):
        shape = operation.inputs[0].shape
        places = np.arange(shape.num_elements()).reshape(shape)
        axes = tuple(np.ravel(self._constant(operation.inputs[1])).tolist())
        self._take(operation, np.flip(places, axes))

    def _resizenearestneighbor(self, operation):
        shape = operation.inputs[0].shape
        places = np.arange(shape.num_elements()).reshape(shape)
        taken = tf.raw_ops.ResizeNearestNeighbor(
            images=places.astype(np.int32),
            size=self._constant(operation.inputs[1]),
            align_corners=operation.get_attr("align_corners"),
            half_pixel_centers=operation.get_attr("half_pixel_centers"),
        )
        self._take(operation, taken.numpy())

    def _pad(self, operation):
        """Zeros around; the place -1 stands for a zero."""
        shape = operation.inputs[0].shape
        places = np.arange(shape.num_elements()).reshape(shape)
        edges = self._constant(operation.inputs[1])
        if len(operation.inputs) > 2 and np.any(self._constant(operation.inputs[2])):
            raise CannotExport("it pads with something other than zeros")
        self._take(operation, np.pad(places, edges, constant_values=-1))

    _padv2 = _pad

    def _onehot(self, operation):
        index, depth, on, off = operation.inputs
        if operation.get_attr("axis") not in (-1, index.shape.rank):
            raise CannotExport("its one-hot axis is not the last")
        options = {"on": float(self._constant(on)), "off": float(self._constant(off))}
        self._step(operation, "OneHot", [index], **options)

    def _gatherv2(self, operation):
        table, index, axis = operation.inputs
        if self._constant(axis) != 0 or operation.get_attr("batch_dims"):
            raise CannotExport("it looks up along an axis that is not the first")
        self._step(operation, "Gather", [table, index])

    def _resourcegather(self, operation):
        raise CannotExport("it looks up in a variable that was not frozen")

    def _selectv2(self, operation):
        self._step(operation, "Select", operation.inputs)

    _select = _selectv2

    def _addn(self, operation):
        self._step(operation, "AddN", operation.inputs)

    def _argmax(self, operation):
        axis = int(self._constant(operation.inputs[1])) % operation.inputs[0].shape.rank
        if axis != operation.inputs[0].shape.rank - 1:
            raise CannotExport("its argmax is not along the last axis")
        self._step(operation, "ArgMax", operation.inputs[:1])
