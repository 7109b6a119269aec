"""Wrong and second right answers to the exercises of lesson 10."""

ANSWERS = {
    1: {
        "wrong": ['notices = "precision"', 'notices = "sharpness"'],
        "right": ['notices = " Recall "'],
    },
    2: {
        "wrong": [
            "good_enough = len(cards)",  # all of them
            "good_enough = sum(c['numbers']['FD'] <= 5 for c in cards.values())",
        ],
        "right": [
            """
good_enough = 0
for card in cards.values():
    if card["numbers"]["FD"] / card["numbers"]["FD floor"] <= 5:
        good_enough += 1
"""
        ],
    },
    3: {
        "wrong": [
            # Only the best of each number.
            """
def unbeaten(points):
    return sorted({min(points, key=lambda n: points[n][i]) for i in (0, 1)})
""",
            # Equals beat each other.
            """
def unbeaten(points):
    def beaten(me):
        others = [n for n in points if n != me]
        return any(
            points[n][0] <= points[me][0] and points[n][1] <= points[me][1]
            for n in others
        )

    return sorted(name for name in points if not beaten(name))
""",
        ],
        "right": [
            """
def unbeaten(points):
    best, names = float("inf"), []
    groups = {}
    for name, point in points.items():
        groups.setdefault(point, []).append(name)
    for point in sorted(groups):
        if point[1] < best:
            best = point[1]
            names += groups[point]
    return sorted(names)
"""
        ],
    },
    4: {
        "wrong": [
            # Both sets cut down.
            "floors = [metrics.digit_frechet_distance(x_train[:k], x_test[:k])"
            " for k in (100, 200, n)]",
            "floors = [metrics.digit_frechet_distance(x_train[:n], x_test)] * 3",
        ],
        "right": [
            """
floors = np.zeros(3)
real = metrics.digit_features(x_test)
for i, k in enumerate((100, 200, n)):
    floors[i] = metrics.frechet_distance(metrics.digit_features(x_train[:k]), real)
"""
        ],
    },
    5: {
        "wrong": [
            """
def my_draw(n):
    return np.random.default_rng(1).random((n, 28, 28, 1))
""",
            """
def my_draw(n):
    return np.repeat(x_train[:1], n, axis=0)
""",
        ],
        "right": [
            """
def my_draw(n):
    random = np.random.default_rng(3)
    same = [x_train[digits.y_train == label] for label in range(10)]
    labels = np.arange(n) % 10
    first = np.stack([same[y][random.integers(len(same[y]))] for y in labels])
    return np.clip(1.02 * first, 0, 1)
"""
        ],
    },
}
