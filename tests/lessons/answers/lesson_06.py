"""Lesson 6: answers that must fail, and others that must pass."""

ANSWERS = {
    1: {
        "wrong": [
            # the line counted once
            "one_pixel, five_pixels = 20, 20",
            # a distance that grows
            "one_pixel, five_pixels = 40, 200",
        ],
        "right": ["one_pixel, five_pixels = np.array([2 * 20, 2 * 20])"],
    },
    2: {
        "wrong": [
            "picture = x_test[0, ..., 0]",
            # nothing changes much from pixel to pixel
            "picture = np.indices((28, 28))[0] / 27",
            # sharp, but not between 0 and 1
            "picture = 9.0 * (np.indices((28, 28)).sum(axis=0) % 2)",
        ],
        "right": ["picture = np.random.default_rng(0).integers(0, 2, (28, 28))"],
    },
    3: {
        "wrong": [
            # stands still where the thresholds contradict each other
            """def who_learns(d_loss, low, high):
    return d_loss >= low, d_loss <= high""",
            # the two exchanged
            """def who_learns(d_loss, low, high):
    return (d_loss <= high, d_loss >= low)""",
        ],
        "right": [
            """def who_learns(d_loss, low, high):
    if high < d_loss < low:
        return True, True
    return not d_loss < low, not d_loss > high"""
        ],
    },
    4: {
        "wrong": [
            # sums instead of means: the large layer shouts
            """def deep_distance(features_a, features_b):
    pairs = zip(features_a, features_b)
    return sum(np.sum((a - b) ** 2, axis=(1, 2, 3)) for a, b in pairs)""",
            # the batch lost
            """def deep_distance(features_a, features_b):
    return sum(np.mean((a - b) ** 2) for a, b in zip(features_a, features_b))""",
        ],
        "right": [
            """def deep_distance(features_a, features_b):
    total = 0.0
    for a, b in zip(features_a, features_b):
        flat = ((a - b) ** 2).reshape(len(a), -1)
        total = total + flat.sum(axis=1) / flat.shape[1]
    return total"""
        ],
    },
    5: {
        "wrong": [
            # moved alike
            """by = np.random.default_rng(1).integers(0, 3, (len(x_test), 2))
view = np.asarray(moved(x_test, by))
apart = np.mean(pixel_distance(view, view))""",
            # one of the two not moved
            """by = np.random.default_rng(1).integers(0, 3, (len(x_test), 2))
apart = np.mean(pixel_distance(x_test, np.asarray(moved(x_test, by))))""",
        ],
        "right": [
            """draw, found = np.random.default_rng(2), []
for _ in range(10):
    pair = [moved(x_test, draw.integers(0, 3, (len(x_test), 2))) for _ in range(2)]
    found.append(np.mean(np.sum((pair[0] - pair[1]) ** 2, axis=(1, 2, 3))))
apart = np.mean(found)"""
        ],
    },
}
