"""One step on several devices: every replica takes a share of each batch.

A step updates its model itself, so each replica runs the whole of it, on its share.
What makes these the step of one device on the whole batch: an optimizer gets the mean
of all replicas' gradients, and batch normalisation the mean and variance of all their
examples.
"""

import contextlib
from unittest import mock

import keras
import tensorflow as tf


def current_strategy():
    """Return the tf.distribute strategy in whose scope we are, or None."""
    return tf.distribute.get_strategy() if tf.distribute.has_strategy() else None


def shared(step, strategy, batch_size):
    """Return the step on whole batches that has each replica take its share of them.

    step(*batch) returns a dict of scalars that are means over the batch. Its models
    and optimizers are built in strategy.scope(). Raises ValueError unless the
    replicas' shares are equal.
    """
    replicas = strategy.num_replicas_in_sync
    if batch_size % replicas:
        raise ValueError(
            f"batch_size is {batch_size}, which {replicas} replicas cannot share: set "
            f"BATCH_SIZE, under Setup, to a multiple of {replicas}."
        )

    def on_share(*batch):
        number = tf.distribute.get_replica_context().replica_id_in_sync_group
        losses = step(*[_share(x, number, batch_size // replicas) for x in batch])
        if not isinstance(losses, dict):
            return losses
        return {name: tf.cast(value, tf.float32) for name, value in losses.items()}

    def whole_step(*batch):
        with _as_one_device(strategy):
            losses = strategy.run(on_share, args=batch)
        if not isinstance(losses, dict):
            return losses
        mean = tf.distribute.ReduceOp.MEAN
        return {n: strategy.reduce(mean, v, axis=None) for n, v in losses.items()}

    return whole_step


def once(variables, strategy):
    """Return the variables with those that every replica has a copy of named once.

    All copies are alike: they begin so, and every replica changes its own in the same
    way, by the mean gradients and the statistics of the whole batch. Only the numbers
    that a tf.random.Generator draws differ, though its state does not.
    """
    if strategy is None:
        return variables
    whole = [strategy.extended.value_container(variable) for variable in variables]
    return list({id(variable): variable for variable in whole}.values())


def copies(variable, strategy):
    """Return the replicas' copies of a variable; without a strategy itself."""
    if strategy is None:
        return (variable,)
    return strategy.experimental_local_results(variable)


def several_machines(strategy):
    """Whether the strategy's replicas are in several processes."""
    return bool(strategy) and strategy.extended._in_multi_worker_mode()


def is_chief(strategy):
    """Whether this process is the one that writes files for all."""
    return not several_machines(strategy) or strategy.cluster_resolver.task_id == 0


def check_alike(strategy, steps):
    """Raise RuntimeError unless all processes begin at the same step."""

    @tf.function
    def of_all():
        def mine():
            context = tf.distribute.get_replica_context()
            return context.all_gather(tf.constant([steps]), axis=0)

        return strategy.experimental_local_results(strategy.run(mine))[0]

    begins = of_all().numpy().tolist()
    if len(set(begins)) > 1:
        raise RuntimeError(
            f"The workers begin at different steps, {begins}: give `checkpoint` a file "
            "in a folder that all of them share."
        )


@contextlib.contextmanager
def lost_workers_explained(strategy, checkpoint):
    """Turn what TensorFlow says when a worker is gone into a sentence."""
    try:
        yield
    except tf.errors.OpError as error:
        if not several_machines(strategy):
            raise
        rest = (
            f"start all workers again, and they go on from {checkpoint}"
            if checkpoint
            else "start all workers again; with `checkpoint` they would go on"
        )
        raise RuntimeError(f"A worker is gone or cannot be reached: {rest}.") from error


def _share(x, number, size):
    """The rows number * size up to (number + 1) * size of a tensor."""
    begin = [number * size] + [0] * (x.shape.rank - 1)
    return tf.slice(x, begin, [size, *x.shape[1:]])


@contextlib.contextmanager
def _as_one_device(strategy):
    """Trace in this context what makes replicas act as one device on one batch."""
    optimizer, norm = keras.optimizers.Optimizer, keras.layers.BatchNormalization
    apply, normalise = optimizer.apply, norm.call

    def apply_mean(self, grads, trainable_variables=None):
        variables = trainable_variables or self._trainable_variables
        _check_scope(strategy, variables)
        return apply(self, _mean(list(grads)), trainable_variables)

    def normalise_all(self, *args, **options):
        before, self.synchronized = self.synchronized, True
        try:
            return normalise(self, *args, **options)
        finally:
            self.synchronized = before

    with (
        mock.patch.object(optimizer, "apply", apply_mean),
        # Keras would add up the gradients, and do so after clipping each replica's.
        mock.patch.object(
            optimizer, "_all_reduce_sum_gradients", lambda _, pairs: pairs
        ),
        mock.patch.object(norm, "call", normalise_all),
    ):
        yield


def _mean(gradients):
    """The mean over the replicas of each gradient that is not None."""
    there = [gradient for gradient in gradients if gradient is not None]
    mean = tf.distribute.ReduceOp.MEAN
    reduced = iter(tf.distribute.get_replica_context().all_reduce(mean, there))
    return [None if gradient is None else next(reduced) for gradient in gradients]


def _check_scope(strategy, variables):
    for variable in variables:
        inner = getattr(variable, "value", variable)
        if not strategy.extended.variable_created_in_scope(inner):
            raise ValueError(
                f"The weights {variable.name!r} were made outside of the strategy's "
                "scope: build models and optimizers inside `with strategy.scope():`."
            )
