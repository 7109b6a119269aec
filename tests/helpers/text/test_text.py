"""Lesson 7: tokens, counting, the model's memory, writing, copying, the microscope.

The notebook's own functions are tried, with networks that need no training.
"""

import io

import matplotlib
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from helpers.text import (
    Vocabulary,
    coloured_text,
    correlations,
    longest_shared,
    properties,
    sampling,
    split,
    visible,
)
from helpers.widgets import SamplingMicroscope

matplotlib.use("Agg")
LESSON = "07_text_lstm.ipynb"
TEXT = 'the whale.\n"Ay, the whale!" said he;\nhow then?\n'


@pytest.fixture(scope="module")
def model(lesson):
    return lesson["LanguageModel"](len(lesson["vocabulary"]), units=16)


# Tokens


def test_characters_to_numbers_and_back():
    vocabulary = Vocabulary(TEXT)
    ids = vocabulary.encode(TEXT)
    assert ids.dtype == np.int32 and ids.shape == (len(TEXT),)
    assert vocabulary.decode(ids) == TEXT
    assert list(vocabulary.tokens) == sorted(set(TEXT))
    assert len(vocabulary) == len(set(TEXT))
    assert "⏎" in repr(vocabulary)


def test_an_empty_text_is_refused():
    with pytest.raises(ValueError, match="empty"):
        Vocabulary("")


def test_a_character_never_seen_is_named():
    with pytest.raises(ValueError, match="has '#', 'ß', which the training text never"):
        Vocabulary(TEXT).encode("the ß whale #")


def test_a_number_that_is_no_token_is_refused():
    vocabulary = Vocabulary(TEXT)
    for ids in ([-1], [0, len(vocabulary)]):
        with pytest.raises(ValueError, match="ids run"):
            vocabulary.decode(ids)


def test_the_last_tenth_is_held_out():
    train, test = split(np.arange(105), window=5)
    assert train.tolist() == list(range(95)) and test.tolist() == list(range(95, 105))


@pytest.mark.parametrize(
    "n, window, named",
    [(20, 64, "training"), (105, 10, "held-out"), (5, 1, "held-out")],
)
def test_a_text_shorter_than_a_window_is_refused(n, window, named):
    with pytest.raises(ValueError, match=f"The {named} text has .* longer text"):
        split(np.arange(n), window)


# Counting


def by_hand(text, context, character, order, base):
    """Witten and Bell's rule, one context at a time, by recursion."""
    if order == 0:
        return 1 / base
    shorter = by_hand(text, context[1:], character, order - 1, base)
    size = len(context)
    places = range(len(text) - size)
    followers = [text[i + size] for i in places if text[i : i + size] == context]
    if not followers:
        return shorter
    kinds = len(set(followers))
    return (followers.count(character) + kinds * shorter) / (len(followers) + kinds)


def test_counting_agrees_with_the_rule_by_hand(lesson):
    random = np.random.default_rng(1)
    text = "".join(random.choice(list("aabcd"), 300))
    vocabulary = Vocabulary(text)
    ids = vocabulary.encode(text)
    levels = lesson["witten_bell"](ids[:240], ids[240:], 4, 4)
    for order in range(5):
        expected = [
            by_hand(text[:240], text[max(0, i - order + 1) : i], text[i], order, 4)
            for i in range(240, 300)
        ]
        np.testing.assert_allclose(levels[order], expected, rtol=1e-12)


@pytest.mark.parametrize("order", [1, 3, 5])
def test_counted_probabilities_sum_to_one(lesson, order):
    ids = Vocabulary(TEXT).encode(TEXT)
    base = int(ids.max()) + 1
    for context in (ids[3:9], ids[[0, 0, 0, 1, 1, 1]]):
        total = 0.0
        for token in range(base):
            asked = np.append(context, token)
            total += lesson["witten_bell"](ids, asked, order, base)[order][-1]
        assert total == pytest.approx(1, abs=1e-12)


# The model


def test_the_lstm_meets_the_conditions_of_the_cudnn_kernel(model):
    import keras

    lstm = model.recurrent
    assert lstm.activation is keras.activations.tanh
    assert lstm.recurrent_activation is keras.activations.sigmoid
    assert lstm.use_bias and not lstm.unroll and not lstm.go_backwards
    assert lstm.dropout == lstm.recurrent_dropout == 0
    assert lstm.use_cudnn in ("auto", True)
    assert not model.embed.mask_zero  # a mask would have to be right padded


def test_the_graph_holds_no_one_hot_text(lesson, model):
    readers = lesson["Readers"](model, lesson["train_ids"], count=4, page=8)
    step = lesson["reading_step"](model, readers, lesson["make_optimizer"](100))
    graph = tf.function(step).get_concrete_function(0).graph
    names = {node.op for node in graph.as_graph_def().node}
    for function in graph.as_graph_def().library.function:
        names |= {node.op for node in function.node_def}
    assert "OneHot" not in names and "GatherV2" in names


def test_reading_in_parts_is_reading_at_one_go(lesson, model):
    ids = lesson["ids"][None, :40]
    whole, end = model(ids, model.start(1))
    state, parts = model.start(1), []
    for part in np.split(ids, [1, 7, 30], axis=1):
        logits, state = model(part, state)
        parts.append(logits)
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, atol=1e-5)
    np.testing.assert_allclose(state[0], end[0], atol=1e-5)


@pytest.mark.slow
def test_held_out_bits_are_those_of_one_long_reading(lesson, model):
    ids, first = lesson["ids"][:3000], 2500
    logits, _ = model(ids[None, :-1], model.start(1))
    log_p = tf.nn.log_softmax(logits[0]).numpy()
    expected = -log_p[np.arange(len(ids) - 1), ids[1:]][first - 1 :] / np.log(2)
    for readers in (1, 7):
        found = lesson["held_out_bits"](model, ids, first, readers)
        assert found.shape == (500,)
        np.testing.assert_allclose(found, expected, atol=1e-3)


def test_a_step_reads_on_with_the_memory_of_the_last(lesson):
    model = lesson["LanguageModel"](len(lesson["vocabulary"]), units=16)
    before = [v.numpy() for v in model.variables]
    ids = lesson["ids"][:101]
    readers = lesson["Readers"](model, ids, count=2, page=20, forget=0)
    assert readers.places.numpy().tolist() == [0, 50]
    still = lesson["make_optimizer"](100, peak=0.0)  # moves no weight worth a mention
    step = lesson["reading_step"](model, readers, still)
    first = float(step(0)["loss"])
    second = float(step(1)["loss"])
    assert readers.places.numpy().tolist() == [40, 90]
    for value, variable in zip(before, model.variables, strict=True):
        variable.assign(value)
    pages = np.stack([ids[:41], ids[50:91]])
    logits, state = model(pages[:, :-1], model.start(2))
    nats = lesson["surprise"](logits, pages[:, 1:]).numpy()
    assert first == pytest.approx(nats[:, :20].mean(), abs=1e-3)
    assert second == pytest.approx(nats[:, 20:].mean(), abs=1e-3)
    np.testing.assert_allclose(readers.memory[1], state[1], atol=1e-3)
    readers.move_on(state)
    assert readers.places.numpy().tolist() == [60, 9]  # past the end is page one


def test_the_norm_that_a_step_reports_is_the_one_before_clipping(lesson):
    model = lesson["LanguageModel"](len(lesson["vocabulary"]), units=16)
    readers = lesson["Readers"](model, lesson["ids"][:2000], count=8, page=10, forget=0)
    x, memory = readers.pages(), readers.remember()
    with tf.GradientTape() as tape:
        logits, _ = model(x[:, :-1], memory)
        loss = tf.reduce_mean(lesson["surprise"](logits, x[:, 1:]))
    norm = tf.linalg.global_norm(tape.gradient(loss, model.variables))
    step = lesson["reading_step"](model, readers, lesson["make_optimizer"](100))
    assert float(step(0)["norm"]) == pytest.approx(float(norm), rel=1e-4)


def test_some_readers_begin_a_page_with_an_empty_memory(lesson, model):
    ids = lesson["ids"][:2000]
    readers = lesson["Readers"](model, ids, count=500, page=1, forget=0.2)
    for part in readers.memory:
        part.assign(tf.ones_like(part))
    found = readers.remember()
    assert all(part.shape == (500, 16) for part in found)
    began = (found[0].numpy() == 0).all(axis=1)
    kept = (found[0].numpy() == 1).all(axis=1)
    assert (began ^ kept).all()
    assert 60 < began.sum() < 140
    np.testing.assert_array_equal(found[0], found[1])  # h and c are lost together


@pytest.mark.slow
def test_a_reading_that_was_stopped_ends_like_one_that_was_not(lesson, tmp_path):
    class Stopped(Exception):
        pass

    calls = []

    def stop():
        calls.append(1)
        if len(calls) == 2:
            raise Stopped
        return {}

    def read(**options):
        model = lesson["LanguageModel"](len(lesson["vocabulary"]), units=8)
        readers = lesson["Readers"](model, lesson["train_ids"][:20_000], page=16)
        lesson["train_readers"](model, readers, 2, **options)
        return [*model.variables, readers.places, *readers.memory]

    path = tmp_path / "reading.npz"
    with pytest.raises(Stopped):
        read(checkpoint=path, evaluate=stop)
    resumed, unbroken = read(checkpoint=path), read()
    for one, other in zip(resumed, unbroken, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_windows_are_gathered_in_the_graph(lesson):
    text = np.arange(50, dtype="int32")
    cut = tf.function(lesson["windows"])(tf.constant(text), tf.constant([3, 40]), 5)
    np.testing.assert_array_equal(cut, [text[3:8], text[40:45]])


# The simple recurrent network and the LSTM's step


def test_a_simple_recurrent_network_fits_into_the_same_model(lesson):
    import keras

    simple = keras.layers.SimpleRNN
    model = lesson["LanguageModel"](len(lesson["vocabulary"]), 16, simple)
    x = lesson["ids"][None, :20]
    whole, end = model(x, model.start(1))
    assert len(end) == 1 and whole.shape == (1, 20, len(lesson["vocabulary"]))
    _, state = model(x[:, :12], model.start(1))
    second, _ = model(x[:, 12:], state)
    np.testing.assert_allclose(second, whole[:, 12:], atol=1e-5)


def test_the_step_by_hand_is_that_of_keras(lesson, model):
    h = c = np.zeros(16)
    ids = lesson["ids"][:25]
    for e in np.array(model.embed(ids)):
        h, c = lesson["lstm_step"](e, h, c, *model.recurrent.get_weights())
    _, state = model(ids[None], model.start(1))
    np.testing.assert_allclose([h, c], [state[0][0], state[1][0]], atol=1e-5)


# The transformer


@pytest.fixture(scope="module")
def transformer(lesson):
    return lesson["Transformer"](len(lesson["vocabulary"]))


def test_attention_is_a_mean_over_what_came_before(lesson):
    q, k, v = np.random.default_rng(1).normal(size=(3, 2, 3, 5, 4)).astype("float32")
    y, weights = (np.array(out) for out in lesson["attend"](q, k, v))
    for n, head, t in np.ndindex(2, 3, 5):
        scores = k[n, head, : t + 1] @ q[n, head, t] / 2  # the root of 4
        p = np.exp(scores - scores.max())
        p /= p.sum()
        np.testing.assert_allclose(weights[n, head, t, : t + 1], p, atol=1e-5)
        assert (weights[n, head, t, t + 1 :] == 0).all()
        np.testing.assert_allclose(y[n, head, t], p @ v[n, head, : t + 1], atol=1e-5)


def test_no_prediction_of_the_transformer_sees_its_future(lesson, transformer):
    x = lesson["ids"][None, :40].copy()
    before = transformer(x)
    for place in (39, 20, 1):
        changed = x.copy()
        changed[0, place] = (x[0, place] + 1) % len(lesson["vocabulary"])
        after = transformer(changed)
        np.testing.assert_allclose(after[:, :place], before[:, :place], atol=1e-5)
        assert not np.allclose(after[:, place:], before[:, place:], atol=1e-5)


def test_the_transformer_knows_the_order_of_what_it_reads(lesson, transformer):
    x = lesson["ids"][None, :12].copy()
    x[0, :2] = 3, 4
    turned = x.copy()
    turned[0, :2] = 4, 3
    last = [np.array(transformer(one)[0, -1]) for one in (x, turned)]
    assert not np.allclose(*last, atol=1e-6)


def test_bits_in_windows_are_those_of_each_character_after_its_window(
    lesson, transformer
):
    half, first = 8, 400
    ids = lesson["ids"][: first + 53]  # no whole number of windows
    judge = lesson["held_out_bits_in_windows"]
    found = judge(transformer, ids, first, half=half)
    assert found.shape == (53,)
    for i in (0, 7, 8, 30, 52):
        begin = first - half - 1 + i // half * half
        nats = transformer.nats(ids[None, begin : first + i + 1])
        assert found[i] == pytest.approx(float(nats[0, -1]) / np.log(2), abs=1e-4)


# Writing


def test_writing_at_temperature_zero_follows_the_best_step_by_step(lesson, model):
    write, prompt = lesson["Writer"](model), lesson["ids"][None, :30]
    found = write(prompt, 12, temperature=0)
    so_far = prompt
    for _ in range(12):
        logits, _ = model(so_far, model.start(1))
        best = np.argmax(logits[:, -1], axis=-1).astype("int32")
        so_far = np.append(so_far, best[:, None], axis=1)
    np.testing.assert_array_equal(found, so_far[:, 30:])


def test_passages_at_different_temperatures_are_written_at_once(lesson, model):
    write, prompt = lesson["Writer"](model), lesson["ids"][:30]
    heats = np.array([0.0, 0.5, 1.0, 2.0])
    together = write(np.tile(prompt, (4, 1)), 60, heats)
    assert together.shape == (4, 60)
    np.testing.assert_array_equal(together[:1], write(prompt[None], 60, 0.0))
    again = write(np.tile(prompt, (4, 1)), 60, heats)
    np.testing.assert_array_equal(together, again)
    other = write(np.tile(prompt, (4, 1)), 60, heats, seed=2)
    assert (together[1:] != other[1:]).any()
    assert (together[0] == other[0]).all()


def test_drawn_characters_obey_top_k(lesson, model):
    write, prompt = lesson["Writer"](model), lesson["ids"][None, :30]
    narrow = write(prompt, 50, temperature=50.0, top_k=1)
    np.testing.assert_array_equal(narrow, write(prompt, 50, temperature=0))


@pytest.mark.parametrize(
    "knobs", [{"temperature": -1}, {"top_k": 0}, {"top_p": 0}, {"top_p": 1.5}]
)
def test_knobs_out_of_range_are_refused(lesson, model, knobs):
    with pytest.raises(ValueError, match="it must be"):
        lesson["Writer"](model)(lesson["ids"][None, :30], 5, **knobs)


# Copying, features, figures


@pytest.mark.parametrize(
    "passage, shared",
    [
        ("xxthe whalexx", "the whale"),
        ("zzz", ""),
        ("", ""),
        (TEXT, TEXT),
        ("e;\nq", "e;\n"),
    ],
)
def test_the_longest_shared_piece(passage, shared):
    assert longest_shared(passage, TEXT) == shared


def test_the_longest_shared_piece_of_random_texts():
    random = np.random.default_rng(1)
    for _ in range(20):
        passage, text = ("".join(random.choice(list("ab"), n)) for n in (30, 60))
        pieces = {passage[i:j] for j in range(31) for i in range(j)}
        longest = max(len(piece) for piece in pieces if piece in text)
        found = longest_shared(passage, text)
        assert len(found) == longest and found in passage and found in text


def test_features_of_a_text():
    found = properties('a "bc" d\n"e\n\nf')
    assert found["in quotes"].tolist() == [0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0]
    line = [1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 0, 0, 1]
    assert found["place in the line"].tolist() == line
    word = [1, 0, 0, 1, 2, 0, 0, 1, 0, 0, 1, 0, 0, 1]
    assert found["place in the word"].tolist() == word


def test_correlations():
    random = np.random.default_rng(1)
    feature = random.normal(size=500)
    units = np.stack([feature, -2 * feature + 3, random.normal(size=500)], axis=1)
    units = np.append(units, np.ones((500, 1)), axis=1)
    expected = [1, -1, np.corrcoef(units[:, 2], feature)[0, 1], 0]
    np.testing.assert_allclose(correlations(units, feature), expected, atol=1e-12)


def test_coloured_text_draws_each_character_in_its_place():
    values = np.arange(len(TEXT), dtype=float)
    ax = coloured_text(TEXT, values, title="t", label="bits", width=12)
    drawn = {(t.get_position(), t.get_text()) for t in ax.texts}
    assert ((0, 0), "t") in drawn and ((10, 0), "⏎") in drawn
    assert ((0, 2), visible(TEXT[23])) in drawn
    cells = ax.images[0].get_array()
    assert cells[0, 4] == 4 and cells.mask[0, 11]


@pytest.mark.parametrize("text, values", [("", []), ("ab", [1.0]), ("ab", [1, np.nan])])
def test_coloured_text_refuses_what_does_not_fit(text, values):
    with pytest.raises(ValueError, match="one finite value for each"):
        coloured_text(text, values)


# The microscope

VOCABULARY = Vocabulary(TEXT + "abcdefghijklmnopqrstuvwxyz")


def next_logits(text):
    ids = VOCABULARY.encode(text)
    random = np.random.default_rng([len(text), int(ids[-1])])
    return 2 * random.normal(size=len(VOCABULARY))


def microscope(**options):
    return SamplingMicroscope(next_logits, VOCABULARY.tokens, "the whale", **options)


def ask(widget, **message):
    """Do what the browser does: send a message, read the answer."""
    widget._on_message(widget, {"id": "page:1", **message}, [])
    assert (widget.answer["kind"], widget.answer["id"]) == (message["kind"], "page:1")


def test_the_bars_are_the_probabilities_before_and_after_the_knobs():
    widget = microscope()
    widget.temperature, widget.top_k, widget.top_p = 0.7, 6, 0.9
    logits = next_logits("the whale")[None]
    before = sampling.probabilities(logits)[0].numpy()
    after = sampling.probabilities(logits, 0.7, 6, 0.9)[0].numpy()
    order = np.argsort(-before)
    for i, (token, p, p_after) in zip(order, widget.bars, strict=False):
        assert token == VOCABULARY.tokens[i]
        assert (p, p_after) == pytest.approx((before[i], after[i]))
    assert widget.view["kept"] == np.sum(after > 0)
    assert widget.view["rest"][1] == pytest.approx(0, abs=1e-6)
    entropies = [
        sampling.entropy(np.log(np.maximum(p, 1e-45))) for p in (before, after)
    ]
    assert widget.view["entropy"] == pytest.approx(entropies, abs=1e-4)


def test_drawing_extends_the_passage_and_says_how_probable_it_was():
    widget = microscope(temperature=0.8)
    expected = {token: p for token, _, p in widget.bars}
    widget.draw()
    ((character, p),) = widget.drawn
    assert p == pytest.approx(expected[character])
    assert widget.passage == "the whale" + character
    widget.draw(5)
    assert len(widget.drawn) == 6 and widget.passage.startswith("the whale" + character)
    logits = next_logits(widget.passage)
    assert widget.bars[0][0] == VOCABULARY.tokens[int(np.argmax(logits))]


def test_the_seed_decides_and_start_over_repeats():
    one, other = microscope(seed=1), microscope(seed=2)
    one.draw(20)
    other.draw(20)
    assert one.passage != other.passage
    first = one.passage
    one.restart()
    assert one.passage == "the whale"
    one.draw(20)
    assert one.passage == first


def test_take_back_goes_back_one_by_one_and_no_further():
    widget = microscope()
    before = widget.bars
    widget.draw(2)
    widget.take_back()
    assert len(widget.drawn) == 1
    widget.take_back()
    widget.take_back()
    assert widget.drawn == [] and widget.bars == before


def test_the_browser_asks_for_everything_by_message():
    widget = microscope()
    ask(widget, kind="draw", count=3)
    assert len(widget.drawn) == 3
    ask(widget, kind="knobs", temperature=0, top_k=4, top_p=0.5)
    assert (widget.temperature, widget.top_k, widget.top_p) == (0, 4, 0.5)
    assert widget.view["kept"] == 1
    ask(widget, kind="back")
    assert len(widget.drawn) == 2
    ask(widget, kind="text", text="how")
    assert widget.passage == "how" and widget.drawn == []
    ask(widget, kind="draw", count=1)
    ask(widget, kind="restart")
    assert widget.passage == "how"
    assert widget.error == ""
    widget._on_message(widget, {"kind": "nudge"}, [])


@pytest.mark.parametrize("text, words", [("", "empty"), ("wh#le", "'#'")])
def test_a_text_that_cannot_be_read_is_refused_and_the_old_one_stays(text, words):
    widget = microscope()
    bars = widget.bars
    ask(widget, kind="text", text=text)
    assert words in widget.error
    assert widget.text == "the whale" and widget.bars == bars
    with pytest.raises(ValueError, match=words):
        widget.text = text
    ask(widget, kind="draw", count=1)
    assert widget.error == "" and widget.passage.startswith("the whale")
    with pytest.raises(ValueError, match=words):
        SamplingMicroscope(next_logits, VOCABULARY.tokens, text)


@pytest.mark.parametrize(
    "knobs", [{"temperature": -1}, {"top_k": 0}, {"top_p": 0}, {"top_p": 2}]
)
def test_the_microscope_refuses_knobs_out_of_range(knobs):
    widget = microscope()
    with pytest.raises(ValueError, match="it must be"):
        microscope(**knobs)
    ((name, value),) = knobs.items()
    with pytest.raises(ValueError, match="it must be"):
        setattr(widget, name, value)
    values = {"temperature": 1.0, "top_k": 5, "top_p": 1.0, **knobs}
    ask(widget, kind="knobs", **values)
    assert "it must be" in widget.error
    assert widget.temperature == 1.0


def test_the_microscope_refuses_a_model_that_does_not_fit():
    with pytest.raises(ValueError, match="give a function"):
        SamplingMicroscope(None, VOCABULARY.tokens, "the")
    for logits in (np.zeros(3), np.full(len(VOCABULARY), np.nan)):
        with pytest.raises(ValueError, match="next_logits returned"):
            SamplingMicroscope(lambda _, x=logits: x, VOCABULARY.tokens, "the")
    with pytest.raises(ValueError, match="count is 0"):
        microscope().draw(0)


def test_the_microscope_has_a_still_picture_and_words():
    widget = microscope()
    widget.draw(3)
    data, _ = widget._repr_mimebundle_()
    assert Image.open(io.BytesIO(data["image/png"])).size[0] > 800
    assert "temperature 1" in repr(widget)
    assert widget.static().data == data["image/png"]
