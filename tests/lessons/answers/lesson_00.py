"""Lesson 0: answers that must fail, and others that must pass."""

ANSWERS = {
    1: {
        "wrong": ["numbers_per_digit = 28", "numbers_per_digit = 28 + 28"],
        "right": ["numbers_per_digit = np.prod(digits.x_test.shape[1:])"],
    },
    2: {
        "wrong": [
            # forgets to divide by the new p(x)
            """def rare_sevens(x):
    return 0.1 * norm.pdf(x, mean[1], std)""",
            # the rare class is the other one
            """def rare_sevens(x):
    seven = 0.9 * norm.pdf(x, mean[1], std)
    return seven / (seven + 0.1 * norm.pdf(x, mean[0], std))""",
        ],
        "right": [
            """def rare_sevens(x):
    odds = norm.pdf(x, mean[1], std) / norm.pdf(x, mean[0], std) / 9
    return odds / (1 + odds)"""
        ],
    },
    3: {
        "wrong": ["ink = -b / w", "ink = mean.mean()"],
        "right": [
            """grid = np.linspace(0, 26, 2001)
ink = grid[np.argmin(np.abs(rare_sevens(grid) - 0.5))]"""
        ],
    },
    4: {"wrong": ['answer = "a"', 'answer = "c"'], "right": ['answer = " B"']},
}
