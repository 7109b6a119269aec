"""How much of a text is copied from another."""


def longest_shared(passage, text):
    """Return the longest piece of `passage` that also stands in `text`, as a str.

    The first of several that are equally long; "" if no character is shared.
    """
    best, start = 0, 0
    for i in range(len(passage)):
        # A piece is shared only if all of its beginnings are, so grow it by one.
        while i + best < len(passage) and passage[i : i + best + 1] in text:
            best, start = best + 1, i
    return passage[start : start + best]
