"""Features of pictures: what pretrained convolutional networks make of pixels.

One function, `extractor`, builds a frozen network; it takes pictures as the rest of
the course has them, RGB in [0, 1], and does the network's own preprocessing itself.
"""

import keras
import numpy as np
from keras import layers, ops

from helpers import data

# Means of ImageNet's blue, green and red, as each network was trained with.
VGG_MEANS = {
    "vgg16": (104.00699, 116.66877, 122.67892),
    "vgg19": (103.939, 116.779, 123.68),
}
NETWORKS = (*VGG_MEANS, "inception_v3")


def extractor(network, names, pooling="average"):
    """Return a frozen model: pictures (n, h, w, 3) in [0, 1] -> {name: features}.

    network     "vgg16" (bundled, up to block4_conv1), or with ImageNet weights from
                COURSE_DATA or Keras's download: "vgg19", "inception_v3"
    names       layers, such as "block1_conv1" or "mixed3"; features are (n, h', w', c)
    pooling     "average" or "max" between the blocks of a VGG; averages let the
                gradient reach every pixel (Gatys et al. 2016, sec. 2)

    Raises ValueError for an unknown network, layer or pooling, and what
    `data.weights` raises for weights that are missing or altered.
    """
    if pooling not in ("average", "max"):
        raise ValueError(f"pooling is {pooling!r}: choose 'average' or 'max'.")
    names = [names] if isinstance(names, str) else list(names)
    if network in VGG_MEANS:
        outputs, image = _vgg(network, names, pooling)
    elif network == "inception_v3":
        outputs, image = _inception(names)
    else:
        raise ValueError(f"no network {network!r}; there are {', '.join(NETWORKS)}")
    model = keras.Model(image, {name: outputs[name] for name in names}, name=network)
    model.trainable = False
    return model


def to_vgg(images, network="vgg16"):
    """RGB in [0, 1] -> blue, green, red in 0..255 minus their means (n, h, w, 3)."""
    means = np.array(VGG_MEANS[network], "float32")
    return ops.flip(images, axis=-1) * 255.0 - means


def to_inception(images):
    """RGB in [0, 1] -> RGB in [-1, 1] (n, h, w, 3)."""
    return 2.0 * images - 1.0


def _vgg(network, names, pooling):
    """Stack 3x3 convolutions as far as the deepest name (Simonyan & Zisserman 2015)."""
    weights = _vgg_weights(network)
    _require_layers(names, weights, network)
    deepest = max(names, key=list(weights).index)
    pool = layers.AveragePooling2D if pooling == "average" else layers.MaxPooling2D
    image = keras.Input((None, None, 3))
    x, outputs = to_vgg(image, network), {}
    for name, (kernel, bias) in weights.items():
        if name.endswith("conv1") and name != "block1_conv1":
            x = pool(2)(x)
        convolution = layers.Conv2D(
            len(bias), 3, padding="same", activation="relu", name=name
        )
        x = outputs[name] = convolution(x)
        convolution.set_weights([kernel, bias])
        if name == deepest:
            return outputs, image


def _vgg_weights(network):
    """Return {layer: (kernel, bias)} of the convolutions, in their order."""
    if network == "vgg16":
        arrays = data.vgg16_weights()
        names = [name.removesuffix("_kernel") for name in arrays if "kernel" in name]
        return {
            name: (arrays[f"{name}_kernel"], arrays[f"{name}_bias"]) for name in names
        }
    model = keras.applications.VGG19(
        include_top=False, weights=str(data.weights(data.WEIGHTS[0]))
    )
    return {layer.name: layer.get_weights() for layer in model.layers if layer.weights}


def _inception(names):
    """Szegedy et al. 2016, as in Keras: the layers to look at are mixed0 to mixed10."""
    image = keras.Input((None, None, 3))
    model = keras.applications.InceptionV3(
        include_top=False,
        weights=str(data.weights(data.WEIGHTS[1])),
        input_tensor=to_inception(image),
    )
    outputs = {layer.name: layer.output for layer in model.layers}
    _require_layers(
        names, [n for n in outputs if n.startswith("mixed")], "inception_v3"
    )
    return outputs, image


def _require_layers(names, known, network):
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise ValueError(
            f"{network} has no layers {unknown}; there are {', '.join(known)}"
        )


def unlike(maps, count):
    """Return `count` of feature maps (n, h, w) that show different things.

    The strongest on average first, then each time the one whose largest correlation
    with those taken is smallest. Raises ValueError for fewer maps than that.
    """
    if len(maps) < count:
        raise ValueError(f"{len(maps)} maps: {count} are asked for.")
    likeness = np.corrcoef(maps.reshape(len(maps), -1))
    taken = [maps.mean(axis=(1, 2)).argmax()]
    while len(taken) < count:
        taken.append(likeness[taken].max(axis=0).argmin())
    return maps[taken]
