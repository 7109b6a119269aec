"""Frames in, a GIF or MP4 out: right size, right colours, and clear errors."""

import base64
import io
import re
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot as plt
from PIL import Image

from helpers import animation
from helpers.animation import frames
from helpers.animation import recorder as machinery

ON_LINUX = sys.platform == "linux"


def ramp(n=5, height=40, width=60):
    """Frames (h, w, 3) whose left part is white, a little wider in each."""
    film = np.zeros((n, height, width, 3))
    for i in range(n):
        film[i, :, : (i + 1) * width // n] = 1
    return film


def recorder(n=5, **options):
    made = animation.Recorder(fps=10, hold=0, smallest=1, **options)
    for frame in ramp(n):
        made.add(frame)
    return made


def gif_frames(film):
    image = Image.open(io.BytesIO(film))
    pictures = []
    for i in range(image.n_frames):
        image.seek(i)
        pictures.append(np.asarray(image.convert("RGB")))
    return pictures


def test_gif_holds_the_frames_in_order(tmp_path):
    path = recorder().save(tmp_path / "film.gif")
    pictures = gif_frames(path.read_bytes())
    assert len(pictures) == 5
    for picture, frame in zip(pictures, ramp(), strict=True):
        np.testing.assert_allclose(picture, frame * 255, atol=3)


def test_gif_plays_at_the_given_speed_and_for_ever(tmp_path):
    image = Image.open(recorder().save(tmp_path / "film.gif"))
    image.seek(1)
    assert image.info["duration"] == 100
    assert image.info["loop"] == 0


def mp4_size(path):
    """What ffmpeg says of a film (imageio-ffmpeg brings no ffprobe)."""
    program = animation.find_ffmpeg()[1]
    said = subprocess.run([program, "-i", str(path)], capture_output=True, text=True)
    return tuple(int(n) for n in re.search(r" (\d+)x(\d+)[, ]", said.stderr).groups())


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [(41, 61, (62, 42)), (40, 61, (62, 40)), (40, 60, (60, 40))],
)
def test_mp4_of_odd_size_is_padded(tmp_path, height, width, expected):
    film = animation.Recorder(smallest=1)
    film.extend(enumerate(ramp(3, height - frames.STRIP_HEIGHT, width)))
    assert mp4_size(film.save(tmp_path / "film.mp4")) == expected


def test_last_frame_is_held(tmp_path):
    film = animation.Recorder(fps=10, hold=1.0, smallest=1)
    film.extend((None, frame) for frame in ramp(3))
    image = Image.open(film.save(tmp_path / "film.gif"))
    total = 0
    for i in range(image.n_frames):
        image.seek(i)
        total += image.info["duration"]
    assert total == pytest.approx(1300, abs=50)


def test_imageio_ffmpeg_serves_where_the_system_has_none(tmp_path, monkeypatch):
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    monkeypatch.setattr(machinery.shutil, "which", lambda name: None)
    assert animation.find_ffmpeg()[1] == imageio_ffmpeg.get_ffmpeg_exe()
    for suffix in (".gif", ".mp4"):
        assert recorder().save(tmp_path / f"film{suffix}").stat().st_size > 0


def test_missing_ffmpeg_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(machinery.shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(RuntimeError, match="pip install imageio-ffmpeg"):
        recorder().save(tmp_path / "film.gif")
    assert list(tmp_path.iterdir()) == []


def test_missing_ffmpeg_python_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ffmpeg", None)
    with pytest.raises(RuntimeError, match="pip install ffmpeg-python"):
        animation.find_ffmpeg()


def test_the_wrong_ffmpeg_module_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ffmpeg", types.ModuleType("ffmpeg"))
    with pytest.raises(RuntimeError, match="not ffmpeg-python.*uninstall"):
        animation.find_ffmpeg()


@pytest.fixture
def failing_ffmpeg(tmp_path, monkeypatch):
    """An ffmpeg that writes half a file, says why, and fails."""
    program = tmp_path / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\ncat > /dev/null\n"
        'for a; do case "$a" in */film.gif) echo half > "$a";; esac; done\n'
        "echo 'Disk quota exceeded' >&2\nexit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(machinery.shutil, "which", lambda name: str(program))


def test_ffmpeg_s_own_message_is_shown_and_no_half_file_left(tmp_path, failing_ffmpeg):
    folder = tmp_path / "films"
    folder.mkdir()
    (folder / "film.gif").write_bytes(b"the earlier film")
    with pytest.raises(RuntimeError, match="Disk quota exceeded"):
        recorder().save(folder / "film.gif")
    assert [path.name for path in folder.iterdir()] == ["film.gif"]
    assert (folder / "film.gif").read_bytes() == b"the earlier film"


def test_a_full_disk_keeps_the_old_film_and_is_named(small_disk):
    path = small_disk / "film.gif"
    path.write_bytes(b"old")
    (small_disk / "rest").write_bytes(bytes(1_000_000))
    recorder = animation.Recorder(fps=6)
    noise = np.random.default_rng(1).random((3, 224, 224, 3))
    recorder.extend(enumerate(noise))
    with pytest.raises(OSError, match="The disk is full.*film.gif"):
        recorder.save(path)
    assert path.read_bytes() == b"old"


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        recorder().save(tmp_path / "nowhere" / "film.gif")


def test_unwritable_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(machinery.os, "access", lambda folder, mode: False)
    with pytest.raises(PermissionError, match=re.escape(str(tmp_path))):
        recorder().save(tmp_path / "film.gif")


@pytest.mark.skipif(not ON_LINUX or not Path("/sys").is_dir(), reason="needs /sys")
def test_a_folder_that_refuses_even_root():
    with pytest.raises(OSError, match="/sys"):
        recorder().save("/sys/film.gif")


@pytest.mark.parametrize("name", ["film", "film.avi", "film.gif.txt"])
def test_other_suffixes_are_refused(tmp_path, name):
    with pytest.raises(ValueError, match="choose .gif or .mp4"):
        recorder().save(tmp_path / name)


def test_no_frames(tmp_path):
    with pytest.raises(ValueError, match="no frames yet"):
        animation.Recorder().save(tmp_path / "film.gif")
    with pytest.raises(ValueError, match="no frames yet"):
        animation.Recorder().show()


def test_unequal_frames_are_named_with_their_sizes():
    film = recorder(2)
    with pytest.raises(ValueError, match="Frame 2 is 61x40 and frame 0 is 60x40"):
        film.add(np.zeros((40, 61)))
    assert len(film) == 2


def test_a_step_on_some_frames_only_is_refused():
    with pytest.raises(ValueError, match="a step number adds 24 rows"):
        recorder(1).add(ramp(1)[0], step=3)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (np.full((4, 4), 255.0), "run from 255 to 255"),
        (np.full((4, 4), -1.0), "scale them"),
        (np.full((4, 4), np.nan), "not finite"),
        (np.zeros((4, 4), np.int64), "int64 is ambiguous"),
        (np.zeros(4), "is no picture"),
        (np.zeros((4, 4, 2)), "is no picture"),
        (np.zeros((2, 4, 4, 3)), "is no picture"),
        (np.zeros((0, 4)), "is no picture"),
    ],
)
def test_bad_frames_are_refused(frame, message):
    with pytest.raises(ValueError, match=message):
        animation.Recorder().add(frame)


@pytest.mark.parametrize("options", [{"fps": 0}, {"fps": 51}, {"hold": -1}])
def test_bad_speeds_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        animation.Recorder(**options)


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 1), (28, 28, 3)])
def test_frames_of_every_kind_become_rgb_bytes(shape):
    half = frames.to_rgb(np.full(shape, 0.5, np.float32))
    assert half.shape == (28, 28, 3) and half.dtype == np.uint8
    assert (half == 128).all()
    assert (frames.to_rgb(np.full(shape, 7, np.uint8)) == 7).all()


def test_figures_are_frames_and_leave_pyplot():
    figure, axes = plt.subplots(figsize=(3, 2), dpi=100)
    axes.plot([0, 1])
    film = animation.Recorder(smallest=1)
    film.add(figure)
    assert film.frames[0].shape == (200, 300, 3)
    assert film.frames[0].min() < 128
    assert not plt.fignum_exists(figure.number)


def test_a_figure_changed_between_frames_is_drawn_anew():
    figure, axes = plt.subplots()
    (line,) = axes.plot([0, 1], [0, 0])
    axes.set_ylim(-1, 1)
    film = animation.Recorder()
    film.add(figure)
    line.set_ydata([0.5, 0.5])
    film.add(figure)
    assert (film.frames[0] != film.frames[1]).any()


def test_small_frames_are_enlarged_by_a_whole_factor():
    film = animation.Recorder(smallest=224)
    film.add(np.eye(28))
    assert film.frames[0].shape == (224, 224, 3)
    assert set(np.unique(film.frames[0])) == {0, 255}


def test_the_step_number_is_drawn():
    film = animation.Recorder(label="batch")
    film.add(np.zeros((28, 28)), step=7)
    film.add(np.zeros((28, 28)), step=1200)
    strips = [frame[-frames.STRIP_HEIGHT :] for frame in film.frames]
    assert film.steps == [7, 1200]
    assert all(strip.min() < 128 for strip in strips)
    assert (strips[0] != strips[1]).any()


@pytest.mark.parametrize("suffix", [".gif", ".mp4"])
def test_show_embeds_the_bytes_with_words_for_those_who_cannot_see(suffix):
    shown = recorder().show(suffix, alt='Bars "grow"').data
    film = base64.b64decode(re.search(r"base64,([^\"]+)", shown).group(1))
    assert film.startswith(b"GIF8") if suffix == ".gif" else b"ftyp" in film[:16]
    assert "Bars &quot;grow&quot;" in shown
    assert "Shown at" not in shown


def test_show_shrinks_what_is_too_large_and_says_so():
    film = animation.Recorder(fps=10, hold=0)
    for frame in np.random.default_rng(0).random((8, 300, 300, 3)):
        film.add(frame)
    shown = film.show(".gif").data
    assert re.search(r"Shown at \d\d% of its size", shown)
    assert len(shown) <= 1_000_000


def test_what_cannot_be_shrunk_enough_is_refused():
    noise = list(np.random.default_rng(0).integers(0, 256, (4, 60, 60, 3), np.uint8))
    with pytest.raises(RuntimeError, match="4 frames do not fit in 100 bytes"):
        machinery.encode_within(noise, 10, ".gif", 100)


def test_a_video_holds_a_gif_for_pages_that_take_videos_out():
    shown = recorder().show(alt="Bars").data
    video, stand_in = re.fullmatch(r"<video([^>]*)>(.*)</video>", shown).groups()
    assert "video/mp4" in video
    gif = re.search(r'src="data:image/gif;base64,([^"]+)" alt="Bars"', stand_in)
    assert len(gif_frames(base64.b64decode(gif[1]))) == 5


def test_video_and_stand_in_are_small_together():
    film = animation.Recorder(fps=10, hold=0)
    for frame in np.random.default_rng(0).random((12, 300, 300, 3)):
        film.add(frame)
    shown = film.show().data
    assert "video/mp4" in shown and "image/gif" in shown
    assert len(shown) <= 1_000_000


@pytest.mark.parametrize("name", ["bars", "bars.gif"])
def test_keep_writes_a_gif_beside_the_notebook_and_names_it(
    tmp_path, monkeypatch, name
):
    monkeypatch.chdir(tmp_path)
    shown = recorder().keep(name).data
    assert len(gif_frames((tmp_path / "bars.gif").read_bytes())) == 5
    assert "<video" in shown
    assert "Kept beside this notebook: bars.gif (0.00 MB)." in shown
    assert [path.name for path in tmp_path.iterdir()] == ["bars.gif"]


def test_what_is_kept_has_at_most_a_megabyte(tmp_path, monkeypatch):
    assert machinery.GIF_BYTES == 1_000_000
    monkeypatch.setattr(machinery, "GIF_BYTES", 50_000)  # to be quick
    monkeypatch.chdir(tmp_path)
    film = animation.Recorder(fps=10, hold=0)
    for frame in np.random.default_rng(0).random((4, 240, 240, 3)):
        film.add(frame)
    shown = film.keep("noise").data
    assert (tmp_path / "noise.gif").stat().st_size <= 50_000
    assert re.search(r"noise\.gif \(0\.0\d MB, at \d\d%\)", shown)


@pytest.mark.parametrize("name", ["films/bars", "bars.mp4", "../bars.gif"])
def test_keep_writes_nowhere_else(name):
    with pytest.raises(ValueError, match="beside the notebook"):
        recorder().keep(name)


def test_git_leaves_kept_films_alone():
    root = Path(__file__).resolve().parents[3]
    for name in ("notebooks/bars.gif", "notebooks/solutions/bars.gif"):
        done = subprocess.run(["git", "check-ignore", "-q", name], cwd=root)
        assert done.returncode == 0, name
