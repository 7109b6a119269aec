"""LatentExplorer: drag a point over the latent plane and see the picture follow."""

import numpy as np
from traitlets import Bytes, Dict, List, Unicode

from helpers.widgets import contact_sheet, coordinates, front_end
from helpers.widgets.plane import PlaneWidget

ATLAS_BYTES = 1_200_000  # of the tiles sent to the browser for one class
FEWEST_TILES, SHEET_TILES = 5, 11  # a side


class LatentExplorer(PlaneWidget):
    """Drag a point over the latent plane and see what the decoder makes of it.

    `decode` maps z float32 (n, latent_dim), and with `n_classes` also labels int32
    (n,), to images (n, h, w[, 1 or 3]), floats in [0, 1] or uint8, as an array or a
    tensor. `codes` (n, latent_dim) are drawn on the plane, coloured by `labels` (n,)
    and named by `class_names`. `limits` is (low, high), or one such pair for each
    dimension; by default the codes' range. `axes` are the two dimensions shown;
    `tiles` is how many pictures a side the browser keeps to answer at once with.
    `captions` name the parts of a picture that is several side by side.

    Set `z` or `label` to move it; read `images`. Raises ValueError for arguments
    that do not fit together, and whatever `decode` raises at the start.
    """

    _esm = front_end.bundle("latent_explorer.js")

    captions = List(Unicode()).tag(sync=True)
    atlas = Bytes().tag(sync=True)  # uint8 (side * side, h, w, c)
    atlas_of = Dict().tag(sync=True)  # z, label, axes, side, shape of the tiles above

    def __init__(
        self,
        decode,
        codes=None,
        labels=None,
        *,
        z=None,
        label=0,
        tiles=21,
        captions=(),
        **plane,
    ):
        if tiles < 2:
            raise ValueError(f"tiles is {tiles}: an atlas needs 2 a side or more.")
        super().__init__(decode, codes, labels, **plane)
        self.captions, self._tiles = list(captions), tiles
        start = np.clip(0, *np.transpose(self.limits)) if z is None else z
        self._quietly(z=start, label=label if self.n_classes else -1)
        self._show_here()
        self._make_atlas()

    def _decode_here(self):
        return self._run_decoder([self.z], [self.label])

    def _obey(self, message, buffers):
        if message["kind"] != "atlas":
            return super()._obey(message, buffers)
        self._quietly(**{name: message[name] for name in ("z", "label", "axes")})
        self._make_atlas()
        return False  # the picture is as it was

    def _make_atlas(self):
        """Decode tiles all over the plane, for the browser to answer with at once."""
        height, width, channels = self.shape[1:]
        coarse = -(-max(height, width) // 64)  # every so many pixels
        tile = -(-height // coarse) * -(-width // coarse) * channels
        side = int(np.clip((ATLAS_BYTES / tile) ** 0.5, FEWEST_TILES, self._tiles))
        pixels = self._tiles_of_plane(side)[:, ::coarse, ::coarse]
        self.atlas = pixels.tobytes()
        self.atlas_of = {
            "z": self.z,
            "label": self.label,
            "axes": self.axes,
            "side": side,
            "shape": list(pixels.shape),
        }

    def _tiles_of_plane(self, side):
        z = coordinates.grid(self.limits, self.axes, self.z, side)
        return self._run_decoder(z, np.full(len(z), self.label))

    def _sheet(self):
        """A still of the tiles that are there: no decode, so it cannot fail."""
        made, shape = self.atlas_of, self.atlas_of["shape"]
        side, axes = made["side"], made["axes"]
        some = np.unique(np.linspace(0, side - 1, SHEET_TILES).round().astype(int))
        x, y = (np.linspace(*self.limits[axis], side)[some] for axis in axes)
        tiles = np.frombuffer(self.atlas, np.uint8).reshape(side, side, *shape[1:])
        codes = np.frombuffer(self.codes, np.float32).reshape(-1, len(self.limits))
        named = f" as class {self.class_names[self.label]}" if self.n_classes else ""
        return contact_sheet.latent(
            tiles[np.ix_(some, some)].reshape(-1, *shape[1:]),
            (x, y),
            axes,
            codes[:, axes],
            np.frombuffer(self.labels, np.int16),
            self.class_names,
            [f"{name}{named}" for name in self.captions or ["Decoded"]],
        )
