"""Small tables of results, shown by a notebook as a table, elsewhere as text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Rows under column names; numbers are shown with four significant digits."""

    columns: tuple
    rows: tuple

    def __post_init__(self):
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"row {row} does not fit the columns {self.columns}")

    def _cells(self):
        body = [tuple(_text(value) for value in row) for row in self.rows]
        return [tuple(map(str, self.columns)), *body]

    def __repr__(self):
        cells = self._cells()
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        return "\n".join(
            "  ".join(
                text.ljust(width) for text, width in zip(row, widths, strict=True)
            )
            for row in cells
        )

    def _repr_markdown_(self):
        cells = [[text.replace("|", "\\|") for text in row] for row in self._cells()]
        head, *body = ["| " + " | ".join(row) + " |" for row in cells]
        rule = "|" + "---|" * len(self.columns)
        return "\n".join([head, rule, *body])


def table(columns, rows):
    """Return a Table: columns is a list of names, rows a list of lists of values.

    Raises ValueError for a row that is not as long as the columns.
    """
    return Table(tuple(columns), tuple(tuple(row) for row in rows))


def spread(values, form="{:.4f}"):
    """Return "mean ± half range" of the same number from several runs."""
    values = [float(value) for value in values]
    if not values:
        raise ValueError("values is empty")
    mean = sum(values) / len(values)
    half = (max(values) - min(values)) / 2
    return f"{form.format(mean)} ± {form.format(half)}"


def _text(value):
    if isinstance(value, bool | str):
        return str(value)
    try:
        return f"{value:,}" if isinstance(value, int) else f"{float(value):.4g}"
    except (TypeError, ValueError):
        return str(value)
