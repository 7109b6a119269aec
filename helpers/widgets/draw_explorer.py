"""DrawExplorer: draw a digit, see its posterior, and what decodes from it."""

import numpy as np
import traitlets
from traitlets import Bool, Bytes, Float, List

from helpers import plotting
from helpers.widgets import contact_sheet, drawing, front_end
from helpers.widgets.plane import PlaneWidget

SIDE = drawing.SIDE
ENCODER_TOLERANCE = 1e-3  # of z_mean and z_log_var: what no picture shows
CLASSIFIER_TOLERANCE = 1e-2  # of a probability


class DrawExplorer(PlaneWidget):
    """Draw a digit, see its posterior on the plane, and what is decoded from it.

    `encode` maps x float32 (1, 28, 28, 1) in [0, 1], centred and scaled as MNIST is,
    to (z_mean, z_log_var), each (1, latent_dim); with `encode_label` it also takes the
    label int32 (1,) of what is drawn, which the learner picks or `classify`, mapping
    x to scores (1, n_classes), guesses. `decode` is as for LatentExplorer; with
    `n_classes` the drawing is shown as every class. `example` (h, w) is the drawing
    to begin with; the other arguments are those of LatentExplorer.

    Set `drawing` (bytes of uint8 (196, 196), ink 255), `label` or `z`; read `images`.
    Raises ValueError for arguments that do not fit together, and whatever `encode`
    and `decode` raise at the start.
    """

    kind = "draw_explorer"
    about = "A digit that you draw, its posterior, and what is decoded from that"
    _esm = front_end.bundle(f"{kind}.js")

    drawing = Bytes().tag(sync=True)
    digit = Bytes().tag(sync=True)  # uint8 (28, 28): what the encoder sees
    z_mean = List(Float()).tag(sync=True)
    z_std = List(Float()).tag(sync=True)
    encode_label = Bool(False).tag(sync=True)

    def __init__(
        self,
        encode,
        decode,
        codes=None,
        labels=None,
        *,
        encode_label=False,
        classify=None,
        example=None,
        **plane,
    ):
        if not callable(encode):
            raise ValueError(f"encode is {encode!r}: give a function of x.")
        if encode_label and plane.get("n_classes") is None:
            raise ValueError("encode_label needs n_classes: how many labels are there?")
        super().__init__(decode, codes, labels, **plane)
        self._encode, self._classify = encode, classify
        self.encode_label = encode_label
        self._quietly(z=np.zeros(len(self.limits)), label=0 if self.n_classes else -1)
        self._quietly(drawing=drawing.to_drawing(example))
        self._show_drawing()
        self._export(decode=self._decoder(), **self._encoders())

    @traitlets.validate("drawing")
    def _check_drawing(self, proposal):
        if len(proposal["value"]) != SIDE**2:
            raise ValueError(
                f"drawing has {len(proposal['value'])} bytes: give those of a uint8 "
                f"array ({SIDE}, {SIDE}), or drawing.to_drawing(image)."
            )
        return proposal["value"]

    @traitlets.observe("drawing")
    def _drawn(self, change):
        if not self._quiet:
            self._answer({"kind": "drawing", "id": ""}, self._show_drawing)

    @traitlets.observe("z", "label")
    def _moved(self, change):
        if change["name"] == "label" and self.encode_label and not self._quiet:
            self._answer({"kind": "drawing", "id": ""}, self._show_drawing)
        else:
            super()._moved(change)

    def _obey(self, message, buffers):
        if message["kind"] != "drawing":
            super()._obey(message, buffers)
            return
        self._quietly(drawing=bytes(buffers[0]))
        self._show_drawing(message["label"])

    def _encoders(self):
        """Return the arguments of `export.trace` for `encode` and `classify`."""
        seven = np.frombuffer(drawing.to_drawing(), np.uint8).reshape(SIDE, SIDE)
        x = drawing.centred(seven)[None, ..., None]
        turned = [x, x[:, ::-1], x[:, :, ::-1], x.swapaxes(1, 2)]
        samples, inputs = [[one] for one in turned], [((1, 28, 28, 1), "float32")]
        parts = {}
        if self.encode_label and self._classify is not None:
            parts["classify"] = self._classify, inputs, samples, CLASSIFIER_TOLERANCE
        if self.encode_label:
            inputs = [*inputs, ((1,), "int32")]
            n = self.n_classes
            samples = [[*one, [i % n]] for i, one in enumerate(samples)]
        parts["encode"] = self._encode, inputs, samples, ENCODER_TOLERANCE
        return parts

    def _show_drawing(self, label=None):
        self._show(self._encode_and_decode(label))

    def _encode_and_decode(self, label=None):
        """Encode what is drawn and decode its mean; `label` None asks `classify`."""
        raster = np.frombuffer(self.drawing, np.uint8).reshape(SIDE, SIDE)
        if not raster.any():
            self.digit, self.z_mean, self.z_std = b"", [], []
            return np.zeros((0, 28, 28, 1), np.uint8)
        x = drawing.centred(raster)[None, ..., None]
        if label is None:
            label = self._guess(x)
        z_mean, z_log_var = self._posterior(x, label)
        self._quietly(z=z_mean, label=label)
        pixels = self._decode_here()
        self.digit = plotting.to_bytes(x).tobytes()
        self.z_mean = z_mean.tolist()
        self.z_std = np.exp(z_log_var / 2).tolist()
        return pixels

    def _guess(self, x):
        if self._classify is None or not self.encode_label:
            return self.label
        return int(np.argmax(np.asarray(self._classify(x))))

    def _posterior(self, x, label):
        """Return z_mean and z_log_var, each (latent_dim,)."""
        labels = (np.array([label], np.int32),) if self.encode_label else ()
        parts = self._encode(x, *labels)
        if not isinstance(parts, (tuple, list)) or len(parts) < 2:
            raise ValueError("encode must return (z_mean, z_log_var).")
        z_mean, z_log_var = (np.asarray(part, float) for part in parts[:2])
        expected = (1, len(self.limits))
        if z_mean.shape != expected or z_log_var.shape != expected:
            raise ValueError(
                f"encode returned shapes {z_mean.shape} and {z_log_var.shape}: "
                f"expected {expected} for z_mean and for z_log_var."
            )
        if not np.isfinite([z_mean, z_log_var]).all():
            raise ValueError("encode returned NaN or infinity.")
        return z_mean[0], z_log_var[0]

    def _decode_here(self):
        n = self.n_classes or 1
        return self._run_decoder(np.tile(self.z, (n, 1)), np.arange(n))

    def _sheet(self):
        digit = np.frombuffer(self.digit, np.uint8).reshape(-1, 28, 28)
        return contact_sheet.drawn(digit, self.images, self.class_names)
