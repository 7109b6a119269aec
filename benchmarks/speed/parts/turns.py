"""The clock of the comparisons: contenders in one process that take turns.

Each contender trains in a thread of its own, which waits whenever it is not its turn:
only one of them runs at a time, after every other one, so that what else the machine
does meets them all. Traces and compilers have done their work before the first turn
that counts.
"""

import importlib.metadata
import importlib.util
import os
import platform
import threading
import time
from pathlib import Path

import numpy as np
import tensorflow as tf

WARM_UP, ROUNDS = 2, 5


class Over(BaseException):
    """Ends a contender's loop; no `except Exception` on the way holds it back."""


class Contender(threading.Thread):
    """A training loop that goes on for one epoch when it is told to."""

    def __init__(self, run):
        super().__init__(daemon=True)
        self.loop, self.error, self.over = run, None, False
        self.turn, self.pause = threading.Semaphore(0), threading.Semaphore(0)
        self.start()

    def run(self):
        self.turn.acquire()
        try:
            self.loop(self.tick)
        except Over:
            pass
        except BaseException as error:  # told by `seconds`, in the thread that asks
            self.error = error
        self.pause.release()

    def tick(self):
        """Called by the loop after each epoch: wait for the next turn."""
        self.pause.release()
        self.turn.acquire()
        if self.over:
            raise Over

    def seconds(self, epochs):
        """Let the loop run for so many epochs; return how long they took."""
        begin = time.perf_counter()
        for _ in range(epochs):
            self.turn.release()
            self.pause.acquire()
            if self.error:
                raise self.error
        return time.perf_counter() - begin

    def end(self):
        self.over = True
        self.turn.release()
        self.join()


def alternate(loops, epochs=1, rounds=ROUNDS, warm_up=WARM_UP):
    """Time loops {name: run(tick)}, which call tick() after each of endless epochs.

    Returns {name: seconds of an epoch (rounds,)}. They take turns of `epochs` epochs.
    """
    contenders = {name: Contender(run) for name, run in loops.items()}
    try:
        for contender in contenders.values():
            contender.seconds(warm_up)
        rows = [
            [contender.seconds(epochs) / epochs for contender in contenders.values()]
            for _ in range(rounds)
        ]
    finally:
        for contender in contenders.values():
            contender.end()
    return dict(zip(contenders, np.transpose(rows), strict=True))


def ratios(seconds, ours="ours"):
    """Return {rival: its time over ours, round by round}: above 1, ours is faster."""
    return {
        name: times / seconds[ours] for name, times in seconds.items() if name != ours
    }


def fastest(function, seconds=0.5, least=5):
    """Return the shortest time of function(), called for so long, in seconds."""
    function()
    times, begin = [], time.perf_counter()
    while len(times) < least or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def has_torch():
    return importlib.util.find_spec("torch") is not None


def cores():
    """How many threads TensorFlow takes for one operation."""
    return tf.config.threading.get_intra_op_parallelism_threads() or os.cpu_count()


def machine():
    """Return the machine and the versions, for the line above a table."""
    gpus = tf.config.list_physical_devices("GPU")
    names = [tf.config.experimental.get_device_details(g)["device_name"] for g in gpus]
    packages = ["tensorflow", "keras", *(["torch"] if has_torch() else [])]
    found = [f"{name} {importlib.metadata.version(name)}" for name in packages]
    return (
        f"{', '.join(names) or processor()}, {cores()} cores, {platform.system()}; "
        f"Python {platform.python_version()}, {', '.join(found)}"
    )


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(": ")[1] for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
