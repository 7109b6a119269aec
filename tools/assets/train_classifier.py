"""Train the digit classifier behind the metrics and return its weights.

Run by tools/assets/build.py. Forty epochs over the bundled training digits,
each shifted by up to two pixels at random; the test digits are only looked at
once, at the end.
"""

import io
import zipfile

import keras
import numpy as np

from helpers import data
from helpers.metrics.classifier import build_classifier

EPOCHS = 40
BATCH_SIZE = 100
SHIFT = 2
MINIMUM_ACCURACY = 0.98


def train(digits):
    """Return a trained model and its accuracy on the test digits."""
    keras.utils.set_random_seed(0)
    model = build_classifier()
    steps = EPOCHS * (len(digits.x_train) // BATCH_SIZE)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    model.compile(
        keras.optimizers.Adam(rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    random = np.random.default_rng(0)
    for _ in range(EPOCHS):
        x = shifted(digits.x_train, random)
        model.fit(x, digits.y_train, batch_size=BATCH_SIZE, verbose=0)
    _, accuracy = model.evaluate(digits.x_test, digits.y_test, verbose=0)
    return model, accuracy


def shifted(images, random):
    """Move each image by up to SHIFT pixels both ways, filling with black."""
    padded = np.pad(images, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)))
    corners = random.integers(0, 2 * SHIFT + 1, (len(images), 2))
    side = images.shape[1]
    return np.stack(
        [
            p[i : i + side, j : j + side]
            for p, (i, j) in zip(padded, corners, strict=True)
        ]
    )


def weights_file(model):
    """Return the weights as the bytes of an .npz, float16, with a fixed date."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for i, weight in enumerate(model.get_weights()):
            entry = io.BytesIO()
            np.save(entry, weight.astype("float16"))
            info = zipfile.ZipInfo(f"weight{i}.npy", (1980, 1, 1, 0, 0, 0))
            archive.writestr(info, entry.getvalue(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def build():
    """Return classifier.npz as bytes; RuntimeError if the classifier is too weak."""
    model, accuracy = train(data.digits("lesson"))
    print(f"digit classifier: {accuracy:.2%} of the test digits are right")
    if accuracy < MINIMUM_ACCURACY:
        raise RuntimeError(f"that is below the {MINIMUM_ACCURACY:.0%} we promise")
    return weights_file(model)
