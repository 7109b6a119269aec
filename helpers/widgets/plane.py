"""What both explorers share: a point z on a plane, and the pictures decoded from it."""

import numpy as np
import tensorflow as tf
import traitlets
from traitlets import Bytes, Int, List, Unicode

from helpers.widgets import coordinates, decoding, export
from helpers.widgets.still import AnsweringWidget

TRIED = 12  # points at which an exported decoder is compared with `decode`
HALF_A_LEVEL = 0.5 / 255  # so that bytes are at most one apart


class Point(List):
    """A list of floats that may be given as any sequence or array of numbers."""

    def validate(self, obj, value):
        return super().validate(obj, np.asarray(value, float).tolist())


class PlaneWidget(AnsweringWidget):
    """A point z on a plane; a subclass says what pictures it stands for.

    The browser asks by message, with an id, and gets one `answer` for each; it waits
    for it before it asks again. Setting `z` or `label` in Python decodes as well.
    """

    z = Point().tag(sync=True)
    label = Int(-1).tag(sync=True)
    axes = List(Int(), [0, 1]).tag(sync=True)
    limits = List().tag(sync=True)  # (latent_dim, 2): low and high
    codes = Bytes().tag(sync=True)  # float32 (n, latent_dim)
    labels = Bytes().tag(sync=True)  # int16 (n,)
    class_names = List(Unicode()).tag(sync=True)
    n_classes = Int(0).tag(sync=True)
    pictures = Bytes().tag(sync=True)  # uint8, of the shape below
    shape = List(Int(), [0, 0, 0, 0]).tag(sync=True)  # n, h, w, c
    notice = Unicode().tag(sync=True)

    def __init__(
        self,
        decode,
        codes=None,
        labels=None,
        class_names=None,
        latent_dim=None,
        limits=None,
        n_classes=None,
        axes=(0, 1),
    ):
        if not callable(decode):
            raise ValueError(f"decode is {decode!r}: give a function of z.")
        if latent_dim is None:
            latent_dim = 2 if codes is None else np.shape(codes)[-1]
        if latent_dim < 2:
            raise ValueError(f"latent_dim is {latent_dim}: a plane needs 2 or more.")
        if n_classes is not None and n_classes < 1:
            raise ValueError(f"n_classes is {n_classes}: give 1 or more, or None.")
        if len(set(axes)) != 2 or not set(axes) <= set(range(latent_dim)):
            raise ValueError(f"axes is {axes}: give two of 0 to {latent_dim - 1}.")
        codes, labels = coordinates.check_codes(codes, labels, latent_dim)
        self._decode = decode
        super().__init__(
            axes=list(axes),
            limits=coordinates.check_limits(limits, codes).tolist(),
            codes=codes.tobytes(),
            labels=labels.tobytes(),
            class_names=coordinates.check_class_names(class_names, labels, n_classes),
            n_classes=n_classes or 0,
        )
        self._listen()

    @property
    def images(self):
        """The pictures decoded last, uint8 (n, h, w, c)."""
        return np.frombuffer(self.pictures, np.uint8).reshape(self.shape)

    def __repr__(self):
        numbers = ", ".join(f"{value:.2f}" for value in self.z)
        named = f", class {self.class_names[self.label]}" if self.label >= 0 else ""
        return f"{type(self).__name__}: z = ({numbers}){named}"

    def _decode_here(self):
        """Return uint8 (n, h, w, c) for z and label; each explorer has its own."""
        raise NotImplementedError

    @traitlets.validate("z")
    def _check_z(self, proposal):
        return decoding.check_z(proposal["value"], len(self.limits))

    @traitlets.validate("label")
    def _check_label(self, proposal):
        label = proposal["value"]
        if label not in (range(self.n_classes) if self.n_classes else (-1,)):
            raise ValueError(f"label {label}: there are {self.n_classes} classes.")
        return label

    @traitlets.observe("z", "label")
    def _moved(self, change):
        if not self._quiet:
            self._answer({"kind": "decode", "id": ""}, self._show_here)

    def _obey(self, message, buffers):
        self._quietly(z=message["z"], label=message["label"])
        self._show_here()

    def _about(self):
        return {"z": self.z, "label": self.label}

    def _decoder(self):
        """Return the arguments of `export.trace` for `decode`."""

        def decode(*arguments):
            images = tf.convert_to_tensor(self._decode(*arguments))
            if not images.dtype.is_floating:
                raise export.CannotExport("its pictures are not floats")
            return images

        low, high = np.transpose(self.limits)
        random = np.random.default_rng(0)
        z = [self.z, *random.uniform(low, high, (TRIED - 1, len(low)))]
        inputs, samples = [((1, len(low)), "float32")], [[[one]] for one in z]
        if self.n_classes:
            inputs.append(((1,), "int32"))
            samples = [[*one, [i % self.n_classes]] for i, one in enumerate(samples)]
        return decode, inputs, samples, HALF_A_LEVEL

    def _show_here(self):
        self._show(self._decode_here())

    def _show(self, pixels):
        self.pictures, self.shape = pixels.tobytes(), list(pixels.shape)

    def _run_decoder(self, z, labels):
        """Return uint8 pictures (n, h, w, c) of z (n, latent_dim), labels (n,)."""
        z = np.asarray(z, np.float32)
        classes = (np.asarray(labels, np.int32),) if self.n_classes else ()
        pixels, notice = decoding.to_pixels(self._decode(z, *classes), len(z))
        if notice and not self.notice:  # said once
            self.notice = notice
        return pixels
