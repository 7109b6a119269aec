"""The digit classifier behind the metrics: the only model that helpers holds.

It was trained on the bundled training digits by tools/assets/train_classifier.py and is
bundled too, so that its distances mean the same on every machine.
"""

import functools

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from helpers import data

WEIGHTS = "classifier.npz"
FEATURES = 64


def build_classifier():
    """Return an untrained model: digits (n, 28, 28, 1) in [0, 1] -> logits (n, 10).

    The layer before the logits, named "features", has 64 units.
    """
    return keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(24, 5, strides=2, padding="same", activation="relu"),
            layers.Conv2D(48, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(64, 3, strides=2, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(FEATURES, activation="relu", name="features"),
            layers.Dense(10, name="logits"),
        ],
        name="digit_classifier",
    )


@functools.cache
def _networks():
    """The trained parts: images -> features, and features -> logits."""
    model = build_classifier()
    with np.load(data.asset(WEIGHTS), allow_pickle=False) as file:
        model.set_weights([file[f"weight{i}"] for i in range(len(model.weights))])
    features = keras.Model(model.inputs, model.get_layer("features").output)
    return features, model.get_layer("logits")


def digit_features(images):
    """Return what the classifier sees: images (n, 28, 28, 1) in [0, 1] -> (n, 64).

    Raises ValueError for another shape, integers, NaN, or values outside [0, 1].
    """
    network, _ = _networks()
    if tf.is_symbolic_tensor(images):  # in a graph, where no value can be checked
        return network(images)
    images = _checked(images)
    return network.predict(images, batch_size=500, verbose=0)


def digit_probabilities(images):
    """Return p(label | image): images as for digit_features -> (n, 10)."""
    _, logits = _networks()
    p = keras.ops.softmax(logits(digit_features(images)), axis=-1)
    return p if tf.is_symbolic_tensor(p) else keras.ops.convert_to_numpy(p)


def _checked(images):
    images = np.asarray(images)
    data.check_images(images, "images")
    if images.shape[1:] != (28, 28, 1):
        raise ValueError(f"images has shape {images.shape}, expected (n, 28, 28, 1).")
    return images
