"""The training engine against NumPy, against itself after a stop, and bad input."""

import os
import signal
import threading

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from helpers import training
from helpers.training import engine, loop

N, D, BATCH = 50, 3, 8
STEPS = N // BATCH  # an epoch; two examples are left out
ON_CPU = not tf.config.list_physical_devices("GPU")


@pytest.fixture
def data():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(N, D)).astype("float32")
    y = (x @ [[1.0], [-2.0], [0.5]] + 0.3).astype("float32")
    return x, y


class Linear:
    """y = x w + b with plain gradient descent, which notes the rows that it saw."""

    def __init__(self, epochs=3):
        self.w = keras.Variable(np.zeros((D, 1), "float32"))
        self.b = keras.Variable(np.zeros(1, "float32"))
        self.rows = tf.Variable(np.full((epochs * STEPS, BATCH), -1, "int32"))
        self.count = tf.Variable(0)
        variables, optimizer = [self.w, self.b], keras.optimizers.SGD(0.1)
        self.update = training.gradient_step(self.loss, variables, optimizer)

    def loss(self, x, y):
        error = ops.matmul(x, self.w) + self.b - y
        return {"loss": ops.mean(error**2), "bias": self.b[0]}

    def step(self, x, y, rows):
        self.rows.scatter_nd_update([[self.count]], [rows])
        self.count.assign_add(1)
        return self.update(x, y)


def fit_linear(data, epochs=3, **options):
    model = Linear(epochs)
    arrays = (*data, np.arange(N, dtype="int32"))
    history = training.fit(
        model.step, arrays, epochs=epochs, batch_size=BATCH, xla=False, **options
    )
    return model, history, model.rows.numpy().reshape(epochs, STEPS, BATCH)


# What one run does


def test_fit_is_gradient_descent_in_numpy(data):
    model, history, rows = fit_linear(data)
    x, y = (array.astype("float64") for array in data)
    w, b, losses, biases = np.zeros((D, 1)), np.zeros(1), [], []
    for batch in rows.reshape(-1, BATCH):
        error = x[batch] @ w + b - y[batch]
        losses.append(np.mean(error**2))
        biases.append(b[0])
        w -= 0.1 * 2 / BATCH * x[batch].T @ error
        b -= 0.1 * 2 * error.mean()
    np.testing.assert_allclose(model.w.numpy(), w, rtol=1e-5)
    np.testing.assert_allclose(model.b.numpy(), b, rtol=1e-5)
    np.testing.assert_allclose(history.batches["loss"], losses, rtol=1e-4)
    np.testing.assert_allclose(history.batches["bias"], biases, rtol=1e-4, atol=1e-6)
    means = np.reshape(losses, (3, STEPS)).mean(axis=1)
    np.testing.assert_allclose(history["loss"], means, rtol=1e-4)
    assert history.steps == 3 * STEPS
    assert history["loss"][-1] < 0.1 * history["loss"][0]


def test_an_epoch_visits_each_example_at_most_once(data):
    _, _, rows = fit_linear(data)
    for epoch in rows:
        assert len(set(epoch.ravel())) == STEPS * BATCH
    left_out = [set(range(N)) - set(epoch.ravel()) for epoch in rows]
    assert all(len(rest) == N % BATCH for rest in left_out)
    assert left_out[0] != left_out[1]  # nobody is left out for good


def test_the_order_is_new_in_each_epoch_and_fixed_by_the_seed(data):
    first, again, other = (fit_linear(data, seed=s)[2] for s in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first[0] != first[1]).any()
    assert (first != other).any()
    assert (np.sort(first[0].ravel()) != first[0].ravel()).any()


def test_a_longer_run_begins_like_a_shorter_one(data):
    _, _, short = fit_linear(data, epochs=2)
    _, _, long = fit_linear(data, epochs=3)
    np.testing.assert_array_equal(short, long[:2])


def test_a_batch_may_hold_all_examples(data):
    model = Linear()
    options = {"epochs": 2, "batch_size": N}
    history = training.fit(lambda x, y: model.update(x, y), data, **options)
    assert history.steps == 2


def test_float64_arrays_are_trained_on_as_float32(data):
    seen = []

    def step(x):
        seen.append(x.dtype)
        return {"loss": ops.mean(x)}

    training.fit(step, data[0].astype("float64"), epochs=1, batch_size=BATCH)
    assert set(seen) == {tf.float32}


# Steps


def network(seed, width=4):
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [layers.Input((D,)), layers.Dense(width, "tanh"), layers.Dense(1)]
    )


@pytest.mark.parametrize("width", [4, loop.MANY_WEIGHTS // 4])
def test_gradient_step_is_the_tape_by_hand(data, width):
    """A wide network's update is fused by XLA, a narrow one's is not."""
    ours, by_hand = network(0, width), network(0, width)
    x, y = (tf.constant(array) for array in data)
    step = training.gradient_step(
        lambda x, y: {"loss": ops.mean((ours(x) - y) ** 2)},
        ours.trainable_variables,
        keras.optimizers.Adam(0.01),
    )
    optimizer = keras.optimizers.Adam(0.01)
    for _ in range(3):
        losses = step(x, y)
        with tf.GradientTape() as tape:
            loss = ops.mean((by_hand(x) - y) ** 2)
        variables = by_hand.trainable_variables
        optimizer.apply(tape.gradient(loss, variables), variables)
        np.testing.assert_allclose(losses["loss"], loss, rtol=1e-4)
    for a, b in zip(ours.get_weights(), by_hand.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


def test_gradient_step_minimises_loss_and_moves_its_own_variables_only(data):
    model = network(0)
    kernel, frozen = model.layers[0].kernel, model.layers[1].get_weights()

    def loss(x, y):
        square = ops.mean((model(x) - y) ** 2)
        return {"another": -square, "loss": square}

    step = training.gradient_step(loss, [kernel], keras.optimizers.SGD(0.1))
    before = kernel.numpy()
    history = training.fit(step, data, epochs=5, batch_size=BATCH)
    assert (kernel.numpy() != before).any()
    np.testing.assert_array_equal(model.layers[1].get_weights()[0], frozen[0])
    np.testing.assert_allclose(history["another"], -history["loss"])
    assert history["loss"][-1] < history["loss"][0]


def test_sparse_gradients_of_an_embedding_train():
    """A wide embedding: its gradient comes as slices, its update through XLA."""
    losses = []
    for width in (2, loop.MANY_WEIGHTS // 20):
        keras.utils.set_random_seed(0)
        table = layers.Embedding(20, width)
        table.build((None,))
        step = training.gradient_step(
            lambda rows, table=table: {"loss": ops.mean((table(rows) - 1.0) ** 2)},
            table.trainable_variables,
            keras.optimizers.Adam(0.1),
        )
        rows = np.arange(20, dtype="int32").repeat(4)
        losses.append(training.fit(step, rows, epochs=5, batch_size=10)["loss"])
    assert all(loss[-1] < 0.2 * loss[0] for loss in losses)


@pytest.mark.parametrize("xla", ["auto", True, False])
def test_compiled_steps_give_the_same_numbers(data, xla):
    plain, compiled = network(0), network(0)

    def make(model):
        return training.gradient_step(
            lambda x, y: {"loss": ops.mean((model(x) - y) ** 2)},
            model.trainable_variables,
            keras.optimizers.Adam(0.01),
        )

    x, y = (tf.constant(array) for array in data)
    eager, graph = make(plain), training.compiled(make(compiled), xla)
    for size in (N, N, N // 2):  # a new batch size is traced anew
        a, b = eager(x[:size], y[:size]), graph(x[:size], y[:size])
        np.testing.assert_allclose(a["loss"], b["loss"], rtol=1e-5)


def test_fit_gives_the_same_losses_with_xla_and_without(data):
    """Without noise: XLA draws other random numbers from the same seed."""
    losses = []
    for xla in (True, False, "auto"):
        model = network(0)
        step = training.gradient_step(
            lambda x, y, model=model: {"loss": ops.mean((model(x) - y) ** 2)},
            model.trainable_variables,
            keras.optimizers.Adam(0.01),
        )
        history = training.fit(step, data, epochs=2, batch_size=BATCH, xla=xla)
        losses.append(history.batches["loss"])
    np.testing.assert_allclose(losses[1:], [losses[0]] * 2, rtol=1e-4)


def is_compiled(function, *batch):
    step = training.gradient_step(
        lambda *batch: {"loss": ops.mean(function(*batch) ** 2)},
        function.trainable_variables,
        keras.optimizers.Adam(),
    )
    _, traced = engine.trace(step, "auto", [tf.constant(array) for array in batch])
    return traced.function_def.attr["_XlaMustCompile"].b


NETWORKS = {
    "dense": ([layers.Dense(4, "relu"), layers.Dense(2)], (4, 3), True),
    "normalised": ([layers.Dense(4), layers.BatchNormalization()], (4, 3), True),
    "dropout": ([layers.Dense(4), layers.Dropout(0.5)], (4, 3), False),
    "convolution": ([layers.Conv2D(2, 3)], (2, 8, 8, 1), False),
    "transposed": ([layers.Conv2DTranspose(2, 3, strides=2)], (2, 8, 8, 1), False),
    "depthwise": ([layers.DepthwiseConv2D(3)], (2, 8, 8, 2), False),
    "lstm": ([layers.LSTM(3)], (2, 5, 2), False),
}


@pytest.mark.skipif(not ON_CPU, reason="what pays on a CPU")
@pytest.mark.parametrize("name", NETWORKS)
def test_xla_auto_compiles_what_it_makes_faster_on_a_cpu(name):
    """Which ones are was measured: see SLOW_IN_XLA and `make bench`."""
    network_layers, shape, expected = NETWORKS[name]
    model = keras.Sequential([layers.Input(shape[1:]), *network_layers])

    def call(x):
        return model(x, training=True)

    call.trainable_variables = model.trainable_variables
    assert is_compiled(call, np.ones(shape, "float32")) is expected


def test_xla_auto_compiles_all_but_cudnns_networks_on_a_gpu(monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["a GPU"])
    graph = tf.Graph()
    with graph.as_default():
        image, kernel = tf.ones((1, 8, 8, 1)), tf.ones((3, 3, 1, 2))
        tf.nn.conv2d(image, kernel, 1, "SAME")
    assert engine._xla_pays(graph)
    with graph.as_default():
        one = tf.ones((1, 1, 1))
        tf.raw_ops.CudnnRNN(input=one, input_h=one, input_c=one, params=tf.ones(9))
    assert not engine._xla_pays(graph)


# Stop and resume


class Noisy:
    """A network with all that a checkpoint has to keep: noise, slots, statistics."""

    def __init__(self, seed, width=4):
        keras.utils.set_random_seed(seed)
        self.model = keras.Sequential(
            [
                layers.Input((D,)),
                layers.Dense(width, "relu"),
                layers.BatchNormalization(),
                layers.Dropout(0.3, seed=7),
                layers.Dense(1),
            ]
        )
        self.noise = keras.random.SeedGenerator(3)
        self.optimizer = keras.optimizers.Adam(0.01)
        self.step = training.gradient_step(
            self.loss, self.model.trainable_variables, self.optimizer
        )

    def loss(self, x, y):
        x = x + 0.1 * keras.random.normal(ops.shape(x), seed=self.noise)
        error = self.model(x, training=True) - y
        return {"loss": ops.mean(error**2), "worst": ops.max(ops.abs(error))}

    def state(self):
        variables = [*self.model.variables, *self.optimizer.variables]
        return [v.numpy() for v in variables] + [self.noise.state.numpy()]


def noisy(seed, **options):
    return Noisy(seed, **options)


def press_stop():
    os.kill(os.getpid(), signal.SIGINT)


def stop_at(step_number):
    def snapshot(step):
        if step == step_number:
            press_stop()
        return np.full((2, 2), step, "float32")

    return {"snapshot": snapshot, "snapshot_steps": [0, 3, step_number, 20]}


class StopInEvaluate:
    """Stops in the second epoch's evaluation: by the button, or by an error."""

    def __init__(self, stop):
        self.calls, self.stop = 0, stop

    def __call__(self):
        self.calls += 1
        if self.calls == 2:
            self.stop()
        return {"score": 1.0}


def second_press():
    raise KeyboardInterrupt


STOPS = {
    "before the first step": lambda: stop_at(0),
    "within an epoch": lambda: stop_at(STEPS + 2),
    "at an epoch's end": lambda: stop_at(2 * STEPS),
    "while evaluating": lambda: {"evaluate": StopInEvaluate(press_stop)},
    "by an error": lambda: {"evaluate": StopInEvaluate(second_press)},
}


@pytest.mark.parametrize(
    ("stop", "xla"),
    [
        *((stop, False) for stop in STOPS),
        pytest.param("within an epoch", True, marks=pytest.mark.slow),
    ],
)
def test_a_resumed_run_is_an_unbroken_run(data, tmp_path, stop, xla):
    """Bit for bit: weights, Adam's slots, batch statistics, state of the noise."""
    run = {"epochs": 4, "batch_size": BATCH, "xla": xla}
    path = tmp_path / "run.npz"
    quiet = {"evaluate": lambda: {"score": 1.0}, "snapshot": lambda step: np.ones(2)}
    quiet["snapshot_steps"] = [0, 3, 20]

    unbroken = noisy(0)
    expected = training.fit(unbroken.step, data, **run, **quiet)

    stopped = noisy(0)
    try:
        part = training.fit(
            stopped.step, data, checkpoint=path, **run, **{**quiet, **STOPS[stop]()}
        )
        assert part.steps < 4 * STEPS
    except KeyboardInterrupt:
        assert stop == "by an error"

    resumed = noisy(99)  # its own weights must not matter
    history = training.fit(resumed.step, data, checkpoint=path, **run, **quiet)
    for a, b in zip(resumed.state(), unbroken.state(), strict=True):
        np.testing.assert_array_equal(a, b)
    for name in ("loss", "worst"):
        np.testing.assert_array_equal(history.batches[name], expected.batches[name])
    np.testing.assert_array_equal(history["score"], expected["score"])
    assert {0, 3, 20} <= {step for step, _ in history.snapshots}
    assert [s for s, _ in history.snapshots] == sorted(s for s, _ in history.snapshots)


def test_a_resumed_run_with_a_fused_update_is_an_unbroken_run(data, tmp_path):
    run = {"epochs": 2, "batch_size": BATCH}
    wide = {"width": loop.MANY_WEIGHTS // 4}
    unbroken, stopped, resumed = noisy(0, **wide), noisy(0, **wide), noisy(9, **wide)
    training.fit(unbroken.step, data, **run)
    path = tmp_path / "run.npz"
    training.fit(stopped.step, data, checkpoint=path, **run, **stop_at(STEPS + 1))
    training.fit(resumed.step, data, checkpoint=path, **run)
    for a, b in zip(resumed.state(), unbroken.state(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_finished_run_is_not_trained_again_but_can_go_on(data, tmp_path):
    path = tmp_path / "new folder" / "run.npz"
    run = {"batch_size": BATCH, "checkpoint": path}
    first, again, longer, unbroken = (noisy(0) for _ in range(4))
    training.fit(first.step, data, epochs=2, **run)
    history = training.fit(again.step, data, epochs=2, **run)
    assert history.steps == 2 * STEPS
    for a, b in zip(again.state(), first.state(), strict=True):
        np.testing.assert_array_equal(a, b)
    training.fit(longer.step, data, epochs=3, **run)
    training.fit(unbroken.step, data, epochs=3, batch_size=BATCH)
    for a, b in zip(longer.state(), unbroken.state(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_stop_button_keeps_the_model_and_the_history(data):
    model = noisy(0)
    before = model.state()
    options = {"epochs": 50, "batch_size": BATCH, **stop_at(STEPS + 2)}
    history = training.fit(model.step, data, **options)
    assert history.steps == STEPS + 2
    assert len(history["loss"]) == 1
    assert any((a != b).any() for a, b in zip(model.state(), before, strict=True))


def test_the_stop_button_works_in_the_middle_of_a_long_epoch():
    """Without snapshots: the engine itself has to look up about once a second."""

    def slow_step(x):
        square = tf.ones((64, 64)) * ops.mean(x)
        for _ in range(20):
            square = tf.matmul(square, square) / 64
        return {"loss": square[0, 0]}

    x = np.ones((10_000_000, 1), "float32")
    timer = threading.Timer(1.5, press_stop)
    timer.start()
    history = training.fit(slow_step, x, epochs=1, batch_size=1, xla=False)
    timer.join()
    assert 0 < history.steps < len(x)


def test_a_second_press_interrupts_at_once(data):
    def evaluate():
        press_stop()
        press_stop()
        pytest.fail("nothing was raised")

    with pytest.raises(KeyboardInterrupt):
        training.fit(noisy(0).step, data, epochs=2, batch_size=BATCH, evaluate=evaluate)


@pytest.mark.parametrize("end", ["done", "stopped", "failed"])
def test_the_stop_buttons_handler_is_put_back(data, end):
    def mine(*_):
        pass

    def snapshot(_):
        {"done": int, "stopped": press_stop, "failed": lambda: 1 // 0}[end]()

    previous = signal.signal(signal.SIGINT, mine)
    try:
        training.fit(
            noisy(0).step,
            data,
            epochs=1,
            batch_size=BATCH,
            snapshot=snapshot,
            snapshot_steps=[2],
        )
    except ZeroDivisionError:
        assert end == "failed"
    finally:
        assert signal.signal(signal.SIGINT, previous) is mine


def test_fit_works_in_a_thread(data):
    here, there = noisy(0), noisy(0)
    histories = {}

    def run(name, model):
        histories[name] = training.fit(model.step, data, epochs=2, batch_size=BATCH)

    thread = threading.Thread(target=run, args=("there", there))
    thread.start()
    thread.join()
    run("here", here)
    losses = [histories[name].batches["loss"] for name in ("here", "there")]
    np.testing.assert_array_equal(*losses)


# Checkpoints that do not fit


def unchanged_after(model, data, path, message, **options):
    """Assert that resuming raises ValueError and leaves model and file alone."""
    before, content = model.state(), path.read_bytes()
    options = {"epochs": 2, "batch_size": BATCH, **options}
    with pytest.raises(ValueError, match=message) as error:
        training.fit(model.step, data, checkpoint=path, **options)
    assert str(path) in str(error.value)
    assert "delete" in str(error.value).lower()
    for a, b in zip(model.state(), before, strict=True):
        np.testing.assert_array_equal(a, b)
    assert path.read_bytes() == content


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    rng = np.random.default_rng(1)
    data = rng.normal(size=(N, D)).astype("float32"), np.ones((N, 1), "float32")
    path = tmp_path_factory.mktemp("checkpoint") / "run.npz"
    training.fit(noisy(0).step, data, epochs=1, batch_size=BATCH, checkpoint=path)
    return path


def test_a_checkpoint_of_other_settings_is_refused(data, checkpoint):
    model = noisy(1)
    unchanged_after(model, data, checkpoint, "its seed is 0, here it is 5", seed=5)
    unchanged_after(model, data, checkpoint, "its batch_size is 8", batch_size=9)
    fewer = tuple(array[:40] for array in data)
    unchanged_after(model, fewer, checkpoint, "its examples is 50, here it is 40")


def test_a_checkpoint_of_another_model_or_optimizer_is_refused(data, checkpoint):
    unchanged_after(noisy(1, width=5), data, checkpoint, "another model or optimizer")
    model = noisy(1)
    variables = model.model.trainable_variables
    model.step = training.gradient_step(
        model.loss, variables, keras.optimizers.SGD(0.1)
    )
    unchanged_after(model, data, checkpoint, "another model or optimizer")


def test_a_checkpoint_of_other_losses_is_refused(data, checkpoint):
    model = noisy(1)
    inner = model.step
    model.step = lambda *batch: {**inner(*batch), "kl": tf.constant(0.0)}
    unchanged_after(model, data, checkpoint, "its losses are loss, worst, .*kl")


@pytest.mark.parametrize(
    "damage", ["empty", "half", "cut", "garbage", "flipped", "npy"]
)
def test_a_damaged_checkpoint_is_refused(data, checkpoint, tmp_path, damage):
    content = checkpoint.read_bytes()
    path = tmp_path / "run.npz"
    with np.load(checkpoint) as file:
        number = content.index(file["batches/worst"].tobytes())
    flipped = content[:number] + bytes([content[number] ^ 1]) + content[number + 1 :]
    if damage == "npy":
        with open(path, "wb") as file:
            np.save(file, np.ones(3))
    else:
        path.write_bytes(
            {
                "empty": b"",
                "half": content[: len(content) // 2],
                "cut": content[:-1],
                "garbage": b"no checkpoint at all" * 100,
                "flipped": flipped,
            }[damage]
        )
    unchanged_after(noisy(1), data, path, "cannot be read")


# Losses that are not finite


def explode_at(step_number):
    count = tf.Variable(0)
    model = Linear()

    def step(x, y):
        count.assign_add(1)
        losses = model.update(x, y)
        bad = tf.where(count == step_number, np.float32(np.nan), 1.0)
        return {**losses, "kl": bad}

    return step, count


@pytest.mark.parametrize("at", [1, STEPS, STEPS + 3])
def test_nan_stops_with_the_step_and_the_name_of_the_loss(data, tmp_path, at):
    step, count = explode_at(at)
    path = tmp_path / "run.npz"
    run = {"epochs": 3, "batch_size": BATCH, "xla": False}
    with pytest.raises(FloatingPointError, match=f"Step {at} made .*'kl' nan") as error:
        training.fit(step, data, checkpoint=path, **run)
    history = error.value.history
    assert history.steps == at == int(count)  # it went no further
    assert np.isfinite(history.batches["loss"]).all()
    assert np.isnan(history.batches["kl"][-1])
    assert path.exists() == (at > STEPS)
    if path.exists():  # the last good one is kept
        with np.load(path) as file:
            assert len(file["batches/kl"]) == STEPS
            assert np.isfinite(file["batches/kl"]).all()


def test_an_infinite_loss_stops_too(data):
    model = Linear()

    def step(x, y):
        return {"loss": model.update(x, y)["loss"] / 0.0}

    with pytest.raises(FloatingPointError, match="'loss' inf"):
        training.fit(step, data, epochs=1, batch_size=BATCH, xla=False)


# Snapshots, evaluation, logs


def test_snapshots_are_taken_at_their_steps(data):
    model = Linear()
    taken = []

    def snapshot(step):
        taken.append(step)
        return model.w.numpy()

    wanted = [0, 1, 4, STEPS, STEPS + 1, 2 * STEPS, 999]
    history = training.fit(
        model.update,
        data,
        epochs=2,
        batch_size=BATCH,
        snapshot=snapshot,
        snapshot_steps=wanted[::-1],
    )
    assert taken == [step for step, _ in history.snapshots] == wanted[:-1]
    weights = [w for _, w in history.snapshots]
    np.testing.assert_array_equal(weights[0], np.zeros((D, 1)))
    np.testing.assert_array_equal(weights[-1], model.w.numpy())
    assert all((a != b).any() for a, b in zip(weights, weights[1:], strict=False))


def test_snapshots_change_nothing_of_the_training(data):
    plain, watched = noisy(0), noisy(0)
    run = {"epochs": 2, "batch_size": BATCH}
    training.fit(plain.step, data, **run)
    watch = {"snapshot": lambda step: np.ones(1), "snapshot_steps": range(9)}
    training.fit(watched.step, data, **run, **watch)
    for a, b in zip(plain.state(), watched.state(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_snapshot_may_return_nothing(data, tmp_path):
    """It then only draws or records; a checkpoint must not turn it into a pickle."""
    run = {"epochs": 1, "batch_size": BATCH, "checkpoint": tmp_path / "run.npz"}
    run |= {"snapshot": lambda step: None, "snapshot_steps": [0, 2]}
    history = training.fit(noisy(0).step, data, **run)
    assert history.snapshots == []
    training.fit(noisy(0).step, data, **run)  # and can be read again


def test_a_snapshot_of_objects_is_refused(data):
    run = {"epochs": 1, "batch_size": BATCH, "snapshot_steps": [0]}
    with pytest.raises(ValueError, match="must return an array of numbers"):
        training.fit(noisy(0).step, data, snapshot=lambda step: {"w": 1}, **run)


@pytest.mark.parametrize(("count", "last"), [(2, 1), (10, 1000), (60, 100), (500, 20)])
def test_log_spaced_steps(count, last):
    steps = training.log_spaced(count, last)
    assert steps[0] == 0 and steps[-1] == last
    assert len(steps) <= count
    gaps = np.diff(steps)
    assert gaps.min() >= 1
    assert gaps[0] <= gaps[-1]


def test_log_spaced_steps_keep_a_constant_ratio():
    steps = training.log_spaced(10, 511) + 1
    np.testing.assert_array_equal(steps, 2 ** np.arange(10))


def test_evaluate_is_called_once_an_epoch(data):
    model = Linear()
    weights = []

    def evaluate():
        weights.append(model.w.numpy().copy())
        return {"score": len(weights), "norm": np.linalg.norm(weights[-1])}

    history = training.fit(
        model.update, data, epochs=3, batch_size=BATCH, evaluate=evaluate
    )
    assert history["score"].tolist() == [1, 2, 3]
    np.testing.assert_allclose(history["norm"], [np.linalg.norm(w) for w in weights])
    np.testing.assert_array_equal(weights[-1], model.w.numpy())
    assert set(history.names) == {"loss", "bias", "score", "norm"}


def test_evaluate_may_not_take_the_name_of_a_loss(data):
    run = {"epochs": 1, "batch_size": BATCH, "evaluate": lambda: {"loss": 0.0}}
    with pytest.raises(ValueError, match="'loss'.*test_loss"):
        training.fit(noisy(0).step, data, **run)


def test_tensorboard_gets_scalars_and_images(data, tmp_path):
    pictures = {1: np.eye(4, dtype="float32"), 3: np.ones((2, 5, 6, 3), "float32")}
    pictures[4] = np.ones((7, 2), "float64")[:, 0]  # no picture: left out
    history = training.fit(
        noisy(0).step,
        data,
        epochs=2,
        batch_size=BATCH,
        evaluate=lambda: {"score": 0.5},
        snapshot=pictures.get,
        snapshot_steps=[1, 2, 3, 4],
        log_dir=tmp_path / "logs",
    )
    events = EventAccumulator(str(tmp_path / "logs")).Reload()
    assert set(events.Tags()["tensors"]) == {"loss", "worst", "score", "snapshot"}
    logged = events.Tensors("loss")
    assert [event.step for event in logged] == [STEPS, 2 * STEPS]
    values = [tf.make_ndarray(event.tensor_proto) for event in logged]
    np.testing.assert_allclose(values, history["loss"], rtol=1e-6)
    images = {e.step: e.tensor_proto.string_val[2:] for e in events.Tensors("snapshot")}
    assert sorted(images) == [1, 3]
    decoded = tf.io.decode_png(images[1][0]).numpy()
    np.testing.assert_array_equal(decoded[..., 0], 255 * np.eye(4))
    assert len(images[3]) == 2


def test_progress_shows_epochs_and_losses(data, capfd, monkeypatch):
    run = {"epochs": 2, "batch_size": BATCH}
    training.fit(noisy(0).step, data, progress=True, **run)
    shown = "".join(capfd.readouterr())
    assert "2.0 of 2 epochs" in shown and "loss=" in shown and "worst=" in shown
    monkeypatch.setenv("COURSE_PROFILE", "smoke")
    training.fit(noisy(0).step, data, **run)
    assert "epochs" not in "".join(capfd.readouterr())
    monkeypatch.setenv("COURSE_PROFILE", "lesson")
    training.fit(noisy(0).step, data, **run)
    assert "2.0 of 2 epochs" in "".join(capfd.readouterr())


# Bad input


def with_nan(x, value):
    x = x.copy()
    x[7, 1] = value
    return x


X, Y = np.ones((20, 3), "float32"), np.ones((20, 1), "float32")
BAD = {
    "batch larger than the data": (X, {"batch_size": 21}, "batch_size is 21.* 20 "),
    "no epochs": (X, {"epochs": 0}, "epochs is 0"),
    "negative epochs": (X, {"epochs": -1}, "epochs is -1"),
    "half an epoch": (X, {"epochs": 0.5}, "epochs is 0.5"),
    "no batch": (X, {"batch_size": 0}, "batch_size is 0"),
    "broken batch": (X, {"batch_size": 2.5}, "batch_size is 2.5"),
    "unequal lengths": ((X, Y[:19]), {}, r"unequal lengths: \[20, 19\]"),
    "integer images": (np.ones((20, 4, 4, 1), "uint8"), {}, r"x_train\[0\].*uint8"),
    "wide integer images": (np.ones((20, 4, 4, 1), int), {}, r"x_train\[0\].*int64"),
    "flat integer images": (np.ones((20, 16), "uint8"), {}, r"x_train\[0\].*uint8"),
    "second array NaN": ((Y, with_nan(X, np.nan)), {}, r"x_train\[1\].* NaN"),
    "infinite": (with_nan(X, np.inf), {}, r"x_train\[0\].* infinite"),
    "a single value": (np.float32(3), {}, r"x_train\[0\] is a single value"),
    "no examples": (X[:0], {}, "only 0 examples"),
    "unknown xla": (X, {"xla": "yes"}, "xla is 'yes'"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_says_what_is_wrong(name):
    x_train, options, message = BAD[name]
    options = {"epochs": 1, "batch_size": 4, **options}
    with pytest.raises(ValueError, match=message):
        training.fit(lambda *batch: {"loss": ops.mean(batch[0])}, x_train, **options)


def test_steps_are_counted_as_fit_takes_them():
    history = training.fit(
        lambda x, y: {"loss": ops.mean(x)}, (X, Y), epochs=3, batch_size=6
    )
    assert training.count_steps((X, Y), 3, 6) == history.steps == 9
    assert training.count_steps(X, 1, 20) == 1


@pytest.mark.parametrize(
    ("epochs", "batch_size", "constant"),
    [(0, 4, "EPOCHS"), (1, 0, "BATCH_SIZE"), (1, 21, "BATCH_SIZE.*at most 20")],
)
def test_a_schedule_of_no_steps_names_the_constant(epochs, batch_size, constant):
    with pytest.raises(ValueError, match=f"set {constant}.*under Setup|{constant}"):
        training.count_steps(X, epochs, batch_size)


@pytest.mark.parametrize(("count", "last"), [(1, 10), (3, 0)])
def test_moments_that_cannot_be_chosen_name_the_constants(count, last):
    with pytest.raises(ValueError, match="FRAMES.*EPOCHS or STEPS"):
        training.log_spaced(count, last)


@pytest.mark.slow  # TensorFlow waits ten seconds for memory to become free
def test_a_full_memory_ends_in_a_sentence():
    def step(x):
        return {"loss": ops.mean(tf.random.normal((10**7, 10**6)) * ops.mean(x))}

    with pytest.raises(MemoryError, match="memory.* full.*set BATCH_SIZE.*less than 4"):
        training.fit(step, X, epochs=1, batch_size=4, xla=False)


def test_labels_and_tokens_may_be_integers():
    for labels in (np.zeros(20, "uint8"), np.zeros((20, 5), "int32")):
        history = training.fit(
            lambda x, y: {"loss": ops.mean(x) + ops.cast(ops.max(y), "float32")},
            (X, labels),
            epochs=1,
            batch_size=4,
        )
        assert history.steps == 5


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (lambda x: {"loss": ops.sum(x, axis=1)}, r"'loss' has shape \(4,\).*mean"),
        (lambda x: ops.mean(x), "not a dict"),
        (lambda x: {}, "not a dict of losses"),
    ],
)
def test_a_step_that_returns_no_scalars_is_told_so(step, message):
    with pytest.raises(ValueError, match=message):
        training.fit(step, X, epochs=1, batch_size=4)
