"""What the first lines of a notebook call when they run in Google Colab.

Colab brings TensorFlow, Keras, NumPy and most of the rest. Reinstalling any of
them breaks its GPU set-up, so only what is missing is installed, from this list.
Where TensorFlow itself is missing or old, `runtime.setup` says what to choose instead.
"""

import importlib
import importlib.util
import subprocess
import sys

# Module: the line of pyproject.toml that brings it.
MAY_BE_MISSING = {
    "anywidget": "anywidget>=0.9.10",
    "ffmpeg": "ffmpeg-python>=0.2",
    "imageio_ffmpeg": "imageio-ffmpeg>=0.5",
}


def prepare():
    """Make a Colab kernel ready for the course; return what had to be installed.

    Raises subprocess.CalledProcessError if pip fails.
    """
    installed = install_missing()
    use_text_bars()
    return installed


def use_text_bars():
    """Let `tqdm.auto` draw progress bars as text.

    Colab saves the state of bars that are widgets in a form with which GitHub and
    nbconvert refuse to show the notebook ("the 'state' key is missing").
    """
    import tqdm.auto

    tqdm.auto.tqdm, tqdm.auto.trange = tqdm.tqdm, tqdm.trange


def install_missing():
    """Install what the course needs and Colab lacks; return the list of it.

    Raises subprocess.CalledProcessError if pip fails.
    """
    missing = [
        requirement
        for module, requirement in MAY_BE_MISSING.items()
        if importlib.util.find_spec(module) is None
    ]
    if missing:
        pip = [sys.executable, "-m", "pip", "install", "--quiet"]
        subprocess.run(pip + missing, check=True)
        importlib.invalidate_caches()
    return missing
