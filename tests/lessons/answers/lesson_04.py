"""Lesson 4: answers that must fail, and others that must pass."""

ANSWERS = {
    1: {
        "wrong": [
            'its_agreement, its_distance = "higher", "lower"',
            'its_agreement, its_distance = "lower", "higher"',
        ],
        "right": ['its_agreement, its_distance = ["HIGHER", "Higher"]'],
    },
    2: {
        "wrong": [
            # bits instead of nats
            "label_nats = 0.5 * np.log2(2) + 0.5 * np.log2(18)",
            # ten equally frequent labels
            "label_nats = np.log(10)",
        ],
        "right": ["label_nats = np.log(2) + 0.5 * np.log(9)"],
    },
    3: {
        "wrong": [
            # a draw from the prior
            """def average_hand(networks):
    z = np.random.default_rng(0).normal(size=(10, LATENT_DIM)).astype("float32")
    return images(networks.decode(z, ops.eye(10)))""",
            # logits instead of pictures
            """def average_hand(networks):
    z = np.zeros((10, LATENT_DIM), "float32")
    return ops.reshape(networks.decode(z, ops.eye(10)), (10, 28, 28, 1))""",
        ],
        "right": [
            """def average_hand(networks):
    return decode_labels(networks, np.zeros((1, LATENT_DIM))).reshape(10, 28, 28, 1)"""
        ],
    },
    4: {
        "wrong": [
            # the shares the wrong way round
            """def between(networks, shares):
    y = np.outer(shares, np.eye(10)[9]) + np.outer(1 - shares, np.eye(10)[4])
    return images(networks.decode(np.zeros((len(y), LATENT_DIM)), y))""",
            # pictures mixed instead of labels
            """def between(networks, shares):
    both = decode_labels(networks, np.zeros((1, LATENT_DIM)))[[4, 9], 0]
    share = np.reshape(shares, (-1, 1, 1, 1))
    return share * both[0] + (1 - share) * both[1]""",
        ],
        "right": [
            """def between(networks, shares):
    one_hot = np.eye(10, dtype="float32")
    rows = []
    for share in shares:
        y = share * one_hot[4] + (1 - share) * one_hot[9]
        rows.append(networks.decode(np.zeros((1, LATENT_DIM), "float32"), y[None]))
    return images(ops.concatenate(rows))"""
        ],
    },
    5: {
        "wrong": [
            # the worst instead of the best
            """def classify(networks, x):
    scores = []
    for label in range(10):
        y = ops.one_hot(np.full(len(x), label), 10)
        z_mean, z_log_var = networks.encode(x, y)
        log_px_z = log_bernoulli(x, networks.decode(z_mean, y))
        scores.append(log_px_z - kl_to_standard_normal(z_mean, z_log_var))
    return np.argmin(np.stack(scores), axis=0)""",
            # the mean over the batch, so that all pictures get one label
            """def classify(networks, x):
    scores = []
    for label in range(10):
        y = ops.one_hot(np.full(len(x), label), 10)
        z_mean, _ = networks.encode(x, y)
        scores.append(np.mean(log_bernoulli(x, networks.decode(z_mean, y))))
    return np.full(len(x), np.argmax(scores))""",
        ],
        "right": [
            """def classify(networks, x):
    y = np.repeat(np.eye(10, dtype="float32"), len(x), axis=0)
    x = np.tile(x, (10, 1))
    z_mean, z_log_var = networks.encode(x, y)
    score = log_bernoulli(x, networks.decode(z_mean, y))
    score = score - kl_to_standard_normal(z_mean, z_log_var)
    return np.argmax(np.reshape(score, (10, -1)), axis=0)"""
        ],
    },
}
