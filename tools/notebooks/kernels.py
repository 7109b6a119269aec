"""A notebook in a fresh kernel: how all tools and tests of the course run one."""

from nbclient import NotebookClient


def client(notebook, folder, **options):
    """Return the nbclient.NotebookClient that runs `notebook` in `folder`.

    The kernel is that of this Python, a cell may take any time, and widgets leave no
    state behind; `options` say otherwise.
    """
    usual = {"timeout": None, "kernel_name": "python3", "store_widget_state": False}
    place = {"metadata": {"path": str(folder)}}
    return NotebookClient(notebook, resources=place, **usual | options)
