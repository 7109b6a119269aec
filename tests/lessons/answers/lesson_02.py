"""Lesson 2: answers that must fail, and others that must pass."""

ANSWERS = {
    1: {
        # the half forgotten; the sign of a mean kept
        "wrong": ["nats = 2**2 + 1", "nats = (2 - 1 + 0) / 2"],
        "right": ["nats = 0.5 * np.sum(np.square([2, -1, 0]) + 1 - np.log(1) - 1)"],
    },
    2: {"wrong": ['answer = "a"', 'answer = "b"'], "right": ['answer = "C"']},
    3: {
        "wrong": [
            # the means' distance is not divided
            """def kl_between(mean_a, log_var_a, mean_b, log_var_b):
    each = log_var_b - log_var_a + np.exp(log_var_a - log_var_b)
    return 0.5 * np.sum(each + (mean_a - mean_b) ** 2 - 1, axis=-1)""",
            # averaged over the latents
            """def kl_between(mean_a, log_var_a, mean_b, log_var_b):
    square = np.exp(log_var_a) + (mean_a - mean_b) ** 2
    each = log_var_b - log_var_a + square / np.exp(log_var_b) - 1
    return 0.5 * np.mean(each, axis=-1)""",
            # the other way round
            """def kl_between(mean_a, log_var_a, mean_b, log_var_b):
    square = np.exp(log_var_b) + (mean_a - mean_b) ** 2
    each = log_var_a - log_var_b + square / np.exp(log_var_a) - 1
    return 0.5 * np.sum(each, axis=-1)""",
        ],
        "right": [
            """def kl_between(mean_a, log_var_a, mean_b, log_var_b):
    ratio = np.exp(log_var_a - log_var_b)
    far = (mean_a - mean_b) / np.exp(0.5 * log_var_b)
    return (ratio - np.log(ratio) + far**2 - 1).sum(-1) / 2"""
        ],
    },
    4: {
        "wrong": [
            # 0 / 0 where the weights are small
            """def effective(log_w):
    w = np.exp(log_w)
    return w.sum(axis=1) ** 2 / np.sum(w**2, axis=1)""",
            # 1 / sum of squares, of weights that do not sum to 1
            """def effective(log_w):
    w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
    return 1 / np.sum(w**2, axis=1)""",
            # of the whole batch at once
            """def effective(log_w):
    w = np.exp(log_w - log_w.max())
    return np.full(len(log_w), w.sum() ** 2 / np.sum(w**2))""",
        ],
        "right": [
            """def effective(log_w):
    total = np.logaddexp.reduce(log_w, axis=1)
    return np.exp(2 * total - np.logaddexp.reduce(2 * log_w, axis=1))"""
        ],
    },
    5: {
        "wrong": [
            # the floor for each picture, before the mean
            """def free_bits(kl_each, floor):
    return np.sum(np.maximum(kl_each, floor).mean(axis=0))""",
            # one floor for the sum
            """def free_bits(kl_each, floor):
    return np.maximum(kl_each.mean(axis=0).sum(), floor)""",
        ],
        "right": [
            """def free_bits(kl_each, floor):
    mean = np.mean(kl_each, axis=0)
    return sum(max(kl, floor) for kl in mean)"""
        ],
    },
    6: {
        "wrong": [
            # the prior once more
            """def better_codes(encoder, x_train, random):
    return random.normal(size=(1500, 32))""",
            # the right codes, too few
            """def better_codes(encoder, x_train, random):
    return encoder(x_train[:100])[0].numpy()""",
            # always the same digit
            """def better_codes(encoder, x_train, random):
    return np.zeros((1500, 32))""",
        ],
        "right": [
            """def better_codes(encoder, x_train, random):
    mean, log_var = (a.numpy() for a in encoder(x_train))
    few = random.permutation(np.resize(np.arange(len(mean)), 1500))
    return mean[few] + np.exp(log_var[few] / 2) * random.normal(size=(1500, 32))"""
        ],
    },
}
