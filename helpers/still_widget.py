"""StillWidget: a widget that is a still picture wherever no page can run it."""

import anywidget
from IPython.display import Image

from helpers import front_end


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
