"""Paint the style images of lesson 8 with numpy: nobody else's picture is needed.

Each painter returns a float image (height, width, 3) in [0, 1] and is seeded, so
that it paints the same picture every time. Coordinates are in units of the
image's height, the origin in the upper left corner.
"""

import numpy as np

from tools.assets.canvas import (
    HEIGHT,
    WIDTH,
    grid,
    mix,
    noise,
    ramp,
    shade,
    shrink,
    smoothstep,
)

# Brush strokes -------------------------------------------------------------------

VORTICES = (  # x, y, turning sense, radius
    (0.42, 0.30, 1.0, 0.24),
    (0.98, 0.24, -1.0, 0.19),
    (0.76, 0.62, 0.8, 0.16),
    (0.14, 0.74, -0.7, 0.17),
    (1.20, 0.72, 1.0, 0.18),
)


LAYERS = ((700, 0.34, 0.022), (2200, 0.2, 0.012), (3000, 0.13, 0.007))  # strokes


def flow(x, y):
    """Return the unit direction of the paint at x, y: a wind with whirls in it."""
    angle = 0.35 * np.sin(4 * x) + 0.25 * np.sin(7 * y)
    u, v = 0.55 * np.cos(angle), 0.55 * np.sin(angle)
    for centre_x, centre_y, sense, radius in VORTICES:
        dx, dy = x - centre_x, y - centre_y
        pull = 2.2 * sense * np.exp(-(dx**2 + dy**2) / radius**2) / radius
        u, v = u - pull * dy, v + pull * dx
    length = np.hypot(u, v) + 1e-9
    return u / length, v / length


def streamline(x, y, length, steps=14):
    """Return points (steps, 2) along the flow, (x, y) in their middle."""
    points = [(x, y)]
    for sense in (1, -1):
        a, b = x, y
        for _ in range(steps // 2):
            u, v = flow(a, b)
            a, b = a + sense * u * length / steps, b + sense * v * length / steps
            points.insert(0 if sense < 0 else len(points), (a, b))
    return np.array(points)


def lay_stroke(canvas, relief, path, width, colour, random):
    """Draw one stroke of bristles along the path into canvas and relief."""
    height = canvas.shape[0]
    low = np.maximum(np.floor((path.min(0) - width) * height).astype(int), 0)
    high = np.ceil((path.max(0) + width) * height).astype(int)
    part = (slice(low[1], high[1]), slice(low[0], high[0]))
    rows, columns = canvas[part].shape[:2]
    if not rows or not columns:
        return
    x, y = grid(rows, columns)
    x, y = x * rows / height + low[0] / height, y * rows / height + low[1] / height
    gap = np.hypot(x[..., None] - path[:, 0], y[..., None] - path[:, 1])
    nearest = gap.argmin(-1)
    tangent = np.gradient(path, axis=0)[nearest]
    tangent /= np.hypot(tangent[..., 0], tangent[..., 1])[..., None] + 1e-9
    dx, dy = x - path[nearest, 0], y - path[nearest, 1]
    across = (dx * tangent[..., 1] - dy * tangent[..., 0]) / width
    along = (nearest + (dx * tangent[..., 0] + dy * tangent[..., 1]) / width) / len(
        path
    )
    bristles = np.interp(across, np.linspace(-1, 1, 15), random.uniform(-1, 1, 15))
    ragged = 0.93 + 0.12 * bristles
    cover = smoothstep(1.0, 0.75, np.abs(across) / ragged)
    cover *= smoothstep(1.0, 0.9, along + 0.08 * bristles) * (gap.min(-1) < width)
    tint = np.clip(colour * (1 + 0.13 * bristles[..., None]), 0, 1)
    canvas[part] = mix(canvas[part], tint, 0.95 * cover)
    relief[part] += cover * (0.5 + 0.5 * bristles - 0.6 * relief[part])


def night(x, y, random):
    """Return the colours of a night sky that glows around each whirl."""
    glow = np.zeros_like(x)
    for centre_x, centre_y, _, radius in VORTICES:
        gap = np.hypot(x - centre_x, y - centre_y) / radius
        glow = np.maximum(
            glow, np.exp(-1.8 * gap**2) + 0.16 * np.cos(9 * gap) / (1 + gap**2)
        )
    tone = 0.25 + 0.62 * glow + 0.28 * noise(x, y, 3, random, 3)
    colours = "0b1540 163a7d 1f6fae 4fb0b5 b9d6a3 f6cf52 f29a2e fff3c4".split()
    return ramp(np.clip(tone, 0, 1), colours)


def brush():
    """Thick oil paint that follows whirls: night blues against gold."""
    random = np.random.RandomState(3)
    x, y = grid(HEIGHT * 2, WIDTH * 2)
    plan = night(x, y, random)
    canvas, relief = plan * 0.6, np.zeros_like(x)
    for count, length, width in LAYERS:
        for _ in range(count):
            at = random.uniform((0, 0), (WIDTH / HEIGHT, 1))
            row, column = (at[::-1] * HEIGHT * 2).astype(int)
            colour = plan[row, column] * random.uniform(0.82, 1.15)
            colour = np.clip(colour + random.normal(0, 0.035, 3), 0, 1)
            path = streamline(*at, length * random.uniform(0.6, 1.3))
            lay_stroke(canvas, relief, path, width, colour, random)
    return shrink(shade(canvas, relief, 0.5))


# Stained glass -------------------------------------------------------------------


def nearest_two(x, y, sites):
    """Return the index of the nearest site and the gap to the border of its cell."""
    first, second = np.full(x.shape, np.inf), np.full(x.shape, np.inf)
    index = np.zeros(x.shape, int)
    for i, (a, b) in enumerate(sites):
        gap = np.hypot(x - a, y - b)
        closer = gap < first
        second = np.where(closer, first, np.minimum(second, gap))
        index = np.where(closer, i, index)
        first = np.where(closer, gap, first)
    return index, second - first


RINGS = (  # how many panes, how far from the centre
    (8, 0.085),
    (16, 0.165),
    (16, 0.255),
    (24, 0.345),
    (32, 0.44),
    (34, 0.55),
    (40, 0.67),
    (44, 0.8),
)


def panes(random):
    """Return the centres (n, 2) and the tones (n,) of the window's panes."""
    centre = np.array([0.667, 0.5])
    sites, tones = [centre], [0.93]
    for ring, (count, radius) in enumerate(RINGS):
        for k in range(count):
            angle = 2 * np.pi * (k + 0.5 * (ring % 2)) / count
            wobble = random.normal(0, 0.004 + 0.012 * (ring > 4), 2)
            spoke = np.array([np.cos(angle), np.sin(angle)])
            sites.append(centre + radius * spoke + wobble)
            tones.append((0.13 * ring + 0.5 * (k % 2) + random.uniform(0, 0.18)) % 1)
    return np.array(sites), np.array(tones)


def glass():
    """A leaded rose window: rings of cut glass with the sun behind them."""
    random = np.random.RandomState(11)
    x, y = grid(HEIGHT * 2, WIDTH * 2)
    sites, tones = panes(random)
    index, border = nearest_two(x, y, sites)
    colours = "7a0f23 d6232f f0762b f7c948 2c8c5a 0f6e8c 1b3fa0 4a1c7d".split()
    colour = ramp(tones, colours)[index]
    streaks = noise(x + 0.15 * noise(x, y, 5, random), y * 0.35, 26, random, 3)
    seeds = noise(x, y, 90, random)
    radius = np.hypot(x - sites[0, 0], y - sites[0, 1])
    sun = 1.4 - 0.7 * radius + 0.22 * streaks + 0.08 * seeds
    sun *= 0.72 + 0.5 * smoothstep(0, 0.07, border)
    light = colour * sun[..., None] + 0.12 * np.maximum(sun - 0.9, 0)[..., None]
    lead = 0.5 * (1 - smoothstep(0.0, 0.013, border)) + 0.04 * noise(
        x, y, 70, random, 2
    )
    came = np.array([0.09, 0.09, 0.11]) * (1 + 2.2 * lead[..., None])
    image = mix(came, np.clip(light, 0, 1), smoothstep(0.010, 0.015, border))
    return shrink(np.clip(image, 0, 1))


# Engraving -----------------------------------------------------------------------


def engraving():
    """Ink lines on cream paper: their swell gives the tone of folded hills."""
    random = np.random.RandomState(5)
    x, y = grid(HEIGHT * 3, WIDTH * 3)
    relief = 0.22 * noise(x, y, 3.4, random, 2) + 0.05 * np.sin(9 * x + 6 * y)
    down, right = np.gradient(relief, 1 / (HEIGHT * 3))
    slope = down + 0.7 * right
    tone = np.clip(0.56 - 0.21 * slope / slope.std(), 0.12, 1)
    image = np.ones_like(x)
    for angle, pitch, threshold in ((0.5, 88, 1.0), (-0.75, 88, 0.5), (1.5, 110, 0.27)):
        along = x * np.cos(angle) + y * np.sin(angle) + 0.32 * relief
        along += 0.0012 * noise(x, y, 60, random)
        stripe = np.abs((along * pitch) % 1 - 0.5) * 2
        swell = np.clip((threshold - tone) / threshold, 0, 1) * 0.8
        image *= 1 - smoothstep(0.12, -0.12, stripe - swell)
    paper = ramp(0.5 + 0.4 * noise(x, y, 40, random, 3), ("e7d9b8", "f3e9cf", "f8f1de"))
    picture = mix(np.array([0.13, 0.10, 0.12]) + 0 * paper, paper, image)
    return shrink(picture)


# Waves ---------------------------------------------------------------------------


def waves():
    """A woodblock sea: rows of cresting waves, combed with lines, edged with foam."""
    random = np.random.RandomState(8)
    x, y = grid(HEIGHT * 2, WIDTH * 2)
    grain = noise(x * 0.25, y + 0.01 * noise(x, y, 6, random), 120, random, 2)
    sky = ramp(np.clip(1.6 * y, 0, 1), ("c9b68a", "e8d6ab", "f4e8cc"))
    image = sky * (1 + 0.04 * grain)[..., None]
    colours = "9dbcc4 5d93ad 2f6a96 1c4a7d 13305f 0d2148".split()
    for row in range(9):
        depth = row / 8
        pitch, size = 0.16 + 0.26 * depth, 0.035 + 0.11 * depth
        shift = random.uniform(0, 1)
        lean = 0.35 * size * np.sin(2 * np.pi * (x / pitch + shift))
        phase = ((x + lean + 0.02 * noise(x, y, 4, random)) / pitch + shift) % 1
        crest = 0.17 + 0.72 * depth**1.15 - size * (np.sin(np.pi * phase) ** 1.6)
        below = y - crest - 0.006 * noise(x, y, 26, random, 2)
        body = ramp(np.clip(depth * 0.75 + 2.2 * below, 0, 1), colours)
        comb = np.sin(
            2 * np.pi * below * (46 - 22 * depth) + 1.2 * noise(x, y, 9, random)
        )
        line = smoothstep(0.35, 0.75, comb) * smoothstep(0.3, 0.02, below)
        body = mix(body, ramp(0.15 + 0 * x, ("f2ecd8", "9dbcc4")), 0.75 * line)
        lace = 0.014 + 0.016 * depth + 0.022 * np.abs(noise(x, y, 22, random, 2))
        foam = smoothstep(
            0.004, 0.0, below - lace * smoothstep(0.3, 0.8, np.sin(np.pi * phase))
        )
        body = mix(body, np.array([0.96, 0.94, 0.88]) + 0 * body, foam)
        edge = smoothstep(0.0045, 0.002, np.abs(below))
        body = mix(body, np.array([0.06, 0.11, 0.22]) + 0 * body, 0.9 * edge)
        body = body * (1 + 0.06 * grain)[..., None]
        image = mix(image, body, smoothstep(-0.002, 0.001, below))
    return shrink(np.clip(image, 0, 1))


PAINTERS = {"brush": brush, "glass": glass, "engraving": engraving, "waves": waves}
