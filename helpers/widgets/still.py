"""The bases of our widgets: a still picture beside the live view, and answers."""

import anywidget
from IPython.display import Image
from traitlets import Dict, Unicode

from helpers.widgets import decoding, front_end


class StillWidget(anywidget.AnyWidget):
    """The base of our widgets: the course's style, and a PNG beside the live view."""

    _css = front_end.style()
    _ipython_display_ = None  # so that ipywidgets 7 too shows our MIME bundle

    def static(self):
        """Return a still picture of the widget, for places without widgets."""
        return Image(self._sheet(), format="png", alt=repr(self))

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return {**data, "image/png": self._sheet()}, metadata

    def _sheet(self):
        """Return a PNG; each widget has its own."""
        raise NotImplementedError


class AnsweringWidget(StillWidget):
    """A widget that its page asks by message; each gets one `answer` with its id."""

    answer = Dict().tag(sync=True)  # what the last request came to
    error = Unicode().tag(sync=True)  # why the last request failed, or ""
    _quiet = False  # whether a change of a trait is answered to

    def _listen(self):
        """Take messages from now on."""
        self.on_msg(self._on_message)

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
