"""What a lesson leaves for the scoreboard: a file a model, written whole or not at all.

A result is numbers and small pictures of one model, kept as JSON in the folder
`results` of the course, one folder a profile, with the machine and the versions that
they belong to.
"""

import base64
import json
import math
import platform
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers import runtime

FOLDER = Path(__file__).resolve().parents[1] / "results"
FORMAT = 1  # of the files; one of another format is named and not used


@dataclass(frozen=True, eq=False)
class Result:
    """One model's numbers {name: float} and pictures {name: uint8 (n, h, w[, c])}."""

    model: str
    numbers: dict
    pictures: dict
    profile: str
    machine: str
    versions: dict

    def __repr__(self):
        return f"{self.model}: {len(self.numbers)} numbers, profile {self.profile}"


@dataclass(frozen=True)
class Note:
    """What became of a result; a notebook shows it as one line."""

    text: str

    def __repr__(self):
        return self.text


def save(model, card, folder=None):
    """Keep a model's card, {"numbers": {...}, "pictures": {...}}, for the scoreboard.

    model names it; a result of that name is replaced. numbers are finite floats,
    pictures uint8 arrays. Returns a Note that says where it went, or, where nothing
    can be written, why: a lesson goes on without. Raises ValueError for a card that
    holds something else.
    """
    record = {
        "format": FORMAT,
        "model": model,
        "profile": runtime.profile(),
        "machine": f"{platform.machine()}, {platform.system()}",
        "versions": runtime.versions(),
        "numbers": _checked_numbers(card["numbers"]),
        "pictures": {
            name: _packed(name, array)
            for name, array in card.get("pictures", {}).items()
        },
    }
    folder = FOLDER / runtime.profile() if folder is None else Path(folder)
    path = folder / f"{_file_name(model)}.json"
    content = json.dumps(record, indent=1).encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        runtime.write_whole(path, lambda file: file.write(content))
    except OSError as error:
        why = error.strerror or type(error).__name__
        return Note(f"{model} is not kept for lesson 10: {path}: {why}.")
    return Note(f"{model} is kept for lesson 10: {path}")


def load(folder=None):
    """Return ({model: Result}, {file name: why it is not used}) of a folder.

    Used are whole files of this format, of the current profile and the current
    versions of TensorFlow and Keras. A folder that is not there holds nothing.
    """
    folder = FOLDER / runtime.profile() if folder is None else Path(folder)
    used, refused = {}, {}
    for path in sorted(folder.glob("*.json")):
        try:
            result = _read(path)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            refused[path.name] = f"damaged ({error or type(error).__name__})"
            continue
        if why := _foreign(result):
            refused[path.name] = why
        else:
            used[result.model] = result
    return used, refused


def _read(path):
    record = json.loads(path.read_text(encoding="utf-8"))
    if record["format"] != FORMAT:
        raise ValueError(f"format {record['format']}, expected {FORMAT}")
    return Result(
        model=str(record["model"]),
        numbers=_checked_numbers(record["numbers"]),
        pictures={name: _unpacked(p) for name, p in record["pictures"].items()},
        profile=record["profile"],
        machine=str(record["machine"]),
        versions=dict(record["versions"]),
    )


def _foreign(result):
    """Return why a sound result is not one of this run's, or ""."""
    if result.profile != runtime.profile():
        return f"made in the profile {result.profile!r}"
    for package, version in runtime.versions().items():
        if result.versions.get(package) != version:
            return f"made with {package} {result.versions.get(package)}, not {version}"
    return ""


def _checked_numbers(numbers):
    checked = {str(name): float(value) for name, value in numbers.items()}
    if wrong := [name for name, value in checked.items() if not math.isfinite(value)]:
        raise ValueError(f"not finite: {', '.join(wrong)}")
    return checked


def _packed(name, array):
    array = np.asarray(array)
    if array.dtype != np.uint8 or array.ndim not in (3, 4):
        raise ValueError(
            f"pictures {name!r} are {array.dtype} {array.shape}: give uint8 (n, h, w)."
        )
    content = base64.b64encode(array.tobytes()).decode()
    return {"shape": array.shape, "uint8": content}


def _unpacked(packed):
    content = base64.b64decode(packed["uint8"], validate=True)
    return np.frombuffer(content, np.uint8).reshape(packed["shape"])


def _file_name(model):
    name = re.sub(r"[^a-z0-9]+", "_", model.lower()).strip("_")
    if not name:
        raise ValueError(f"{model!r} has no letter or digit to name a file by.")
    return name
