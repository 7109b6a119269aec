"""One ruler for every model of the course: all its numbers on the same test digits."""

import time

import numpy as np

from helpers import data
from helpers.metrics.classifier import digit_features
from helpers.metrics.neighbours import precision_recall
from helpers.metrics.scores import frechet_distance, label_agreement, sharpness

SHOWN = 10  # pictures that are kept of each kind


def scorecard(
    digits,
    draw,
    rebuild=None,
    *,
    elbo=None,
    log_likelihood=None,
    training_seconds=None,
    weights=None,
):
    """Measure a generative model of digits; return {"numbers": ..., "pictures": ...}.

    digits      a Dataset; its test digits are the yardstick
    draw        draw(n) -> n new digits (n, 28, 28, 1) in [0, 1], or a pair of them and
                the labels (n,) that they were asked for
    rebuild     rebuild(x, labels) -> the model's version of digits x of that shape
    elbo, log_likelihood    means in nats over the test digits, measured by the lesson
    training_seconds, weights    what the model cost, and how large it is

    As many digits are drawn as there are test digits. numbers holds floats under the
    names FD, FD floor (real training digits in place of drawn ones), precision,
    recall, agreement, sharpness, MSE, ELBO, NLL, training seconds, seconds for 1,000,
    weights; what cannot be measured is left out. pictures holds uint8 (10, 28, 28)
    under drawn and, with rebuild, originals and rebuilt, one of each class. Raises
    ValueError for pictures of another shape, number or range.
    """
    x_test, y_test = digits.x_test, digits.y_test
    n = len(x_test)
    draw(n)  # traces graphs, so that the clock below sees the drawing alone
    start = time.perf_counter()
    drawn, asked = _pair(draw(n))
    seconds = (time.perf_counter() - start) / n * 1000
    drawn = _checked(drawn, x_test.shape, f"draw({n})")
    real, new = digit_features(x_test), digit_features(drawn)
    numbers = {
        "FD": frechet_distance(new, real),
        "FD floor": frechet_distance(digit_features(digits.x_train[:n]), real),
        "sharpness": float(np.mean(sharpness(drawn))),
        "seconds for 1,000": seconds,
    }
    numbers["precision"], numbers["recall"] = precision_recall(real, new)
    if asked is not None:
        numbers["agreement"] = label_agreement(drawn, asked)
    pictures = {"drawn": _bytes(drawn[_spread(n)])}
    if rebuild is not None:
        rebuilt = _checked(rebuild(x_test, y_test), x_test.shape, "rebuild(x, labels)")
        numbers["MSE"] = float(np.mean((rebuilt - x_test) ** 2))
        shown = [int(np.argmax(y_test == label)) for label in range(SHOWN)]
        pictures["originals"] = _bytes(x_test[shown])
        pictures["rebuilt"] = _bytes(rebuilt[shown])
    given = {
        "ELBO": elbo,
        "NLL": None if log_likelihood is None else -log_likelihood,
        "training seconds": training_seconds,
        "weights": weights,
    }
    numbers |= {name: float(v) for name, v in given.items() if v is not None}
    return {"numbers": numbers, "pictures": pictures}


def _pair(drawn):
    return drawn if isinstance(drawn, tuple) else (drawn, None)


def _checked(images, shape, what):
    images = np.asarray(images, "float32")
    if images.shape != shape:
        raise ValueError(f"{what} gave shape {images.shape}: expected {shape}.")
    data.check_images(images, what)
    return images


def _spread(n):
    return np.linspace(0, n - 1, SHOWN).astype(int)


def _bytes(images):
    return np.round(images[..., 0] * 255).astype(np.uint8)
