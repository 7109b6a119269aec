"""What a lesson needs to check its own mathematics: derivatives, weights, integrals."""

import numpy as np
import tensorflow as tf


def jacobian(function, z, *others, output=0):
    """Return d function(z)_i / d z_j of each example by automatic differentiation.

    z is a float tensor (n, j). function(z, *others) returns a tensor (n, i), or a
    tuple of tensors, of which the one numbered `output` counts; each example may
    depend on its own row only. Returns float64 (n, i, j).
    """
    z = tf.convert_to_tensor(z)
    # Persistent, because without pfor each row is a gradient of its own.
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(z)
        out = function(z, *others)
        out = out[output] if isinstance(out, (tuple, list)) else out
    rows = tape.batch_jacobian(
        out,
        z,
        experimental_use_pfor=False,
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )
    return rows.numpy().astype("float64")


def randomise(layer, random, scale=0.5):
    """Replace every weight and bias of a layer or model by scale * N(0, 1).

    random is a NumPy Generator. The layer must be built; ValueError if it is not.
    """
    if not layer.weights:
        raise ValueError(f"{layer.name} has no weights: call it on a batch first.")
    layer.set_weights([scale * random.normal(size=w.shape) for w in layer.weights])


def integration_grid(reach, n=161):
    """Return a square grid to integrate on: axis (n,), points (n * n, 2), cell area.

    float32, from -reach to reach in both directions, the first coordinate running
    fastest; a sum over the points times the area approximates an integral.
    """
    axis = np.linspace(-reach, reach, n, dtype="float32")
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    return axis, points, float((axis[1] - axis[0]) ** 2)
