"""PictureSlider and PictureUpload: look along a row of pictures, bring your own."""

import numpy as np
from traitlets import Bytes, Int, List, Unicode, validate

from helpers import pictures, plotting
from helpers.widgets import contact_sheet, front_end
from helpers.widgets.still import StillWidget

LARGEST_FILE = 60_000_000  # bytes


class PictureWidget(StillWidget):
    """Pictures of one size that a page shows."""

    pixels = Bytes().tag(sync=True)  # uint8, of the shape below
    shape = List(Int(), [0, 0, 0, 0]).tag(sync=True)  # n, h, w, 3

    def _show(self, images):
        """Take images (n, h, w, 1 or 3), floats in [0, 1]."""
        images = np.broadcast_to(images, (*np.shape(images)[:3], 3))
        with self.hold_sync():
            self.pixels = plotting.to_bytes(images).tobytes()
            self.shape = list(images.shape)

    def _images(self):
        return np.frombuffer(self.pixels, np.uint8).reshape(self.shape)


class PictureSlider(PictureWidget):
    """A slider along pictures that are already there: no kernel is asked.

    `images` (n, h, w[, 1 or 3]), floats in [0, 1]; `captions` has a text or number
    for each; `label` says what the slider changes; `index` is where it begins.
    Raises ValueError for fewer than two images or a wrong number of captions.
    """

    kind = "picture_slider"
    about = "A row of pictures to look along with a slider"
    _esm = front_end.bundle(f"{kind}.js")

    captions = List(Unicode()).tag(sync=True)
    label = Unicode().tag(sync=True)
    index = Int(0).tag(sync=True)

    def __init__(self, images, captions, label="", index=0):
        images = plotting.as_tiles(images)
        if len(images) < 2 or len(captions) != len(images):
            raise ValueError(
                f"{len(images)} images and {len(captions)} captions: give at least "
                "two images, and a caption for each."
            )
        super().__init__(captions=[str(c) for c in captions], label=label)
        self._show(images)
        self.index = index

    @validate("index")
    def _check_index(self, proposal):
        if not 0 <= proposal["value"] < self.shape[0]:
            raise ValueError(
                f"index is {proposal['value']}: there are {self.shape[0]} pictures."
            )
        return proposal["value"]

    def __repr__(self):
        return f"PictureSlider: {self.label} {self.captions[self.index]}".rstrip()

    def _sheet(self):
        return contact_sheet.strip(self._images(), self.captions, self.label)


class PictureUpload(PictureWidget):
    """Choose a picture file, or drop one; `picture` is float32 (h, w, 3) in [0, 1].

    `picture` (h, w, 3) is what it holds until then, and `longest` the longer side
    of what it makes of a file. What is wrong with a file is said in `error`, and the
    last picture stays.
    """

    kind = "picture_upload"
    about = "A picture, in the place where you choose one of your own"
    _esm = front_end.bundle(f"{kind}.js")

    name = Unicode().tag(sync=True)  # of the file
    error = Unicode().tag(sync=True)
    received = Unicode().tag(sync=True)  # the id of the last file dealt with
    limit = Int(LARGEST_FILE).tag(sync=True)

    def __init__(self, picture, longest=384, name="example"):
        super().__init__(name=name)
        self._longest, self._parts, self._id = longest, [], None
        self._hold(np.asarray(picture, np.float32))
        self.on_msg(self._on_message)

    def load(self, source, name=None):
        """Take a file's path or bytes; raises as `pictures.load` does."""
        self._hold(pictures.load(source, self._longest))
        self.name, self.error = str(source) if name is None else name, ""

    def __repr__(self):
        height, width = self.shape[1:3]
        return f"PictureUpload: {self.name}, {width}x{height}"

    def _hold(self, picture):
        self.picture = picture
        self._show(picture[None])

    def _on_message(self, widget, message, buffers):
        """Collect a file's parts; a whole one would be too long for one message."""
        if message["id"] != self._id:
            self._id, self._parts = message["id"], []
        self._parts.append(bytes(buffers[0]))
        if len(self._parts) < message["parts"]:
            return
        content, self._parts = b"".join(self._parts), []
        with self.hold_sync():
            try:
                self.load(content, message["name"])
            except Exception as problem:  # whatever it is, the learner must read it
                self.error = f"{message['name']}: {problem}"
            self.received = message["id"]

    def _living(self):
        return {"refused": "Choosing a picture of your own needs the running notebook."}

    def _sheet(self):
        return contact_sheet.strip(self._images(), [self.name], "")
