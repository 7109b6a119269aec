"""Compiled training steps and the one fit loop of the course.

A step is a plain Python function: it takes the tensors of one batch, updates
the model, and returns a dict of scalar losses. `fit` keeps the data on the
device and takes many steps in one call of one graph.
"""

from helpers.training.board import open_board
from helpers.training.history import History
from helpers.training.loop import compiled, count_steps, fit, gradient_step, log_spaced
from helpers.training.xla import xla_works

__all__ = [
    "History",
    "compiled",
    "count_steps",
    "fit",
    "gradient_step",
    "log_spaced",
    "open_board",
    "xla_works",
]
