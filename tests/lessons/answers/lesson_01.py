"""Lesson 1: answers that must fail, and others that must pass."""

ANSWERS = {
    1: {
        "wrong": ["times_smaller = 784 / 10", "times_smaller = 784 * 4 / 10"],
        "right": ["times_smaller = x_test[0].size / np.zeros(10, 'float32').nbytes"],
    },
    2: {
        "wrong": ["painted = 1", "painted = 0.5"],
        "right": ["painted = np.mean([1] * 7 + [0] * 3)"],
    },
    3: {
        "wrong": [
            # keeps what it should drop
            """def masked(x, share, random):
    return x * (random.random(x.shape) < share)""",
            # one toss for a whole picture
            """def masked(x, share, random):
    return x * (random.random((len(x), 1)) > share)""",
            # shrinks instead of dropping
            """def masked(x, share, random):
    return x * (1 - share)""",
        ],
        "right": [
            """def masked(x, share, random):
    return x * random.binomial(1, 1 - share, size=x.shape)"""
        ],
    },
    4: {
        "wrong": [
            """def better_code(x, z):
    return z""",
            # uphill
            """def better_code(x, z):
    z = tf.Variable(z)
    for _ in range(5):
        with tf.GradientTape() as tape:
            error = ops.sum((x - drawer(z)) ** 2)
        z.assign_add(0.01 * tape.gradient(error, z))
    return z""",
            # the mean code instead of a better one
            """def better_code(x, z):
    return ops.zeros_like(z) + ops.mean(z, axis=0)""",
        ],
        "right": [
            """def better_code(x, z):
    speed = ops.zeros_like(z)
    for _ in range(200):
        with tf.GradientTape() as tape:
            tape.watch(z)
            error = ops.sum((x - drawer(z)) ** 2)
        speed = 0.9 * speed - 0.005 * tape.gradient(error, z)
        z = z + speed
    return z"""
        ],
    },
    5: {
        "wrong": [
            """def suspicious(x):
    return np.ones(len(x), bool)""",
            """def suspicious(x):
    return np.zeros(len(x), bool)""",
            # the other side of a threshold
            """def suspicious(x):
    error = np.mean((x - drawer(coder(x)).numpy()) ** 2, axis=1)
    return error < np.quantile(error, 0.02)""",
            # a threshold taken from whatever is judged
            """def suspicious(x):
    error = np.mean((x - drawer(coder(x)).numpy()) ** 2, axis=1)
    return error > np.quantile(error, 0.95)""",
        ],
        "right": [
            """train_error = np.linalg.norm(x_train - drawer(coder(x_train)), axis=1)
limit = np.sort(train_error)[-len(train_error) // 100]


def suspicious(x):
    return np.linalg.norm(x - drawer(coder(x)), axis=1) > limit"""
        ],
    },
}
