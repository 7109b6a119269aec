"""Frames of a training run as a GIF or an MP4, by way of ffmpeg-python."""

import base64
import contextlib
import html
import math
import os
import shutil
import tempfile
from pathlib import Path

from helpers import runtime
from helpers.animation import frames

INLINE_BYTES = 740_000  # as base64 in the notebook: less than 1 MB
STAND_IN_BYTES = 370_000  # of them for the GIF that stands in for a video,
STAND_IN_SIDE = 240  # which has at most so many pixels a side, to be made quickly
GIF_BYTES = 1_000_000  # a GIF gives up colours, to the last of these, to be so small
GIF_COLOURS = (256, 128, 64, 32)
FEW_COLOURS = (64,)
SMALLEST_SIDE = 48  # pixels; below it, `show` gives up shrinking


class Recorder:
    """Collects frames in memory and makes an animation of them.

    `fps` is frames per second (at most 50, GIF's limit). The last frame stays for
    `hold` seconds. `label` is the word before the step number. Frames with a side
    below `smallest` pixels are enlarged by a whole factor, so pixels stay crisp.
    Raises ValueError for `fps` outside (0, 50] or a negative `hold`.
    """

    def __init__(self, fps=12, *, hold=1.0, label="step", smallest=224):
        if not 0 < fps <= 50:
            raise ValueError(f"fps is {fps!r}: choose more than 0 and at most 50.")
        if hold < 0:
            raise ValueError(f"hold is {hold!r} seconds: it cannot be negative.")
        self.fps, self.hold = fps, hold
        self.label, self.smallest = label, smallest
        self.frames, self.steps = [], []

    def __len__(self):
        return len(self.frames)

    def __repr__(self):
        if not self.frames:
            return "Recorder: no frames yet"
        height, width = self.frames[0].shape[:2]
        return f"Recorder: {len(self)} frames of {width}x{height} at {self.fps} fps"

    def add(self, frame, step=None):
        """Add one frame; its step number, if given, is drawn below it.

        `frame` is an array (h, w), (h, w, 1) or (h, w, 3) of uint8 or of floats in
        [0, 1], or a matplotlib figure, which pyplot then no longer displays.
        Raises ValueError if it is no picture, or not of the first frame's size.
        """
        pixels = frames.enlarge(frames.to_rgb(frame), self.smallest)
        if step is not None:
            pixels = frames.caption(pixels, f"{self.label} {step:,}")
        if self.frames and pixels.shape != self.frames[0].shape:
            raise ValueError(
                f"Frame {len(self)} is {_size(pixels)} and frame 0 is "
                f"{_size(self.frames[0])} (a step number adds {frames.STRIP_HEIGHT} "
                "rows): make all frames alike."
            )
        self.frames.append(pixels)
        self.steps.append(step)

    def extend(self, snapshots):
        """Add pairs of (step, frame), such as `history.snapshots`."""
        for step, frame in snapshots:
            self.add(frame, step)

    def save(self, path):
        """Write a GIF or an MP4, as the suffix of `path` says, and return its Path.

        The file is written whole or not at all. Raises ValueError for no frames or
        another suffix, FileNotFoundError or PermissionError for the folder, and
        RuntimeError if ffmpeg is missing or fails.
        """
        path = Path(path).expanduser()
        suffix = _check_suffix(path.suffix)
        _check_folder(path.parent)
        film = encode(self._with_hold(), self.fps, suffix)
        runtime.write_whole(path, lambda file: file.write(film))
        return path

    def show(self, suffix=".mp4", alt="An animation of the training run"):
        """Return the animation for a notebook to display, in at most 1 MB.

        It is embedded as bytes, in a smaller size where it must be, which the line
        below it then says. A video has a small GIF inside, which is what a page shows
        that takes videos out or cannot play them. `alt` tells those who cannot see it
        what it shows.
        """
        return self._display(_check_suffix(suffix), alt)

    def keep(self, name, alt="An animation of the training run"):
        """Write the animation as `name`.gif beside the notebook, and show it.

        The file has at most 1 MB: what a README or a mail can hold. The line below the
        animation says where it is. Raises as `save` does, and ValueError for a name
        with a folder or another suffix in it.
        """
        path = Path(name)
        if path.name != str(name) or path.suffix not in ("", ".gif"):
            raise ValueError(
                f"The name is {str(name)!r}: give one for a GIF beside the notebook, "
                "such as 'training', or save() to another place."
            )
        path = path.with_suffix(".gif")
        _check_folder(path.parent)
        film, scale = encode_within(self._with_hold(), self.fps, ".gif", GIF_BYTES)
        runtime.write_whole(path, lambda file: file.write(film))
        size = f"{len(film) / 1e6:.2f} MB" + (f", at {scale:.0%}" if scale < 1 else "")
        note = f"Kept beside this notebook: {path} ({size})."
        return self._display(".mp4", alt, note)

    def _display(self, suffix, alt, note=""):
        from IPython.display import HTML

        pictures, stand_in = self._with_hold(), b""
        if suffix == ".mp4":
            scale = min(1.0, STAND_IN_SIDE / max(pictures[0].shape[:2]))
            with contextlib.suppress(RuntimeError):  # too long for so small a GIF
                stand_in, _ = encode_within(
                    pictures, self.fps, ".gif", STAND_IN_BYTES, scale
                )
        limit = INLINE_BYTES - len(stand_in)
        film, scale = encode_within(pictures, self.fps, suffix, limit)
        if scale < 1:
            note = (
                f"Shown at {scale:.0%} of its size, to keep the notebook small; "
                f"<code>save()</code> writes all of it. {note}"
            )
        element = _element(film, suffix, alt, stand_in)
        return HTML(element + (f"<p><small>{note}</small></p>" if note else ""))

    def _with_hold(self):
        if not self.frames:
            raise ValueError("There are no frames yet: call add() first.")
        return self.frames + [self.frames[-1]] * round(self.hold * self.fps)


def encode(pictures, fps, suffix, scale=1.0, palettes=GIF_COLOURS):
    """Return the bytes of a GIF or MP4 made of uint8 pictures, all (h, w, 3).

    A GIF has the first of these numbers of colours that keeps it within `GIF_BYTES`, or
    the last.
    Raises RuntimeError if ffmpeg is missing or fails, with ffmpeg's own message.
    """
    if suffix == ".mp4":
        return _run_ffmpeg(pictures, fps, scale, suffix, _mp4)
    for colours in palettes:
        film = _run_ffmpeg(pictures, fps, scale, suffix, _gif, colours)
        if len(film) <= GIF_BYTES:
            break
    return film


def _run_ffmpeg(pictures, fps, scale, suffix, finish, *options):
    ffmpeg, program = find_ffmpeg()
    height, width = pictures[0].shape[:2]
    size = f"{width}x{height}"
    stream = ffmpeg.input("pipe:", f="rawvideo", pix_fmt="rgb24", s=size, framerate=fps)
    if scale < 1:
        smaller = [max(1, round(side * scale)) for side in (width, height)]
        stream = stream.filter("scale", *smaller, flags="area")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"film{suffix}"
        command = finish(ffmpeg, stream, str(target), *options)
        try:
            command.global_args("-loglevel", "error").run(
                cmd=program,
                input=b"".join(picture.tobytes() for picture in pictures),
                capture_stdout=True,
                capture_stderr=True,
            )
        except ffmpeg.Error as error:
            message = error.stderr.decode(errors="replace").strip()
            raise RuntimeError(f"ffmpeg ({program}) failed:\n{message}") from None
        return target.read_bytes()


def _gif(ffmpeg, stream, target, colours):
    """A palette made for these frames, and faint dither: noise does not pack."""
    copies = stream.split()
    palette = copies[0].filter("palettegen", stats_mode="full", max_colors=colours)
    options = {"dither": "bayer", "bayer_scale": 5, "diff_mode": "rectangle"}
    painted = ffmpeg.filter([copies[1], palette], "paletteuse", **options)
    return painted.output(target, loop=0)


def _mp4(ffmpeg, stream, target):
    """H.264 as every browser plays it: even sides, the index at the front."""
    even = stream.filter("pad", "ceil(iw/2)*2", "ceil(ih/2)*2", color="white")
    return even.output(
        target, vcodec="libx264", pix_fmt="yuv420p", crf=20, movflags="+faststart"
    )


def encode_within(pictures, fps, suffix, limit, scale=1.0):
    """Return (bytes, scale): the largest animation found of at most `limit` bytes.

    It begins with `scale`. A GIF that has to shrink gets few colours at once.
    Raises RuntimeError if it is still too large where its pictures get unreadable.
    """
    shortest = min(pictures[0].shape[:2])
    palettes = GIF_COLOURS if scale == 1 else FEW_COLOURS
    while True:
        film = encode(pictures, fps, suffix, scale, palettes)
        if len(film) <= limit:
            return film, scale
        scale *= min(0.9, 0.95 * math.sqrt(limit / len(film)))
        palettes = FEW_COLOURS
        if scale * shortest < SMALLEST_SIDE:
            raise RuntimeError(
                f"{len(pictures)} frames do not fit in {limit:,} bytes at a size that "
                "can be read: record fewer frames, or save() to a file."
            )


def find_ffmpeg():
    """Return the module ffmpeg-python and the path of an ffmpeg program.

    The program is the system's, or else the one in the package imageio-ffmpeg.
    Raises RuntimeError that says what to install.
    """
    try:
        import ffmpeg
    except ImportError:
        raise RuntimeError(
            "Animations need ffmpeg-python: run `%pip install ffmpeg-python`."
        ) from None
    if not hasattr(ffmpeg, "input"):
        raise RuntimeError(
            "The module `ffmpeg` here is not ffmpeg-python: run `%pip uninstall -y "
            "ffmpeg python-ffmpeg`, then `%pip install --force-reinstall "
            "ffmpeg-python`, and restart the kernel."
        )
    return ffmpeg, shutil.which("ffmpeg") or _bundled_ffmpeg()


def _bundled_ffmpeg():
    try:
        import imageio_ffmpeg

        return imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError):
        raise RuntimeError(
            "No ffmpeg program was found: run `%pip install imageio-ffmpeg`, or "
            "install ffmpeg with your system's packages (`apt install ffmpeg`, "
            "`brew install ffmpeg`, `conda install ffmpeg`)."
        ) from None


def _check_suffix(suffix):
    if suffix.lower() not in (".gif", ".mp4"):
        raise ValueError(f"The suffix is {suffix!r}: choose .gif or .mp4.")
    return suffix.lower()


def _check_folder(folder):
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {str(folder)!r}: make it first.")
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"You may not write in the folder {str(folder)!r}.")


def _element(film, suffix, alt, stand_in=b""):
    data, alt = base64.b64encode(film).decode(), html.escape(alt, quote=True)
    if suffix == ".gif":
        return f'<img src="data:image/gif;base64,{data}" alt="{alt}">'
    return (
        f'<video controls loop autoplay muted playsinline aria-label="{alt}" '
        f'style="max-width: 100%" src="data:video/mp4;base64,{data}">'
        f"{_element(stand_in, '.gif', alt) if stand_in else ''}</video>"
    )


def _size(pixels):
    return f"{pixels.shape[1]}x{pixels.shape[0]}"
