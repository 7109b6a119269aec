"""TensorBoard in a notebook: served by a thread of the kernel, no process is left."""

import html
import logging
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from helpers import runtime

RELOAD_SECONDS = 5
_open = {}  # resolved folder -> Board


@dataclass(frozen=True)
class Board:
    """A TensorBoard that runs in this kernel, and ends with it."""

    folder: str
    url: str
    height: int

    def __repr__(self):
        return f"TensorBoard of {self.folder} at {self.url}"

    def _repr_html_(self):
        url = html.escape(self.url, quote=True)
        # Loaded when it is opened: a page kept without its kernel stays whole.
        return (
            f"<details><summary>TensorBoard at {url}: click to open it here</summary>"
            f'<iframe src="{url}" title="TensorBoard" loading="lazy" width="100%" '
            f'height="{self.height}" style="border: 0"></iframe></details>'
        )


def open_board(log_dir, height=640):
    """Serve the logs below a folder with TensorBoard; return it, to be displayed.

    log_dir is a folder in which each training run has a folder of its own, the
    `log_dir` of `training.fit`; it is looked at again every few seconds. A folder is
    served once, however often this is called. The address is that of the kernel's
    own machine; in Colab the view is shown through Colab's proxy. height is in
    pixels. Raises FileNotFoundError if there is no such folder.
    """
    folder = Path(log_dir).resolve()
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}: train with log_dir=.")
    if folder not in _open:
        _open[folder] = Board(str(folder), _launch(folder), height)
    board = _open[folder]
    if runtime.in_colab():
        from google.colab import output

        output.serve_kernel_port_as_iframe(urlsplit(board.url).port, height=height)
    return board


def _launch(folder):
    """Start a server on a free port; return its address."""
    from tensorboard import program  # slow to import, and few cells need it

    logging.getLogger("tensorboard").setLevel(logging.ERROR)
    server = program.TensorBoard()
    # The fast loader would be a process of its own.
    server.configure(
        logdir=str(folder),
        port=0,
        load_fast="false",
        reload_interval=RELOAD_SECONDS,
    )
    return server.launch()
