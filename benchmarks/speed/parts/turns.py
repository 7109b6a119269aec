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

import numpy as np
import tensorflow as tf

from helpers import machine as hardware

ROUNDS = 5


class Over(BaseException):
    """Ends a contender's loop; no `except Exception` on the way holds it back."""


class Contender(threading.Thread):
    """A training loop that goes on for a turn when it is told to.

    The loop is run(tick). In each of endless turns it trains for two epochs and calls
    tick(seconds of the second): the first one finds the caches as the others left them.
    """

    def __init__(self, run):
        super().__init__(daemon=True)
        self.loop, self.error, self.over, self.seconds = run, None, False, None
        self.turn, self.pause = threading.Semaphore(0), threading.Semaphore(0)
        self.start()

    def run(self):
        self.turn.acquire()
        try:
            self.loop(self.tick)
        except Over:
            pass
        except BaseException as error:  # raised by `take_turn`, in the thread that asks
            self.error = error
        self.pause.release()

    def tick(self, seconds):
        self.seconds = seconds
        self.pause.release()
        self.turn.acquire()
        if self.over:
            raise Over

    def take_turn(self):
        """Let the loop run for a turn; return the seconds of its second epoch."""
        self.turn.release()
        self.pause.acquire()
        if self.error:
            raise self.error
        return self.seconds

    def end(self):
        self.over = True
        self.turn.release()
        self.join()


def second_of_two(tick):
    """Return at_end(), to be called after each epoch: every second call ticks."""
    begin = []

    def at_end():
        if begin:
            tick(time.perf_counter() - begin.pop())
        else:
            begin.append(time.perf_counter())

    return at_end


def alternate(loops, rounds=ROUNDS):
    """Time loops {name: run(tick)} that take turns: {name: seconds an epoch (rounds,)}.

    The first turn of each, in which it traces and compiles, does not count.
    """
    contenders = {name: Contender(run) for name, run in loops.items()}
    try:
        rows = [[c.take_turn() for c in contenders.values()] for _ in range(rounds + 1)]
    finally:
        for contender in contenders.values():
            contender.end()
    return dict(zip(contenders, np.transpose(rows[1:]), strict=True))


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
    here = ", ".join(names) or hardware.processor()
    return (
        f"{here}, {cores()} cores, {platform.system()}; "
        f"Python {platform.python_version()}, {', '.join(found)}"
    )
