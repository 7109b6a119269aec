"""Wrong and second right answers to lesson 9's exercises; see test_exercises.py."""

ANSWERS = {
    1: {
        "wrong": [
            "place, speed = -0.25, -3.0",  # time the wrong way round
            "place, speed = 1.25, 3.0",  # from the data to the noise
        ],
        "right": ["place, speed = 2 - 3 * 0.25, -3"],
    },
    2: {
        "wrong": ['one_step = "no"', 'one_step = "depends"'],
        "right": ['one_step = "Yes"'],
    },
    3: {
        "wrong": [
            # asks half way, but at the old time, and goes half a step
            """def midpoint_step(velocity, x, t, h):
    return x + h / 2 * velocity(x + h / 2 * velocity(x, t), t)""",
            # Euler's
            """def midpoint_step(velocity, x, t, h):
    return x + h * velocity(x, t)""",
        ],
        "right": [
            """def midpoint_step(velocity, x, t, h):
    there = euler_step(velocity, x, t, 0.5 * h)
    return x + velocity(there, t + 0.5 * h) * h"""
        ],
    },
    4: {
        "wrong": [
            """def velocity_from_noise(x_t, eps_hat, t):
    return (x_t - eps_hat) / (1 - t + 1e-9)""",
            """def velocity_from_noise(x_t, eps_hat, t):
    return x_t - t * eps_hat""",
        ],
        "right": [
            """def velocity_from_noise(x_t, eps_hat, t):
    x_hat = (x_t - (1 - t) * eps_hat) / t
    return x_hat - eps_hat"""
        ],
    },
    5: {
        "wrong": [
            # the codes as they are, where the flow speaks of standardised ones
            """def changed(flow, z, y, eps, start=0.3):
    x_t = tf.constant((1 - start) * eps + start * z, tf.float32)
    return follow(flow.velocity(y), x_t, 20, start=start)[-1].numpy()""",
            # time the wrong way round
            """def changed(flow, z, y, eps, start=0.3):
    x = (z - flow.mean) / flow.std
    x_t = tf.constant(start * eps + (1 - start) * x, tf.float32)
    end = follow(flow.velocity(y), x_t, 20, start=start)[-1].numpy()
    return end * flow.std + flow.mean""",
        ],
        "right": [
            """def changed(flow, z, y, eps, start=0.3):
    x = (z - flow.mean) / flow.std
    x = tf.cast(eps + start * (x - eps), tf.float32)
    velocity, h = flow.velocity(y), (1 - start) / 30
    for k in range(30):
        x = euler_step(velocity, x, start + k * h, h)
    return np.asarray(x) * flow.std + flow.mean"""
        ],
    },
}
