"""Wrong and right answers to the exercises of lesson 7, tried on their checks."""

ANSWERS = {
    1: {
        "wrong": ['prediction = "a"', 'prediction = "c"'],
        "right": ['prediction = " B "'],
    },
    2: {
        "wrong": [
            "kilobytes = 1e6 * 2.1 / 1000",  # bits taken for bytes
            "kilobytes = 1e6 * 2.1 / 8 / 1024",
        ],
        "right": ["kilobytes = 2_100_000 // 8 / 1000"],
    },
    3: {
        "wrong": [
            "def heated(p, temperature):\n    return p ** (1 / temperature)",
            "def heated(p, temperature):\n"
            "    return p**temperature / np.sum(p**temperature)",
        ],
        "right": [
            "def heated(p, temperature):\n"
            "    return tf.nn.softmax(np.log(p) / temperature)"
        ],
    },
    4: {
        "wrong": [
            "def min_p(p, share):\n"
            "    kept = p * (p >= share)\n"  # not relative to the best
            "    return kept / max(kept.sum(), 1e-9)",
            "def min_p(p, share):\n    return p * (p >= share * p.max())",
        ],
        "right": [
            "def min_p(p, share):\n"
            "    kept = np.where(p / max(p) < share, 0, p)\n"
            "    return [one / sum(kept) for one in kept]"
        ],
    },
    5: {
        "wrong": [
            "def expected_and_got(logits, answers):\n"  # nats, not bits
            "    entropy = sampling.entropy(tf.nn.log_softmax(logits)) * np.log(2)\n"
            "    return np.mean(entropy), np.mean(surprise(logits, answers))",
            "def expected_and_got(logits, answers):\n"  # in the other order
            "    entropy = np.mean(sampling.entropy(tf.nn.log_softmax(logits)))\n"
            "    return np.mean(surprise(logits, answers)) / np.log(2), entropy",
        ],
        "right": [
            "def expected_and_got(logits, answers):\n"
            "    p = np.array(tf.nn.softmax(logits), 'float64')\n"
            "    of_answers = p[np.arange(len(p)), np.array(answers)]\n"
            "    entropy = -(p * np.log2(p + 1e-300)).sum(axis=1).mean()\n"
            "    return entropy, -np.log2(of_answers).mean()"
        ],
    },
    6: {
        "wrong": [
            "def best_temperature(logits, answers):\n    return 2.0",
            "def best_temperature(logits, answers):\n"  # too coarse a grid
            "    return 0.5",
        ],
        "right": [
            "def best_temperature(logits, answers):\n"
            "    from scipy.optimize import minimize_scalar\n"
            "    def got(t):\n"
            "        return float(ops.mean(surprise(logits / t, answers)))\n"
            "    return minimize_scalar(got, bounds=(0.5, 2), method='bounded').x"
        ],
    },
}
