"""What watches a training run: snapshots, TensorBoard, the bar, the Stop button."""

import contextlib
import signal
import threading

import numpy as np
import tensorflow as tf
from tqdm.auto import tqdm

BAR = "{n:.1f} of {total} epochs |{bar}| {elapsed}<{remaining} {postfix}"


class Camera:
    """Calls snapshot(step) when one of the wanted steps has been reached."""

    def __init__(self, snapshot, steps):
        self.snapshot = snapshot
        self.wanted = sorted({int(step) for step in steps}) if snapshot else []

    def next(self, step):
        """The next wanted step after this one; infinity if there is none."""
        return next((wanted for wanted in self.wanted if wanted > step), float("inf"))

    def look(self, history, board):
        step = history.steps
        taken = [number for number, _ in history.snapshots]
        if step in self.wanted and step not in taken:
            picture = self.snapshot(step)
            if picture is not None:
                picture = _as_array(picture)
                history.snapshots.append((step, picture))
                board.image(picture, step)


def _as_array(picture):
    picture = np.asarray(picture)
    if picture.dtype.hasobject:
        raise ValueError("snapshot(step) must return an array of numbers, or None.")
    return picture


class TensorBoard:
    """Writes losses and pictures for TensorBoard; does nothing without a folder."""

    def __init__(self, folder):
        self.writer = tf.summary.create_file_writer(str(folder)) if folder else None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.writer:
            self.writer.close()

    def scalars(self, history):
        if self.writer:
            with self.writer.as_default(step=history.steps):
                for name, value in history.latest().items():
                    tf.summary.scalar(name, value)

    def image(self, picture, step):
        """Write a picture (h, w) or (h, w, 1 or 3), or several (n, h, w, 1 or 3)."""
        if picture.ndim == 2:
            picture = picture[..., None]
        if picture.ndim == 3:
            picture = picture[None]
        is_image = picture.ndim == 4 and picture.shape[-1] in (1, 3)
        if self.writer and is_image and picture.dtype.kind in "fu":
            with self.writer.as_default(step=step):
                tf.summary.image("snapshot", picture, max_outputs=16)


class Progress:
    """One bar for the run, with the last epoch's losses behind it."""

    def __init__(self, visible, total, history):
        self.steps_per_epoch = history.steps_per_epoch
        self.bar = tqdm(
            total=total // self.steps_per_epoch,
            initial=history.epochs,
            disable=not visible,
            unit="epoch",
            bar_format=BAR,
        )

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.bar.close()

    def show(self, history):
        if history.epochs:
            losses = {name: f"{v:.4g}" for name, v in history.latest().items()}
            self.bar.set_postfix(losses, refresh=False)
        self.bar.update(history.steps / self.steps_per_epoch - self.bar.n)


@contextlib.contextmanager
def stop_button():
    """Turn the first interrupt into a flag, so that no step is broken in half.

    Yields a function that says whether an interrupt came. A second one raises
    KeyboardInterrupt as usual.
    """
    interrupted = threading.Event()

    def remember(*_):
        if interrupted.is_set():
            raise KeyboardInterrupt
        interrupted.set()

    if threading.current_thread() is not threading.main_thread():
        yield interrupted.is_set  # signals reach the main thread only
        return
    previous = signal.signal(signal.SIGINT, remember)
    try:
        yield interrupted.is_set
    finally:
        signal.signal(signal.SIGINT, previous)
