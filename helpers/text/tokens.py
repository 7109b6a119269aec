"""Text as whole numbers and back, and its split in two."""

import numpy as np

VISIBLE = {" ": "␣", "\n": "⏎", "\t": "⇥"}


class Vocabulary:
    """The characters of a text, numbered in their order of sorting: its tokens.

    Raises ValueError for an empty text.
    """

    def __init__(self, text):
        if not text:
            raise ValueError(
                "The text is empty: a vocabulary needs at least one token."
            )
        self.tokens = tuple(sorted(set(text)))
        self._number = {token: i for i, token in enumerate(self.tokens)}

    def __len__(self):
        return len(self.tokens)

    def __repr__(self):
        shown = "".join(map(visible, self.tokens[:100]))
        return f"{len(self)} tokens: {shown}{'…' if len(self) > 100 else ''}"

    def encode(self, text):
        """Return the numbers of a text's characters: int32 (n,).

        Raises ValueError that names the characters which are not in the vocabulary.
        """
        strangers = sorted(set(text) - set(self._number))
        if strangers:
            named = ", ".join(repr(token) for token in strangers[:8])
            more = ", …" if len(strangers) > 8 else ""
            raise ValueError(
                f"The text has {named}{more}, which the training text never had: "
                f"leave it out, or use some of these: {''.join(self.tokens[:100])!r}"
            )
        return np.array([self._number[token] for token in text], np.int32)

    def decode(self, ids):
        """Return the text of the numbers ids (n,) as one str.

        Raises ValueError for a number outside the vocabulary.
        """
        ids = np.asarray(ids)
        if ids.size and not (0 <= ids.min() and ids.max() < len(self)):
            raise ValueError(f"ids run {ids.min()} to {ids.max()}: {len(self)} tokens.")
        return "".join(self.tokens[i] for i in ids)


def split(ids, window, held_out=0.1):
    """Cut ids (n,) in two: all but the last tenth to learn from, the last to test.

    Raises ValueError when one of the two is shorter than a window and its answer.
    """
    cut = len(ids) - int(len(ids) * held_out)
    for name, part in (("training", ids[:cut]), ("held-out", ids[cut:])):
        if len(part) < window + 1:
            raise ValueError(
                f"The {name} text has {len(part)} tokens, a window and its answer need "
                f"{window + 1}: use a longer text or a shorter window."
            )
    return ids[:cut], ids[cut:]


def visible(token):
    """Return a token with its white space made visible: ␣ ⏎ ⇥."""
    return "".join(VISIBLE.get(character, character) for character in token)
