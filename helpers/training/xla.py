"""Whether XLA compiles here. Where it cannot, training goes on without it."""

import contextlib

import tensorflow as tf

_known = {}  # "works": bool


def xla_works():
    """Return whether XLA compiles for this device; where it does not, say so, once.

    It is tried with a few operations the first time: on a graphics card a missing
    ptxas or libdevice is common, and only found by compiling.
    """
    if "works" not in _known:
        try:
            with tf.init_scope():  # we may be asked while a step is being traced
                _probe()
            _known["works"] = True
        except Exception as error:  # whatever a broken compiler raises
            _known["works"] = False
            say_without(error)
    return _known["works"]


def _probe():
    x = tf.linspace(0.1, 1.0, 4)[:, None]

    @tf.function(jit_compile=True)
    def compute():
        return tf.reduce_sum(tf.exp(tf.tanh(x @ tf.transpose(x))) + tf.math.log(x))

    compute().numpy()


@contextlib.contextmanager
def without_xla():
    """Trace without XLA in this context, whether it works or not."""
    before = dict(_known)
    _known["works"] = False
    try:
        yield
    finally:
        _known.clear()
        _known.update(before)


def say_without(error):
    """Say in a line, on the first call only, that training goes on without XLA."""
    if "said" not in _known:
        _known["said"] = True
        why = str(error).strip().splitlines()[:1] or [type(error).__name__]
        print(
            f"XLA cannot compile here ({why[0][:120]}): training goes on without it, "
            "which gives the same numbers more slowly."
        )
