"""From a model's logits to the token that is drawn: temperature, top-k, top-p.

The three knobs are turned in this order: temperature, then top-k, then top-p, each on
the distribution that the one before it leaves. Everything runs eagerly or in a graph.
A knob is one number, or an array (n,) with one for each row of the logits (n, tokens).
"""

import numpy as np
import tensorflow as tf


def log_probabilities(logits, temperature=1.0, top_k=None, top_p=1.0):
    """Return log p of each token after the three knobs: float32 (n, tokens).

    logits (n, tokens), any real numbers. log p = logits / temperature - log Z; at
    temperature 0 the largest logit gets all. top_k keeps the k most probable tokens
    (None: all); top_p the fewest of them, most probable first, that together reach p
    (Holtzman et al. 2020, section 3.1). A dropped token gets -inf, the rest is
    normalised anew. Among equals the token with the lower number comes first.
    Raises ValueError for logits of another rank, no tokens, and as `check_knobs`.
    """
    check_knobs(temperature, top_k, top_p)
    logits = tf.convert_to_tensor(logits, tf.float32)
    if logits.shape.rank != 2 or logits.shape[1] == 0:
        raise ValueError(f"logits has shape {logits.shape}: expected (n, tokens).")
    tokens = tf.shape(logits)[1]
    values, order = tf.math.top_k(logits, tokens)  # equal values: lower index first
    rank = tf.range(tokens)[None]
    values = _heated(values - values[:, :1], rank, _column(temperature, tf.float32))
    if top_k is not None:
        values = _keep(values, rank < _column(top_k, tf.int32))
    p = _column(top_p, tf.float32)
    before = tf.cumsum(tf.nn.softmax(values), axis=1, exclusive=True)
    values = _keep(values, (before < p) | (p >= 1))  # rounding may reach 1 too early
    places = tf.argsort(order)  # where in `order` each token stands
    return tf.gather(tf.nn.log_softmax(values), places, batch_dims=1)


def probabilities(logits, temperature=1.0, top_k=None, top_p=1.0):
    """Return the probabilities after the knobs, as `log_probabilities` does."""
    return tf.exp(log_probabilities(logits, temperature, top_k, top_p))


def draw(logits, seed, temperature=1.0, top_k=None, top_p=1.0):
    """Draw one token for each row of the logits (n, tokens): int32 (n,).

    seed holds two integers; equal seeds draw equal tokens. Raises as
    `log_probabilities`.
    """
    log_p = log_probabilities(logits, temperature, top_k, top_p)
    drawn = tf.random.stateless_categorical(log_p, 1, seed, dtype=tf.int32)
    return drawn[:, 0]


def entropy(log_p):
    """Return the entropy in bits of each row of log-probabilities (n, tokens): (n,).

    Natural logarithms, as `log_probabilities` returns them; -inf counts as 0.
    """
    log_p = tf.convert_to_tensor(log_p)
    bits = tf.math.multiply_no_nan(-log_p, tf.exp(log_p))
    return tf.reduce_sum(bits, axis=-1) / np.log(2)


def check_knobs(temperature=1.0, top_k=None, top_p=1.0):
    """Raise ValueError for a knob out of its range. Symbolic tensors pass unseen."""
    _check("temperature", temperature, lambda t: t >= 0, "0 (always the best) or more")
    _check("top_p", top_p, lambda p: (p > 0) & (p <= 1), "above 0 and at most 1")
    if top_k is not None:
        whole = "a whole number from 1 up, or None for all tokens"
        _check("top_k", top_k, lambda k: (k >= 1) & (k == np.floor(k)), whole)


def _check(name, value, right, wanted):
    if tf.is_symbolic_tensor(value):
        return
    numbers = np.asarray(value, "float64")
    if not np.all(np.isfinite(numbers) & right(numbers)):
        raise ValueError(
            f"{name} is {np.asarray(value).tolist()}: it must be {wanted}."
        )


def _column(knob, dtype):
    """A knob as (n, 1), or (1, 1) where it is one number for all rows."""
    return tf.reshape(tf.cast(knob, dtype), (-1, 1))


def _heated(values, rank, temperature):
    """Descending values, 0 the largest, over the temperature; at 0 only the first."""
    divided = values / tf.where(temperature > 0, temperature, 1.0)
    return tf.where((temperature > 0) | (rank == 0), divided, -np.inf)


def _keep(values, kept):
    return tf.where(kept, values, -np.inf)
