"""Fill a classroom folder with the data of the `full` profile, once, with internet.

Run `python -m tools.assets.fetch_course_data FOLDER`, then start the course with
COURSE_DATA=FOLDER. About 450 MB are downloaded, by Keras into its own cache, and
checked; the folder is touched only when everything is there.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from helpers.data import published


def stage(folder):
    """Download everything into `folder` and read it back as the lessons will."""
    for name in published.IMAGE_SHAPES:
        print(f"{name} ...", flush=True)
        np.savez_compressed(folder / name, **published.download_images(name))
        published.read_images(folder / name)
    for name in (published.TEXT, *published.WEIGHTS):
        print(f"{name} ...", flush=True)
        shutil.copyfile(published.download(name), folder / name)


def fill(folder):
    """Fill `folder` with the data of the `full` profile, or leave it as it was."""
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as staging:
            stage(Path(staging))
            for path in Path(staging).iterdir():
                os.replace(path, folder / path.name)
    except BaseException:
        if is_new:
            shutil.rmtree(folder)
        raise


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    folder = parser.parse_args().folder
    try:
        fill(folder)
    except (OSError, ValueError) as error:
        sys.exit(f"Nothing was written to {folder}: {error}")
    print(f"Start the course with COURSE_DATA={folder.resolve()}")


if __name__ == "__main__":
    main()
