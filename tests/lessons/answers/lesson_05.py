"""Other answers to lesson 5's exercises: wrong ones, and right ones written anew."""

ANSWERS = {
    1: {
        "wrong": ["times_denser = 0.9", "times_denser = 0.1 / 0.9"],
        "right": ["times_denser = np.exp(np.log(0.9) - np.log(0.1))"],
    },
    2: {
        "wrong": ['near_one = "recall"', "near_one = 1"],
        "right": ['near_one = " Precision"'],
    },
    3: {
        "wrong": [
            # The signs of real and drawn are swapped.
            "def hinge_loss(real, fake):\n"
            "    return ops.mean(ops.relu(1 + real)) + ops.mean(ops.relu(1 - fake))\n",
            # One mean over all: wrong for batches of unequal sizes.
            "def hinge_loss(real, fake):\n"
            "    terms = ops.concatenate([ops.relu(1 - real), ops.relu(1 + fake)])\n"
            "    return 2 * ops.mean(terms)\n",
            # Nothing keeps the terms from going below 0.
            "def hinge_loss(real, fake):\n"
            "    return ops.mean(1 - real) + ops.mean(1 + fake)\n",
        ],
        "right": [
            "def hinge_loss(real, fake):\n"
            "    real, fake = np.asarray(real), np.asarray(fake)\n"
            "    real, fake = np.maximum(0, 1 - real), np.maximum(0, 1 + fake)\n"
            "    return real.mean() + fake.mean()\n"
        ],
    },
    4: {
        "wrong": [
            # Both players at once.
            "def distance_left(gamma, steps=200):\n"
            "    t, f = 1.0, 0.0\n"
            "    for _ in range(steps):\n"
            "        t, f = t - 0.15 * f, f + 0.15 * (t - gamma * f)\n"
            "    return np.hypot(t, f)\n",
            # The penalty pushes the wrong way.
            "def distance_left(gamma, steps=200):\n"
            "    t, f = 1.0, 0.0\n"
            "    for _ in range(steps):\n"
            "        t -= 0.15 * f\n"
            "        f += 0.15 * (t + gamma * f)\n"
            "    return np.hypot(t, f)\n",
            # The distance squared.
            "def distance_left(gamma, steps=200):\n"
            "    t, f = 1.0, 0.0\n"
            "    for _ in range(steps):\n"
            "        t -= 0.15 * f\n"
            "        f += 0.15 * (t - gamma * f)\n"
            "    return t**2 + f**2\n",
        ],
        "right": [
            # One turn of both players is one matrix.
            "def distance_left(gamma, steps=200):\n"
            "    g = np.array([[1, -0.15], [0, 1]])\n"
            "    d = np.array([[1, 0], [0.15, 1 - 0.15 * gamma]])\n"
            "    return np.linalg.norm(np.linalg.matrix_power(d @ g, steps)[:, 0])\n"
        ],
    },
    5: {
        "wrong": [
            "def carried(a, b):\n    return np.mean(np.abs(a - b))\n",
            "def carried(a, b):\n    return abs(np.mean(a) - np.mean(b))\n",
            "def carried(a, b):\n    return np.sum(np.abs(np.sort(a) - np.sort(b)))\n",
        ],
        "right": [
            "from scipy.stats import wasserstein_distance as carried\n",
            "def carried(a, b):\n"
            "    pairs = zip(sorted(a), sorted(b))\n"
            "    return sum(abs(x - y) for x, y in pairs) / len(a)\n",
        ],
    },
    6: {
        "wrong": [
            # The straight way.
            "def arc(a, b, t):\n    return np.outer(1 - t, a) + np.outer(t, b)\n",
            # A right angle is taken for granted.
            "def arc(a, b, t):\n"
            "    t = t * np.pi / 2\n"
            "    return np.outer(np.cos(t), a) + np.outer(np.sin(t), b)\n",
        ],
        "right": [
            # Both ends have one length, so the straight way may be stretched, if the
            # angles along it are those of the arc.
            "def arc(a, b, t):\n"
            "    r = np.linalg.norm(a)\n"
            "    side = b - (a @ b) / r**2 * a\n"
            "    side *= r / np.linalg.norm(side)\n"
            "    w = np.arccos(a @ b / r**2)\n"
            "    return np.outer(np.cos(t * w), a) + np.outer(np.sin(t * w), side)\n"
        ],
    },
}
