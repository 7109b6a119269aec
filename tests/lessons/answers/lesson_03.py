"""Wrong and second right answers to lesson 3's exercises; see test_exercises.py."""

ANSWERS = {
    1: {
        "wrong": ["change = np.log(3 / 8)", "change = 3 / 8"],
        "right": ["change = np.log(2) + np.log(4 / 3)"],
    },
    2: {
        "wrong": ["zeros = 36", "zeros = 0"],
        "right": ["zeros = sum(range(8))"],
    },
    3: {
        "wrong": [
            "def middle_mask(degrees, next_degrees):\n"
            "    return (degrees[:, None] < next_degrees[None, :]).astype('float32')",
            "def middle_mask(degrees, next_degrees):\n"
            "    return (next_degrees[:, None] >= degrees[None, :]).astype('float32')",
        ],
        "right": [
            "def middle_mask(degrees, next_degrees):\n"
            "    return np.array([[float(r <= s) for s in next_degrees]"
            " for r in degrees], 'float32')"
        ],
    },
    4: {
        "wrong": [
            "def maf_log_density(step, z, h):\n"
            "    eps, log_det = step(z, h)\n"
            "    return log_normal(eps) - log_det",
            "def maf_log_density(step, z, h):\n"
            "    eps, log_det = step(z, h)\n"
            "    return log_normal(z) + log_det",
        ],
        "right": [
            "def maf_log_density(step, z, h):\n"
            "    mean, gate_logits = step.network(z, h)\n"
            "    gate = ops.sigmoid(gate_logits)\n"
            "    log_p = log_normal(gate * z + (1 - gate) * mean)\n"
            "    return log_p + ops.sum(ops.log(gate), axis=-1)"
        ],
    },
    5: {
        "wrong": ["encoder_width = 477", "encoder_width = 400"],
        "right": ["encoder_width = 551"],
    },
}
