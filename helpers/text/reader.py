"""What a reader could say about a place in a text: three numbers a character."""

import numpy as np


def properties(text):
    """Return {name: float (n,)} for the n characters of a text, each counted in.

    in quotes: 1 from an opening " to before its closing one, which a paragraph's end
    also closes; place in the line: characters since its beginning, 0 at its end;
    place in the word: letters since its beginning, 0 outside.
    """
    quoted, column, letters, rows = 0, 0, 0, []
    for i, character in enumerate(text):
        if character == '"':
            quoted = 1 - quoted
        elif character == "\n" and text[i - 1 : i] == "\n":
            quoted = 0
        column = 0 if character == "\n" else column + 1
        letters = letters + 1 if character.isalpha() else 0
        rows.append((quoted, column, letters))
    names = ("in quotes", "place in the line", "place in the word")
    columns = np.array(rows, float).reshape(-1, 3).T
    return dict(zip(names, columns, strict=True))


def correlations(units, feature):
    """Return Pearson's r of each unit (n, units) with a feature (n,): (units,).

    A unit or feature that never changes has r = 0.
    """
    units = units - units.mean(axis=0)
    feature = feature - feature.mean()
    norms = np.linalg.norm(units, axis=0) * np.linalg.norm(feature)
    return feature @ units / np.where(norms > 0, norms, 1)
