"""A model that needs no training: blobs and strokes drawn by formula from z."""

import numpy as np

SIDE = 28
Y, X = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j].astype(np.float32)


def decode(z, y=None):
    """Return pictures (n, 28, 28) in [0, 1]: a polygon of y + 2 corners, bent by z."""
    z = np.asarray(z, np.float32)
    y = np.zeros(len(z), int) if y is None else np.asarray(y)
    shift_x, shift_y = (0.22 * np.tanh(z[:, i, None, None]) for i in (0, 1))
    slant = 0.35 * z[:, 0, None, None]
    x_bent = X - shift_x + slant * Y * 0.6
    y_bent = Y + shift_y
    angle = np.arctan2(y_bent, x_bent)
    wave = 0.16 * np.cos((y[:, None, None] + 2) * angle)
    radius = np.hypot(x_bent, y_bent) - wave
    width = 0.09 + 0.03 * np.tanh(z[:, 1, None, None])
    return np.exp(-(((radius - 0.45) / width) ** 2)).astype(np.float32)


def decode_colour(z):
    """Return pictures (n, 32, 32, 3), some values of which lie outside [0, 1]."""
    grey = np.pad(decode(z), [(0, 0), (2, 2), (2, 2)])
    tint = 0.6 + 0.5 * np.stack([z[:, 0], z[:, 1], -z[:, 0]], -1)[:, None, None]
    return grey[..., None] * tint


def encode(x):
    """Return z_mean and z_log_var, each (1, 2), from the ink's slant and spread."""
    ink = np.asarray(x, np.float32)[:, ..., 0]
    mass = ink.sum(axis=(1, 2)) + 1e-6
    slant = (ink * X * Y).sum(axis=(1, 2)) / mass
    spread = (ink * Y**2).sum(axis=(1, 2)) / mass
    z_mean = np.stack([-12 * slant, 12 * spread - 2], axis=1)
    return z_mean, np.full_like(z_mean, -2.5)


def codes(n=1500, classes=10, seed=0):
    """Return codes (n, 2) in overlapping clouds, one a class, and labels (n,)."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, n)
    centres = 1.6 * np.stack([np.cos(labels * 0.7), np.sin(labels * 0.9 + 1)], axis=1)
    return centres + 0.45 * random.standard_normal((n, 2)), labels


TOKENS = "\n ,.abcdefghijklmnopqrstuvwxyz"


def next_logits(text):
    """Return logits (tokens,) of what follows: noise that the text's end decides."""
    strangers = sorted(set(text) - set(TOKENS))
    if strangers:
        raise ValueError(f"The text has {strangers[0]!r}, which is not in the book.")
    ends = [TOKENS.index(character) for character in text[-3:]]
    return 1.7 * np.random.default_rng(ends).normal(size=len(TOKENS))
