"""Lesson 7 on the plays of Shakespeare, with a larger LSTM and dropout.

The code is the lesson's own, from the notebook's tagged cells, in the profile that
COURSE_PROFILE names (`full`: tiny Shakespeare, its last tenth held out). The memory is
carried along in training and in judging. Bits per character come with the baselines
of the lesson, on the same held-out text.

    COURSE_DATA=FOLDER COURSE_PROFILE=full python -m benchmarks.published.full_text

With `--checkpoint FILE` a run that was stopped goes on where it was, with the same
result as one that never stopped.
"""

import argparse
import bz2
import gzip
import lzma
import platform

import numpy as np
import tensorflow as tf

from helpers import runtime
from helpers.tables import table
from tools.notebooks.lesson_code import lesson_code

PACKERS = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}
EMBEDDING, READERS = 64, 128  # twice the lesson's, for a network twice as wide


class Dropping:
    """The model as it is trained: parts of what the LSTM hears and says are dropped.

    What it hears loses the same numbers at every character of a page (Gal and
    Ghahramani 2016); what it says loses others at each.
    """

    def __init__(self, model, heard, said, seed=1):
        self.model, self.start, self.variables = model, model.start, model.variables
        self.heard, self.said = heard, said
        self.rng = tf.random.Generator.from_seed(seed)

    def _drop(self, x, rate, shape):
        kept = self.rng.uniform(shape) >= rate
        return x * tf.cast(kept, x.dtype) / (1 - rate)

    def __call__(self, x, state):
        e = self.model.embed(x)
        shape = tf.shape(e)
        e = self._drop(e, self.heard, [shape[0], 1, shape[2]])
        y, *state = self.model.recurrent(e, initial_state=state)
        return self.model.to_logits(self._drop(y, self.said, tf.shape(y))), state


def baselines(lesson):
    """Bits per character of the held-out text: {name: bits}."""
    train_ids, test_ids = lesson["train_ids"], lesson["test_ids"]
    tokens = len(lesson["vocabulary"])
    counted = lesson["witten_bell"](train_ids, test_ids, 7, tokens)
    bits = {"uniform": np.log2(tokens)}
    for k in (1, 3, 4, 5, 6, 7):
        bits[f"{k}-gram, Witten-Bell"] = -np.mean(np.log2(counted[k]))
    for name, compress in PACKERS.items():
        sizes = [len(compress(lesson[t].encode())) for t in ("novel", "book")]
        bits[f"{name}, given the rest"] = 8 * (sizes[0] - sizes[1]) / len(test_ids)
    return bits


def train(lesson, options):
    """Train, print the held-out bits after each epoch, and return (bits, History)."""
    lesson["EMBEDDING"] = EMBEDDING
    make = lesson["make_optimizer"]
    lesson["make_optimizer"] = lambda steps: make(steps, peak=options.rate)
    model = lesson["LanguageModel"](len(lesson["vocabulary"]), options.units)
    dropping = Dropping(model, options.drop_heard, options.drop_said)
    readers = lesson["Readers"](
        dropping, lesson["train_ids"], count=READERS, page=options.page, forget=0
    )

    def judge():
        first = len(lesson["train_ids"])
        return lesson["held_out_bits"](model, lesson["ids"], first).mean()

    def evaluate():
        bits = judge()
        print(f"held out {bits:.4f} bits per character", flush=True)
        return {"held_out": bits}

    history = lesson["train_readers"](
        dropping,
        readers,
        options.epochs,
        evaluate=evaluate,
        checkpoint=options.checkpoint,
        progress=False,
    )
    return judge(), history


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=512)
    parser.add_argument("--page", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--drop-heard", type=float, default=0.1)
    parser.add_argument("--drop-said", type=float, default=0.5)
    parser.add_argument("--checkpoint")
    options = parser.parse_args()
    lesson = lesson_code("07_text_lstm.ipynb")
    print(runtime.profile(), lesson["vocabulary"], platform.machine())
    print(f"TensorFlow {tf.__version__}, {vars(options)}", flush=True)
    bits = baselines(lesson)
    found, history = train(lesson, options)
    best = f"LSTM, {options.units} units, {history.epochs} epochs"
    bits[best] = found
    rows = [[name, f"{b:.4f}", f"{b * np.log(2):.4f}"] for name, b in bits.items()]
    print(table(["held out", "bits per character", "nats"], rows))
    print(f"{history.seconds:.0f} s of training, {history.steps:,} steps")


if __name__ == "__main__":
    main()
