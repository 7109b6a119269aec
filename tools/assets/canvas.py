"""Coordinates, noise, colours and light: what the painters paint with."""

import numpy as np

HEIGHT, WIDTH = 384, 512


def grid(height=HEIGHT, width=WIDTH):
    """Return the coordinates x, y of every pixel centre."""
    y, x = np.mgrid[:height, :width]
    return (x + 0.5) / height, (y + 0.5) / height


def noise(x, y, frequency, random, octaves=1):
    """Return smooth noise of mean 0 at the points x, y: value noise, summed octaves."""
    total = np.zeros(np.broadcast(x, y).shape)
    for octave in range(octaves):
        lattice = random.uniform(-1, 1, (64, 64))
        u, v = x * frequency * 2**octave, y * frequency * 2**octave
        i, j = np.floor(u).astype(int), np.floor(v).astype(int)
        s, t = u - i, v - j
        s, t = s * s * (3 - 2 * s), t * t * (3 - 2 * t)
        corner = [[lattice[(j + b) % 64, (i + a) % 64] for a in (0, 1)] for b in (0, 1)]
        upper = corner[0][0] * (1 - s) + corner[0][1] * s
        lower = corner[1][0] * (1 - s) + corner[1][1] * s
        total += (upper * (1 - t) + lower * t) / 2**octave
    return total


def ramp(t, colours):
    """Return the colours (hexadecimal) interpolated at t in [0, 1]: t.shape + (3,)."""
    table = np.array([[int(c[i : i + 2], 16) for i in (0, 2, 4)] for c in colours])
    places = np.linspace(0, 1, len(colours))
    return np.stack([np.interp(t, places, column) for column in table.T / 255], -1)


def smoothstep(low, high, x):
    """Return 0 below `low`, 1 above `high` and a smooth step between them."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a, b, weight):
    """Return a where the weight is 0 and b where it is 1; weight (height, width)."""
    return a + (b - a) * weight[..., None]


def shade(image, relief, strength):
    """Return the image lit from the upper left, its surface raised by `relief`."""
    down, right = np.gradient(relief)
    return np.clip(image * (1 + strength * (-down - right))[..., None], 0, 1)


def shrink(image):
    """Return the image averaged down to (HEIGHT, WIDTH, 3): no jagged edges."""
    scale = image.shape[0] // HEIGHT
    return image.reshape(HEIGHT, scale, WIDTH, scale, 3).mean((1, 3))
