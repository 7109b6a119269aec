"""LatentExplorer: drag a point over the latent plane and see the picture follow."""

import numpy as np
from traitlets import Bytes, Dict, List, Unicode

from helpers.widgets import contact_sheet, coordinates, front_end
from helpers.widgets.plane import PlaneWidget

SIDE = 11  # tiles along an axis of the plane
LONGEST = 64  # pixels along a side of a tile


class LatentExplorer(PlaneWidget):
    """Drag a point over the latent plane and see what the decoder makes of it.

    `decode` maps z float32 (n, latent_dim), and with `n_classes` also labels int32
    (n,), to images (n, h, w[, 1 or 3]), floats in [0, 1] or uint8, as an array or a
    tensor. `codes` (n, latent_dim) are drawn on the plane, coloured by `labels` (n,)
    and named by `class_names`. `limits` is (low, high), or one such pair for each
    dimension; by default the codes' range. `axes` are the two dimensions shown;
    `captions` name the parts of a picture that is several side by side.

    A `decode` of tensors alone (`keras.ops`, no NumPy inside) is run by the page
    itself, which then answers at once; any other is asked for in the kernel.

    Set `z` or `label` to move it; read `images`. Raises ValueError for arguments
    that do not fit together, and whatever `decode` raises at the start.
    """

    kind = "latent_explorer"
    about = "A latent plane to move a point over, and the picture decoded at that point"
    _esm = front_end.bundle(f"{kind}.js")

    captions = List(Unicode()).tag(sync=True)
    tiles = Bytes().tag(sync=True)  # uint8 (SIDE * SIDE, h, w, c)
    tiles_of = Dict().tag(sync=True)  # z, label, axes and shape of the tiles above

    def __init__(
        self,
        decode,
        codes=None,
        labels=None,
        *,
        z=None,
        label=0,
        captions=(),
        **plane,
    ):
        super().__init__(decode, codes, labels, **plane)
        self.captions = list(captions)
        start = np.clip(0, *np.transpose(self.limits)) if z is None else z
        self._quietly(z=start, label=label if self.n_classes else -1)
        self._show_here()
        self._make_tiles()
        self._export(decode=self._decoder())

    def _decode_here(self):
        return self._run_decoder([self.z], [self.label])

    def _obey(self, message, buffers):
        if message["kind"] != "tiles":
            return super()._obey(message, buffers)
        self._quietly(**{name: message[name] for name in ("z", "label", "axes")})
        self._make_tiles()
        return False  # the picture is as it was

    def _make_tiles(self):
        """Decode tiles all over the plane, thinned where they are large."""
        z = coordinates.grid(self.limits, self.axes, self.z, SIDE)
        pixels = self._run_decoder(z, np.full(len(z), self.label))
        coarse = -(-max(self.shape[1:3]) // LONGEST)  # every so many pixels
        pixels = pixels[:, ::coarse, ::coarse]
        self.tiles = pixels.tobytes()
        self.tiles_of = {
            "z": self.z,
            "label": self.label,
            "axes": self.axes,
            "shape": list(pixels.shape),
        }

    def _sheet(self):
        """A still of the tiles that are there: no decode, so it cannot fail."""
        axes, shape = self.tiles_of["axes"], self.tiles_of["shape"]
        codes = np.frombuffer(self.codes, np.float32).reshape(-1, len(self.limits))
        named = f" as class {self.class_names[self.label]}" if self.n_classes else ""
        return contact_sheet.latent(
            np.frombuffer(self.tiles, np.uint8).reshape(shape),
            [np.linspace(*self.limits[axis], SIDE) for axis in axes],
            axes,
            codes[:, axes],
            np.frombuffer(self.labels, np.int16),
            self.class_names,
            [f"{name}{named}" for name in self.captions or ["Decoded"]],
        )
