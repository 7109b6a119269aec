"""What a training run leaves behind, and how it is kept on disk."""

import re
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import numpy as np

from helpers import runtime

FORMAT = 1  # of checkpoints


@dataclass
class History:
    """The losses of a training run.

    `history["loss"]` is an array with one value an epoch: the mean over the
    epoch's steps, or what `evaluate` returned. An epoch that was broken off is
    not in it. `history.batches["loss"]` has one value a step.
    """

    steps_per_epoch: int
    batches: dict = field(default_factory=dict)
    evaluations: dict = field(default_factory=dict)
    snapshots: list = field(default_factory=list)
    seconds: float = 0.0

    @property
    def steps(self):
        """How many steps were taken."""
        return len(next(iter(self.batches.values()), ()))

    @property
    def epochs(self):
        """How many epochs were completed."""
        return self.steps // self.steps_per_epoch

    @property
    def names(self):
        """The names that `history[name]` accepts."""
        return [*self.batches, *self.evaluations]

    def __getitem__(self, name):
        if name in self.evaluations:
            return self.evaluations[name]
        if name not in self.batches:
            raise KeyError(f"no loss {name!r} here: there are {', '.join(self.names)}")
        whole = self.batches[name][: self.epochs * self.steps_per_epoch]
        return whole.reshape(self.epochs, self.steps_per_epoch).mean(axis=1)

    def add_steps(self, names, values):
        """Append the losses of some steps: values (steps, names)."""
        for name, column in zip(names, np.transpose(values), strict=True):
            self.batches[name] = np.append(
                self.batches.get(name, np.empty(0, "float32")), column
            )

    def add_evaluation(self, values):
        """Append one epoch's values of `evaluate`: a dict of numbers."""
        for name, value in values.items():
            if name in self.batches:
                raise ValueError(
                    f"evaluate() returns {name!r}, which is the name of a training "
                    "loss: give it another name, such as 'test_" + name + "'."
                )
            self.evaluations[name] = np.append(
                self.evaluations.get(name, np.empty(0)), float(value)
            )

    def latest(self):
        """The last epoch's values, as a dict of floats."""
        return {name: float(self[name][-1]) for name in self.names if len(self[name])}


def save_checkpoint(path, settings, variables, history):
    """Write the variables, in order, and the history to one .npz file.

    settings is a dict of integers that must be the same when the run goes on.
    The file is written whole or not at all.
    """
    content = {"format": FORMAT, "variables": _names(variables)}
    content["steps_per_epoch"] = history.steps_per_epoch
    content["seconds"] = history.seconds
    content |= {f"setting/{name}": value for name, value in settings.items()}
    content |= {f"variable/{i:04}": v.numpy() for i, v in enumerate(variables)}
    content |= {f"batches/{name}": v for name, v in history.batches.items()}
    content |= {f"evaluation/{name}": v for name, v in history.evaluations.items()}
    content |= {f"snapshot/{step:09}": value for step, value in history.snapshots}
    runtime.write_whole(path, lambda file: np.savez(file, **content))


def load_checkpoint(path, settings, names, variables):
    """Set the variables from a checkpoint and return its History.

    Raises ValueError if the file is damaged, of another version of the course, or of
    another run: other settings, other names of losses, other variables. Then nothing
    is set.
    """
    content = _read(Path(path))
    _check_format(path, content)
    _check_settings(path, _part(content, "setting"), settings)
    batches = _part(content, "batches")
    if batches and sorted(batches) != sorted(names):
        raise ValueError(
            f"The checkpoint {path} belongs to another run: its losses are "
            f"{', '.join(sorted(batches))}, here they are {', '.join(sorted(names))}. "
            "Use another file, or delete this one to start anew."
        )
    values = list(_part(content, "variable").values())
    _check_variables(path, content["variables"], values, variables)
    history = History(
        steps_per_epoch=int(content["steps_per_epoch"]),
        batches=batches,
        evaluations=_part(content, "evaluation"),
        snapshots=[(int(k), v) for k, v in _part(content, "snapshot").items()],
        seconds=float(content["seconds"]),
    )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return history


def _read(path):
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except Exception as error:  # a damaged zip raises a dozen different ones
        raise ValueError(
            f"The checkpoint {path} cannot be read ({error}). Delete it to start "
            "the training anew."
        ) from error


def _part(content, kind):
    """The entries "kind/name" of content, without the "kind/", in order."""
    prefix = f"{kind}/"
    return {k[len(prefix) :]: v for k, v in content.items() if k.startswith(prefix)}


def _check_format(path, content):
    found = content.get("format", "none")
    if "steps_per_epoch" in content and found != FORMAT:
        raise ValueError(
            f"The checkpoint {path} was written by another version of the course: its "
            f"format is {found}, here it is {FORMAT}. Use another file, or delete this "
            "one to start anew."
        )


def _check_variables(path, names, values, variables):
    found = [f"{n} {v.shape}" for n, v in zip(names, values, strict=True)]
    here = zip(_names(variables), variables, strict=True)
    wanted = [f"{n} {tuple(v.shape)}" for n, v in here]
    if found != wanted:
        pairs = zip_longest(found, wanted, fillvalue="missing")
        there, here = next(pair for pair in pairs if pair[0] != pair[1])
        raise ValueError(
            f"The checkpoint {path} was made by another model or optimizer: a variable "
            f"is {there} there and {here} here. Use another file, or delete this one "
            "to start anew."
        )


def _names(variables):
    """The variables' names without the numbers that tell one kernel's from another's.

    Keras counts its layers: what is dense_3 today was dense before the cell ran twice.
    """
    return [re.sub(r"_?\d+", "", variable.name) for variable in variables]


def _check_settings(path, found, wanted):
    for name, value in wanted.items():
        if name not in found or int(found[name]) != value:
            raise ValueError(
                f"The checkpoint {path} belongs to another run: its {name} is "
                f"{found.get(name, 'missing')}, here it is {value}. Use another file, "
                "or delete this one to start anew."
            )
