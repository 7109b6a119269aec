"""What the first lines of a notebook call when they run in Google Colab.

Colab brings TensorFlow, Keras, NumPy and most of the rest. Reinstalling any of
them breaks its GPU set-up, so only what is missing is installed, from this list.
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
