"""A training that is stopped, and goes on, ends like one that nobody disturbed.

`python -m benchmarks.sturdy.kills` stops and kills one fifty times.
"""

import pytest

from benchmarks.sturdy import kills


@pytest.mark.slow
def test_interrupts_at_random_moments_lose_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(kills, "EPOCHS", 12)
    unbroken, _ = kills.train(tmp_path / "unbroken.npz", seed=0)
    pressed, _, wrong = kills.interrupts(3, unbroken, 0.8, tmp_path)
    assert (pressed, wrong) == (3, [])
