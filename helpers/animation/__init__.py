"""Frames of a training run as a GIF or an MP4, by way of ffmpeg-python."""

from helpers.animation.recorder import Recorder, find_ffmpeg

__all__ = ["Recorder", "find_ffmpeg"]
