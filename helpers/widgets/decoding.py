"""What an explorer asks of a model: its pictures as bytes, its errors as words."""

import numpy as np

from helpers import plotting


def to_pixels(images, n):
    """Return what a decoder gave as uint8 (n, h, w, c), and a notice or "".

    `images` (n, h, w[, 1 or 3]), an array or a tensor, floats in [0, 1] or uint8.
    Values outside are clipped, and the notice says so. Raises ValueError for
    another shape, NaN or infinity.
    """
    images = np.asarray(images)
    shape = images.shape
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or len(images) != n or images.shape[-1] not in (1, 3):
        raise ValueError(
            f"decode returned shape {shape} for {n} codes: expected ({n}, h, w) or "
            f"({n}, h, w, 1 or 3)."
        )
    if images.dtype == np.uint8:
        return np.ascontiguousarray(images), ""
    images = images.astype(np.float32)
    if not np.isfinite(images).all():
        raise ValueError("decode returned NaN or infinity.")
    low, high = float(images.min()), float(images.max())
    notice = ""
    if low < 0 or high > 1:
        notice = f"decode gives values from {low:.2g} to {high:.2g}: clipped to [0, 1]."
    return plotting.to_bytes(images), notice


def check_z(z, latent_dim):
    """Return z as a list of floats. Raises ValueError if it is no such point."""
    z = np.asarray(z, float)
    if z.shape != (latent_dim,) or not np.isfinite(z).all():
        raise ValueError(f"z = {z.tolist()}: give {latent_dim} finite numbers.")
    return z.tolist()


def in_words(error):
    """Return an exception as one line for the explorer, at most 300 characters."""
    lines = str(error).strip().splitlines()
    text = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    return text if len(text) <= 300 else text[:299] + "…"
