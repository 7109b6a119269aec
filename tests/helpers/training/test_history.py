"""The History alone, and the file that it is kept in."""

import os

import numpy as np
import pytest

from helpers.training import history
from helpers.training.history import History, load_checkpoint, save_checkpoint

SETTINGS = {"examples": 20, "seed": 3}


class Variable:
    """As much of a variable as a checkpoint needs."""

    def __init__(self, value, name="dense/kernel"):
        self.name = name
        self.value = np.asarray(value)
        self.shape = self.value.shape

    def numpy(self):
        return self.value

    def assign(self, value):
        self.value = value


@pytest.fixture
def run():
    """Two and a half epochs of four steps."""
    made = History(steps_per_epoch=4)
    made.add_steps(["kl", "loss"], [[10 * i, i] for i in range(6)])
    made.add_steps(["kl", "loss"], [[10 * i, i] for i in range(6, 10)])
    made.add_evaluation({"score": 0.5})
    made.add_evaluation({"score": 0.75})
    made.snapshots += [(0, np.zeros((2, 2))), (10, np.arange(3))]
    made.seconds = 1.5
    return made


def test_one_value_an_epoch_is_the_mean_of_its_steps(run):
    assert run["loss"].tolist() == [1.5, 5.5]  # 8 and 9 are of a broken-off epoch
    assert run["kl"].tolist() == [15, 55]
    assert run.batches["loss"].tolist() == list(range(10))
    assert (run.steps, run.epochs) == (10, 2)


def test_evaluations_stand_beside_losses(run):
    assert run["score"].tolist() == [0.5, 0.75]
    assert run.names == ["kl", "loss", "score"]
    assert run.latest() == {"kl": 55, "loss": 5.5, "score": 0.75}


def test_unknown_name_lists_those_there_are(run):
    with pytest.raises(KeyError, match="'accuracy'.*kl, loss, score"):
        run["accuracy"]


def test_empty_history():
    empty = History(steps_per_epoch=4)
    assert (empty.steps, empty.epochs, empty.names, empty.latest()) == (0, 0, [], {})


def test_before_the_first_epoch_ends_there_is_no_value():
    begun = History(steps_per_epoch=4)
    begun.add_steps(["loss"], [[1.0]])
    assert begun["loss"].tolist() == []
    assert begun.latest() == {}


def test_evaluation_under_a_losss_name_is_refused(run):
    with pytest.raises(ValueError, match="'kl'.*'test_kl'"):
        run.add_evaluation({"kl": 1})


def variables():
    return [Variable(np.arange(6.0).reshape(2, 3)), Variable(np.int64(7))]


def test_checkpoint_gives_back_what_was_saved(run, tmp_path):
    path = tmp_path / "run.npz"
    save_checkpoint(path, SETTINGS, variables(), run)
    blank = [Variable(np.zeros((2, 3))), Variable(np.int64(0))]
    loaded = load_checkpoint(path, SETTINGS, ["loss", "kl"], blank)
    for new, old in zip(blank, variables(), strict=True):
        np.testing.assert_array_equal(new.value, old.value)
    assert (loaded.steps, loaded.epochs, loaded.seconds) == (10, 2, 1.5)
    for name in run.names:
        np.testing.assert_array_equal(loaded[name], run[name])
    for (a, x), (b, y) in zip(loaded.snapshots, run.snapshots, strict=True):
        assert a == b
        np.testing.assert_array_equal(x, y)


def test_checkpoint_keeps_the_order_of_more_than_ten_variables(run, tmp_path):
    many = [Variable(np.float32(i)) for i in range(120)]
    save_checkpoint(tmp_path / "run.npz", SETTINGS, many, run)
    blank = [Variable(np.float32(0)) for _ in many]
    load_checkpoint(tmp_path / "run.npz", SETTINGS, ["loss", "kl"], blank)
    assert [v.value for v in blank] == list(range(120))


def test_checkpoint_of_a_run_that_never_stepped(tmp_path):
    path = tmp_path / "run.npz"
    save_checkpoint(path, SETTINGS, variables(), History(4))
    assert load_checkpoint(path, SETTINGS, ["loss"], variables()).steps == 0


def test_checkpoint_holds_no_pickle(run, tmp_path):
    path = tmp_path / "run.npz"
    save_checkpoint(path, SETTINGS, variables(), run)
    with np.load(path, allow_pickle=False) as file:
        assert all(not file[name].dtype.hasobject for name in file.files)


def test_failing_save_keeps_the_old_checkpoint(run, tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    save_checkpoint(path, SETTINGS, variables(), run)
    content = path.read_bytes()

    def full_disk(file, **_):
        file.write(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(history.np, "savez", full_disk)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(path, SETTINGS, variables(), run)
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["run.npz"]


def test_a_full_disk_keeps_the_old_checkpoint_and_says_so(run, small_disk):
    path = small_disk / "run.npz"
    save_checkpoint(path, SETTINGS, variables(), run)
    content = path.read_bytes()
    with pytest.raises(OSError, match="disk is full.*as it was.*run.npz"):
        save_checkpoint(path, SETTINGS, [Variable(np.zeros(1_000_000))], run)
    assert path.read_bytes() == content
    assert os.listdir(small_disk) == ["run.npz"]


def test_a_checkpoint_of_another_version_is_named(run, tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    monkeypatch.setattr(history, "FORMAT", 7)
    save_checkpoint(path, SETTINGS, variables(), run)
    monkeypatch.undo()
    with pytest.raises(ValueError, match="another version.*format is 7, here it is 1"):
        load_checkpoint(path, SETTINGS, ["loss", "kl"], variables())


def test_variables_of_another_name_are_another_models(run, tmp_path):
    path = tmp_path / "run.npz"
    save_checkpoint(path, SETTINGS, variables(), run)
    other = variables()
    other[1].name = "adam/iteration"
    found = r"dense/kernel \(\) there and adam/iteration \(\) here"
    with pytest.raises(ValueError, match=f"another model.*{found}"):
        load_checkpoint(path, SETTINGS, ["loss", "kl"], other)


def test_the_numbers_in_names_do_not_count(run, tmp_path):
    """A cell that runs twice makes dense_1 of what was dense."""
    path = tmp_path / "run.npz"
    save_checkpoint(path, SETTINGS, variables(), run)
    again = variables()
    again[0].name = "dense_12/kernel"
    load_checkpoint(path, SETTINGS, ["loss", "kl"], again)


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "digits.npz"
    np.savez(path, x_train=np.zeros(3))
    with pytest.raises(ValueError, match="belongs to another run: its examples is mis"):
        load_checkpoint(path, SETTINGS, ["loss"], variables())


def test_every_cut_of_a_checkpoint_is_refused(run, tmp_path):
    path = tmp_path / "run.npz"
    save_checkpoint(path, SETTINGS, variables(), run)
    content = path.read_bytes()
    for length in range(0, len(content), 37):
        path.write_bytes(content[:length])
        kept = variables()
        with pytest.raises(ValueError, match="cannot be read.*Delete"):
            load_checkpoint(path, SETTINGS, ["loss", "kl"], kept)
        np.testing.assert_array_equal(kept[0].value, variables()[0].value)
