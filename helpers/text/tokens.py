"""Text as whole numbers and back: characters or words, split and cut into windows."""

import re

import numpy as np

VISIBLE = {" ": "␣", "\n": "⏎", "\t": "⇥"}


class Vocabulary:
    """The tokens of a text, numbered in their order of sorting.

    `tokens` is a str, whose tokens are its characters, or a list of str. `size` keeps
    only that many, the most frequent; all others become `unknown`, number 0. Without
    a size, a token that is not in the vocabulary is refused. Raises ValueError for an
    empty text and for a size below 2.
    """

    unknown = "<unk>"

    def __init__(self, tokens, size=None):
        if len(tokens) == 0:
            raise ValueError(
                "The text is empty: a vocabulary needs at least one token."
            )
        if size is not None and size < 2:
            raise ValueError(f"size is {size}: give 2 or more, or None for all tokens.")
        known, counts = np.unique(list(tokens), return_counts=True)
        known = sorted(known.tolist())
        if size is not None:
            often = np.argsort(-counts, kind="stable")[: size - 1]
            known = [self.unknown, *sorted(known[i] for i in often)]
        self.tokens = tuple(known)
        self._open = size is not None
        self._number = {token: i for i, token in enumerate(known)}

    def __len__(self):
        return len(self.tokens)

    def __repr__(self):
        shown = "".join(map(visible, self.tokens[:100]))
        return f"{len(self)} tokens: {shown}{'…' if len(self) > 100 else ''}"

    def encode(self, tokens):
        """Return the numbers of a str's characters, or of a list of str: int32 (n,).

        Raises ValueError that names the tokens which are not in the vocabulary.
        """
        strangers = [] if self._open else sorted(set(tokens) - set(self._number))
        if strangers:
            named = ", ".join(repr(token) for token in strangers[:8])
            more = ", …" if len(strangers) > 8 else ""
            raise ValueError(
                f"The text has {named}{more}, which the training text never had: "
                f"leave it out, or use some of these: {''.join(self.tokens[:100])!r}"
            )
        return np.array([self._number.get(token, 0) for token in tokens], np.int32)

    def decode(self, ids):
        """Return the text of the numbers ids (n,) as one str.

        Raises ValueError for a number outside the vocabulary.
        """
        ids = np.asarray(ids)
        if ids.size and not (0 <= ids.min() and ids.max() < len(self)):
            raise ValueError(f"ids run {ids.min()} to {ids.max()}: {len(self)} tokens.")
        return "".join(self.tokens[i] for i in ids)


def words(text):
    """Return a list of words, each with the space before it, and of other characters.

    Any white space counts as one space, so that joining the list gives the text with
    its line breaks taken out.
    """
    return re.findall(r" ?[A-Za-z]+| ?[^A-Za-z ]| ", re.sub(r"\s+", " ", text))


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
