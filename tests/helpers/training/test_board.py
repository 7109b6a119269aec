"""TensorBoard in the kernel: what a training run logged can be asked for by HTTP."""

import io
import json
import sys
import time
import types
import urllib.request

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from helpers import training
from helpers.training import board


def ask(url, wanted):
    """Return the JSON at `url` as soon as `wanted` holds of it."""
    for _ in range(100):
        with urllib.request.urlopen(url, timeout=10) as answer:
            found = json.load(answer)
        if wanted(found):
            return found
        time.sleep(0.1)
    pytest.fail(f"{url} answers {found}")


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("a <b> & 'c'")
    for name in ("one", "two"):
        training.fit(
            lambda x: {"loss": tf.reduce_mean(x)},
            np.ones((4, 2), "float32"),
            epochs=2,
            batch_size=2,
            snapshot=lambda step: np.full((4, 6), step / 4),
            snapshot_steps=(0, 4),
            log_dir=folder / name,
        )
    return folder


def test_losses_and_pictures_of_every_run_are_served(logs):
    served = board.open_board(logs)
    ask(f"{served.url}data/runs", lambda runs: sorted(runs) == ["one", "two"])
    query = "data/plugin/scalars/scalars?run=one&tag=loss"
    points = ask(served.url + query, lambda points: len(points) == 2)
    assert [(step, value) for _, step, value in points] == [(2, 1.0), (4, 1.0)]
    query = "data/plugin/images/images?run=two&tag=snapshot&sample=0"
    images = ask(served.url + query, lambda images: len(images) == 2)
    assert [image["step"] for image in images] == [0, 4]
    address = f"{served.url}data/plugin/images/individualImage?{images[1]['query']}"
    with urllib.request.urlopen(address, timeout=10) as answer:
        picture = np.asarray(Image.open(io.BytesIO(answer.read())))
    assert picture.shape[:2] == (4, 6) and (picture == 255).all()


def test_a_folder_is_served_once(logs):
    assert board.open_board(logs) is board.open_board(f"{logs}/one/..")


def test_the_view_is_closed_until_it_is_opened_and_escapes_its_address(logs):
    page = board.open_board(logs)._repr_html_()
    assert page.startswith("<details><summary>") and 'loading="lazy"' in page
    assert board.Board("x", 'http://h/"><b>', 9)._repr_html_().count("<b>") == 0


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="log_dir="):
        board.open_board(tmp_path / "none")


def test_colab_shows_it_through_its_own_proxy(logs, monkeypatch):
    asked = []
    fake = types.ModuleType("google.colab")
    fake.output = types.SimpleNamespace(
        serve_kernel_port_as_iframe=lambda port, height: asked.append((port, height))
    )
    monkeypatch.setitem(sys.modules, "google.colab", fake)
    served = board.open_board(logs, height=300)
    assert asked == [(int(served.url.rstrip("/").rpartition(":")[2]), 300)]
