"""The bases of our widgets: a still picture beside the live view, and answers."""

import base64

import anywidget
from IPython.display import Image
from traitlets import Dict, Unicode

from helpers import runtime
from helpers.widgets import decoding, export, front_end

LIVING = "application/vnd.course.widget+json"  # what a page without a kernel needs
NOT_STATE = {"layout", "tabbable", "tooltip", "comm"}


class StillWidget(anywidget.AnyWidget):
    """The base of our widgets: the course's style, and a PNG beside the live view.

    In a run for the book the output also holds the widget's state, with which a page
    without a kernel brings it to life, or the words why it cannot.
    """

    _css = front_end.style()
    _ipython_display_ = None  # so that ipywidgets 7 too shows our MIME bundle
    kind = ""  # the name of its JavaScript module
    about = "A widget"  # what it shows, for those who cannot see it

    def static(self):
        """Return a still picture of the widget, for places without widgets."""
        return Image(self._sheet(), format="png", alt=repr(self))

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs)
        data = {**data, "image/png": self._sheet()}
        if runtime.for_book():
            data[LIVING] = {"kind": self.kind, "about": self.about, **self._living()}
        return data, metadata

    def _living(self):
        """Return {"state": traits} for a page, or {"refused": why it stays still}."""
        names = [name for name in self.keys if name[0] != "_"]
        state = self.get_state([name for name in names if name not in NOT_STATE])
        return {"state": packed(state)}

    def _sheet(self):
        """Return a PNG; each widget has its own."""
        raise NotImplementedError


def packed(value):
    """Return a value for JSON: bytes, at any depth, as {"base64": text}."""
    if isinstance(value, dict):
        return {name: packed(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [packed(one) for one in value]
    if isinstance(value, (bytes, memoryview)):
        return {"base64": base64.b64encode(value).decode()}
    return value


class AnsweringWidget(StillWidget):
    """A widget that its page asks by message; each gets one `answer` with its id.

    Where its `networks` could be exported, the page answers itself and tells Python
    what came of it; else the kernel answers.
    """

    networks = Dict().tag(sync=True)  # by name, as `export.trace` returns them
    answer = Dict().tag(sync=True)  # what the last request came to
    error = Unicode().tag(sync=True)  # why the last request failed, or ""
    _quiet = False  # whether a change of a trait is not answered to
    _refused = ""  # why there are no networks

    def _listen(self):
        """Take messages from now on."""
        self.on_msg(self._on_message)

    def _export(self, **parts):
        """Export callables, all or none; `parts` are the arguments of export.trace."""
        try:
            self.networks = {name: export.trace(*part) for name, part in parts.items()}
        except export.CannotExport as why:
            self._refused = f"This explorer needs the running notebook: {why}."

    def _living(self):
        return super()._living() if self.networks else {"refused": self._refused}

    def set_state(self, sync_data):
        """Take what the page found out by itself, without answering to it."""
        before, self._quiet = self._quiet, True
        try:
            super().set_state(
                {
                    name: bytes(value) if isinstance(value, memoryview) else value
                    for name, value in sync_data.items()
                }
            )
        finally:
            self._quiet = before

    def _obey(self, message, buffers):
        """Do what the page asks; return False if what it shows did not change."""
        raise NotImplementedError

    def _about(self):
        """Return what else an answer holds."""
        return {}

    def _on_message(self, widget, message, buffers):
        if message["kind"] == "nudge":  # see courier.js
            return
        with self.hold_sync():
            self._answer(message, lambda: self._obey(message, buffers))

    def _answer(self, message, act):
        """Act and answer; if that fails, say why and keep what is shown."""
        with self.hold_sync():
            error = ""
            try:
                changed = act() is not False
            except (Exception, KeyboardInterrupt) as problem:
                changed, error = True, decoding.in_words(problem)
            if changed:
                self.error = error
            answer = {"kind": message["kind"], "id": message["id"], "error": error}
            self.answer = {**answer, **self._about()}

    def _quietly(self, **values):
        """Set traits without answering to the change."""
        before, self._quiet = self._quiet, True
        try:
            for name, value in values.items():
                self.set_trait(name, value)
        finally:
            self._quiet = before
