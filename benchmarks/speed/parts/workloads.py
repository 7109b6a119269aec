"""The steps that are timed: eight models of the course, each with its data.

A workload is built anew for every contender, from the same seed. `plain` is the step
as the TensorFlow tutorials write it, `ours` as the lesson does; both do the same
mathematics on the same networks.
"""

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from helpers import data, losses, training
from tools.notebooks.lesson_code import NOTEBOOKS, lesson_code

CODE_DIM, PAGE = 32, 32


@dataclass(frozen=True)
class Built:
    """One contender's networks and its steps: step(*batch) -> {name: scalar}."""

    parts: list  # Keras layers and models
    names: tuple  # of the losses, the one to be shown first
    plain: Callable
    ours: Callable


@dataclass(frozen=True)
class Workload:
    """A model, its batches, and by how much ours is to be faster than each rival."""

    name: str
    batch_size: int
    arrays: Callable  # () -> arrays of whole batches, (n, ...) each
    build: Callable  # () -> Built
    xla: object = "auto"
    bars: dict = field(default_factory=dict)
    in_loops: int = 0  # operations of a step that its graph has in a loop


@cache
def lesson(number):
    """Return the names that the model cells of a lesson define."""
    (path,) = NOTEBOOKS.glob(f"{number:02}_*.ipynb")
    with contextlib.redirect_stdout(io.StringIO()):
        return lesson_code(path.name)


@cache
def digits():
    return data.digits("lesson")


def pictures(batches, batch_size, *shape):
    return digits().x_train[: batches * batch_size].reshape(-1, *shape)


def labelled(batches, batch_size):
    count = batches * batch_size
    return digits().x_train[:count], data.one_hot(digits().y_train[:count], 10)


def one_loss(loss, parts, variables=None, names=("loss",), **adam):
    """Built from a loss(*batch) -> {"loss": scalar, ...} that Adam brings down."""
    variables = variables or [v for part in parts for v in part.trainable_variables]
    optimizer = keras.optimizers.Adam(**adam)
    ours = training.gradient_step(loss, variables, optimizer)

    def plain(*batch):
        with tf.GradientTape() as tape:
            values = loss(*batch)
        gradients = tape.gradient(values["loss"], variables)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return values

    return Built(parts, names, plain, ours)


def vae_loss(encoder, decoder, rng):
    """Minus the evidence lower bound of pictures x, in nats a picture."""

    def loss(x):
        z_mean, z_log_var = ops.split(encoder(x), 2, axis=-1)
        eps = rng.normal(ops.shape(z_mean))
        x_logits = decoder(z_mean + ops.exp(0.5 * z_log_var) * eps)
        kl = losses.kl_to_standard_normal(z_mean, z_log_var)
        return {"loss": ops.mean(kl - losses.log_bernoulli(x, x_logits))}

    return loss


def dense(inputs, widths, outputs):
    hidden = [layers.Dense(width, "relu") for width in widths]
    return keras.Sequential([layers.Input((inputs,)), *hidden, layers.Dense(outputs)])


def dense_vae(code_dim=CODE_DIM):
    keras.utils.set_random_seed(0)
    encoder = dense(784, (512, 256), 2 * code_dim)
    decoder = dense(code_dim, (256, 512), 784)
    rng = tf.random.Generator.from_seed(0)
    return one_loss(vae_loss(encoder, decoder, rng), [encoder, decoder])


def convolutional_networks(side=28, channels=1, filters=(16, 32), code_dim=CODE_DIM):
    """Encoder (n, side, side, channels) -> (n, 2 * code_dim), and decoder to logits."""
    options = {"kernel_size": 3, "strides": 2, "padding": "same"}
    end = side // 2 ** len(filters)
    encoder = [layers.Conv2D(f, activation="relu", **options) for f in filters]
    encoder += [layers.Flatten(), layers.Dense(2 * code_dim)]
    decoder = [
        layers.Dense(end * end * filters[-1], "relu"),
        layers.Reshape((end, end, filters[-1])),
    ]
    for f in reversed(filters[:-1]):
        decoder.append(layers.Conv2DTranspose(f, activation="relu", **options))
    decoder.append(layers.Conv2DTranspose(channels, **options))
    return (
        keras.Sequential([layers.Input((side, side, channels)), *encoder]),
        keras.Sequential([layers.Input((code_dim,)), *decoder]),
    )


def convolutional_vae(**sizes):
    keras.utils.set_random_seed(0)
    networks = convolutional_networks(**sizes)
    rng = tf.random.Generator.from_seed(0)
    return one_loss(vae_loss(*networks, rng), list(networks))


def iaf(flow_steps=2):
    """Lesson 3's VAE with a flow, on pixels that are tossed anew at every step."""
    names = lesson(3)
    vae, rng = names["make_vae"](flow_steps, 0), tf.random.Generator.from_seed(0)

    def loss(x):
        eps = rng.normal((x.shape[0], names["LATENT_DIM"]))
        terms = names["elbo_terms"](vae, names["binarise"](x, rng), eps)
        log_px_z, log_pz, log_qz_x = (ops.mean(term) for term in terms)
        return {"loss": log_qz_x - log_pz - log_px_z}

    return one_loss(loss, [vae])


def dcgan():
    names = lesson(5)
    keras.utils.set_random_seed(0)
    gan = names["GAN"](names["make_generator"](), names["make_discriminator"]())
    parts = [gan.generator, gan.discriminator, gan.average]
    step = names["gan_step"](gan)
    return Built(parts, ("d_loss", "g_loss", "d_accuracy"), step, step)


def vae_gan():
    names = lesson(6)
    networks = names["Networks"](seed=0)
    parts = [networks.encoder, networks.decoder, networks.discriminator]
    step = names["three_player_step"](networks, 10_000)
    terms = ("d_loss", "kl", "feature_loss", "feature_size", "pixel_loss", "fool_loss")
    return Built(parts, (*terms, "real", "false"), step, step)


def lstm():
    """Lesson 7's LSTM on pages of text, each read with an empty memory."""
    names = lesson(7)
    model = names["LanguageModel"](len(names["vocabulary"].tokens), seed=0)

    def loss(x):
        logits, _ = model(x[:, :-1], model.start(x.shape[0]))
        return {"loss": ops.mean(names["surprise"](logits, x[:, 1:]))}

    parts = [model.embed, model.recurrent, model.to_logits]
    return one_loss(loss, parts, beta_2=0.99, global_clipnorm=1.0)


def lstm_operations(pages=64, length=PAGE, units=256, embedding=32):
    """Of the recurrent layer: four gates, forwards and twice backwards."""
    return 3 * 2 * pages * length * 4 * units * (units + embedding)


def pages(batches=12, batch_size=64):
    ids = lesson(7)["train_ids"]
    return ids[: batches * batch_size * (PAGE + 1)].reshape(-1, PAGE + 1)


def style_start():
    """Return a photo (1, h, w, 3), and the painting whose style it is to take."""
    names = lesson(8)
    photo = names["resized"]([names["photo"]], 1, names["SMALL"])
    return photo, names["styles"]["brush"][None]


def style():
    """Lesson 8's picture that learns; a batch is the number of the step."""
    names = lesson(8)
    photo, painting = style_start()
    grams = names["grams_of"](painting, 1, names["SMALL"])
    goal = names["transfer_loss"](photo, grams, names["WEIGHTS"])
    picture = keras.layers.Layer()
    picture.pixels = picture.add_weight(shape=photo.shape)
    picture.pixels.assign(photo)

    def loss(_):
        return goal(picture.pixels.value)

    return one_loss(loss, [picture], learning_rate=names["RATE"], beta_2=0.99)


def latent_flow():
    """Lesson 9's flow on codes, with labels."""
    names = lesson(9)
    keras.utils.set_random_seed(0)
    network = names["velocity_network"](CODE_DIM, 10, names["dense_body"]())
    rng = tf.random.Generator.from_seed(0)
    return one_loss(names["flow_matching_loss"](network, rng), [network])


def codes(batches=60, batch_size=128):
    z = np.random.default_rng(0).normal(size=(batches * batch_size, CODE_DIM))
    return z.astype("float32"), labelled(batches, batch_size)[1]


def over(fit, tutorial):
    return {"fit": fit, "tutorial loop": tutorial, "PyTorch": 1.0}


PYTORCH = {"PyTorch": 1.0}
WORKLOADS = [
    Workload(
        "dense VAE",
        128,
        lambda: (pictures(66, 128, 784),),
        dense_vae,
        bars=over(2.2, 2.2),
    ),
    Workload(
        "convolutional VAE",
        128,
        lambda: (pictures(66, 128, 28, 28, 1),),
        convolutional_vae,
        bars=over(1.8, 1.8),
    ),
    Workload("IAF", 128, lambda: (pictures(66, 128, 784),), iaf, bars=PYTORCH),
    Workload(
        "DCGAN",
        32,
        lambda: (2 * pictures(40, 32, 28, 28, 1) - 1,),
        dcgan,
        bars={"tutorial loop": 1.5, **PYTORCH},
    ),
    Workload(
        "VAE-GAN",
        32,
        lambda: labelled(40, 32),
        vae_gan,
        bars={"tutorial loop": 1.5, **PYTORCH},
    ),
    Workload(
        "LSTM",
        64,
        lambda: (pages(),),
        lstm,
        bars=PYTORCH,
        in_loops=lstm_operations(),
    ),
    Workload("style step", 1, lambda: (np.arange(3),), style, bars=PYTORCH),
    Workload("latent flow", 128, codes, latent_flow, xla=True, bars=PYTORCH),
]
