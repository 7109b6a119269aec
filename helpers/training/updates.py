"""Optimizers' updates, fused: each weight is read and written only once a step."""

import contextlib
from unittest import mock

import keras
import numpy as np
import tensorflow as tf

# From about here on, fusing an update saves more time than calling it costs.
MANY_WEIGHTS = 40_000


@contextlib.contextmanager
def fused_updates():
    """Trace in this context a step whose optimizers are to be compiled with XLA.

    An optimizer's update of many weights is a graph of some ten operations a weight;
    compiled, it is one pass over each weight and its moments. The rest of the step
    stays as it is.
    """
    optimizer = keras.optimizers.Optimizer
    plain = optimizer.apply

    def apply(self, grads, trainable_variables=None):
        variables = trainable_variables or self._trainable_variables
        many = sum(np.prod(v.shape) for v in variables) >= MANY_WEIGHTS
        if not many or tf.distribute.has_strategy():
            return plain(self, grads, trainable_variables)
        fused = tf.function(
            lambda grads: plain(self, grads, variables), jit_compile=True
        )
        return fused(list(grads))

    with mock.patch.object(optimizer, "apply", apply):
        yield
