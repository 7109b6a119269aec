"""Lesson 8: answers that must fail, and others that must pass."""

ANSWERS = {
    1: {
        "wrong": ['grows_more = "Gram matrices"', 'grows_more = "both alike"'],
        "right": ['grows_more = " Features"'],
    },
    2: {
        "wrong": [
            # every pair twice
            "different_numbers = 256**2",
            # the diagonal forgotten
            "different_numbers = 256 * 255 // 2",
        ],
        "right": ["different_numbers = len(np.triu_indices(256)[0])"],
    },
    3: {
        "wrong": [
            # squares
            """def absolute_roughness(images):
    down, right = np.diff(images, axis=1), np.diff(images, axis=2)
    squares = (down**2).sum((1, 2, 3)) + (right**2).sum((1, 2, 3))
    return squares / images[0].size""",
            # one number for the batch
            """def absolute_roughness(images):
    down, right = np.diff(images, axis=1), np.diff(images, axis=2)
    return (np.abs(down).sum() + np.abs(right).sum()) / images.size""",
            # the mean over the differences that there are
            """def absolute_roughness(images):
    down, right = np.diff(images, axis=1), np.diff(images, axis=2)
    return np.abs(down).mean((1, 2, 3)) + np.abs(right).mean((1, 2, 3))""",
        ],
        "right": [
            """def absolute_roughness(images):
    down = np.abs(np.diff(images, axis=1, append=images[:, -1:]))
    right = np.abs(np.diff(images, axis=2, append=images[:, :, -1:]))
    return (down + right).mean(axis=(1, 2, 3))"""
        ],
    },
    4: {
        "wrong": [
            # variances
            """def channel_statistics(features):
    means, variances = ops.moments(features, axes=(1, 2))
    return ops.concatenate([means, variances], axis=1)""",
            # the other order
            """def channel_statistics(features):
    means, variances = ops.moments(features, axes=(1, 2))
    return ops.concatenate([ops.sqrt(variances), means], axis=1)""",
            # over the channels instead of the places
            """def channel_statistics(features):
    means, variances = ops.moments(features, axes=(2, 3))
    return ops.concatenate([means, ops.sqrt(variances)], axis=1)""",
        ],
        "right": [
            """def channel_statistics(features):
    flat = np.reshape(features, (len(features), -1, features.shape[-1]))
    return np.hstack([flat.mean(axis=1), flat.std(axis=1)])"""
        ],
    },
    5: {
        "wrong": [
            # divided by all places
            """def masked_gram(features, mask):
    return gram(features * mask[None, :, :, None])""",
            # without the mask
            """def masked_gram(features, mask):
    return gram(features)""",
            # divided by the mask's places, but not by the channels
            """def masked_gram(features, mask):
    chosen = features * mask[None, :, :, None]
    return ops.einsum("nijk,nijl->nkl", chosen, chosen) / ops.sum(mask)""",
        ],
        "right": [
            """def masked_gram(features, mask):
    chosen = features[:, mask > 0]
    places, channels = chosen.shape[1:]
    return np.swapaxes(chosen, 1, 2) @ chosen / (places * channels)"""
        ],
    },
    6: {
        "wrong": [
            "def field_of_view(layer):\n    return 3",
            # the convolutions counted, the poolings forgotten
            """def field_of_view(layer):
    return 3 + 4 * (int(layer[5]) - 1)""",
            # of the features, not of the picture
            """def field_of_view(layer):
    return features(np.zeros((1, 24, 24, 3)))[layer].shape[1]""",
        ],
        "right": [
            """def field_of_view(layer):
    field, step = 3, 1
    for _ in range(1, int(layer[5])):
        field += 2 * step  # the block's second convolution
        field += step  # the pooling
        step *= 2
        field += 2 * step  # the next block's first one
    return field"""
        ],
    },
}
