"""Tables on the terminal."""


def show(head, rows):
    """Print rows of text below a head, the first column to the left."""
    columns = list(zip(head, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    for row in [head, *rows]:
        first, *others = (cell for cell in row)
        cells = [first.ljust(widths[0])]
        cells += [c.rjust(w) for c, w in zip(others, widths[1:], strict=True)]
        print("  ".join(cells).rstrip())
    print()
