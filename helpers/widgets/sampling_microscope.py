"""SamplingMicroscope: the next character's probabilities under three knobs."""

import numpy as np
import traitlets
from traitlets import Dict, Float, Int, List, Unicode

from helpers.text import sampling, visible
from helpers.widgets import contact_sheet, front_end
from helpers.widgets.still import AnsweringWidget

ROWS = 16  # bars shown, the most probable first
MOST_DRAWN = 100  # by one request
STEPS_TRIED = 20  # characters read by `step` when it is exported
AS_GOOD_AS_EQUAL = 1e-4  # of a logit
STILL = {  # the knobs of the still picture's panels
    "as the model has it": {},
    "temperature 0.5": {"temperature": 0.5},
    "top-k 5": {"top_k": 5},
    "top-p 0.8": {"top_p": 0.8},
}


class SamplingMicroscope(AnsweringWidget):
    """See the next character's bars while you turn the knobs, and draw it.

    `next_logits` maps a text (str, not empty) to the logits (tokens,) of what follows,
    and raises ValueError for a text that it cannot read. `tokens` are the characters
    that the logits belong to. `text` is what to begin with; equal seeds draw equal
    characters. `step` maps a token int32 (1,) and the parts of a `state` to the logits
    (1, tokens) of what follows and the next state's parts; `state` is its beginning.
    With these a page without a kernel can read and write too.

    Set `text`, `temperature`, `top_k` or `top_p`; call `draw`, `take_back`, `restart`;
    read `passage` and `bars`. Raises ValueError for what is out of range, and
    whatever `next_logits` raises at the start.
    """

    kind = "sampling_microscope"
    about = "The next character's probabilities, and knobs that bend them"
    _esm = front_end.bundle(f"{kind}.js")

    text = Unicode().tag(sync=True)
    drawn = List().tag(sync=True)  # pairs [character, its probability]
    temperature = Float(1.0).tag(sync=True)
    top_k = Int(1).tag(sync=True)  # as many as there are tokens: no limit
    top_p = Float(1.0).tag(sync=True)
    tokens = List(Unicode()).tag(sync=True)
    size = Int().tag(sync=True)  # how many tokens there are
    view = Dict().tag(sync=True)  # bars and entropies, as they are shown

    def __init__(
        self,
        next_logits,
        tokens,
        text,
        *,
        temperature=1.0,
        top_k=None,
        top_p=1.0,
        seed=0,
        step=None,
        state=(),
    ):
        if not callable(next_logits):
            raise ValueError(
                f"next_logits is {next_logits!r}: give a function of text."
            )
        self._next_logits, self._tokens, self._seed = next_logits, tuple(tokens), seed
        self._step, self._state = step, [np.asarray(part) for part in state]
        self._draws, self._quiet = 0, True
        self._logits = self._read(text)
        super().__init__(
            size=len(self._tokens),
            tokens=list(self._tokens),
            text=text,
            top_k=len(self._tokens),
        )
        knobs = {"temperature": temperature, "top_p": top_p}
        self._turn(**knobs, top_k=self.size if top_k is None else top_k)
        self._look()
        self._quiet = False
        self._listen()

    @property
    def passage(self):
        """The text with the characters drawn so far."""
        return self.text + "".join(character for character, _ in self.drawn)

    @property
    def bars(self):
        """The rows shown: (character, the model's p, p after the knobs)."""
        return [tuple(row) for row in self.view["rows"]]

    def draw(self, count=1):
        """Draw some characters, one after the other, and append them."""
        if not 1 <= count <= MOST_DRAWN:
            raise ValueError(f"count is {count}: draw 1 to {MOST_DRAWN} at a time.")
        drawn, logits = list(self.drawn), self._logits
        for _ in range(count):
            p = sampling.probabilities(logits, **self._knobs())[0].numpy()
            seed = (self._seed, self._draws)
            token = int(sampling.draw(logits, seed, **self._knobs())[0])
            self._draws += 1
            drawn.append([self._tokens[token], float(p[token])])
            logits = self._read(self.text + "".join(one for one, _ in drawn))
        self._logits, self.drawn = logits, drawn
        self._look()

    def take_back(self):
        """Take the last drawn character back, if there is one."""
        kept = self.drawn[:-1]
        self._logits = self._read(self.text + "".join(one for one, _ in kept))
        self.drawn = kept
        self._look()

    def restart(self):
        """Go back to the text before anything was drawn."""
        self._begin(self.text)

    def __repr__(self):
        knobs = f"temperature {self.temperature:g}, top-k {self.top_k}"
        tail = self.passage[-30:]
        return f"SamplingMicroscope: {knobs}, top-p {self.top_p:g}, after {tail!r}"

    @traitlets.validate("temperature", "top_k", "top_p")
    def _check_knob(self, proposal):
        sampling.check_knobs(**{proposal["trait"].name: proposal["value"]})
        return proposal["value"]

    @traitlets.observe("temperature", "top_k", "top_p")
    def _turned(self, change):
        if not self._quiet:
            self._look()

    @traitlets.validate("text")
    def _check_text(self, proposal):
        if not self._quiet:
            self._logits = self._read(proposal["value"])
        return proposal["value"]

    @traitlets.observe("text")
    def _retold(self, change):
        if not self._quiet:
            self._begin(change["new"])

    def _begin(self, text):
        self._logits = self._read(text)
        self._quietly(text=text, drawn=[])
        self._draws = 0
        self._look()

    def _turn(self, **knobs):
        sampling.check_knobs(**knobs)
        self._quietly(**knobs)

    def _knobs(self):
        names = ("temperature", "top_k", "top_p")
        return {name: getattr(self, name) for name in names}

    def _read(self, text):
        """Return the logits (1, tokens) of what follows the text."""
        if not text:
            raise ValueError("The text is empty: type at least one character.")
        logits = np.asarray(self._next_logits(text), np.float32)
        if logits.shape != (len(self._tokens),) or np.isnan(logits).any():
            raise ValueError(
                f"next_logits returned {logits.shape}, or NaN: expected "
                f"{len(self._tokens)} numbers, one for each token."
            )
        return logits[None]

    def _look(self):
        """Compute the bars and the entropies that belong to text and knobs."""
        before = sampling.log_probabilities(self._logits)
        after = sampling.log_probabilities(self._logits, **self._knobs())
        p_model, p = np.exp(before[0]), np.exp(after[0])
        best = np.argsort(-p_model, kind="stable")[:ROWS]
        self.view = {
            "rows": [
                [self._tokens[i], float(p_model[i]), float(p[i])] for i in best.tolist()
            ],
            "rest": [float(1 - p_model[best].sum()), float(1 - p[best].sum())],
            "entropy": [float(sampling.entropy(one)[0]) for one in (before, after)],
            "kept": int((p > 0).sum()),
        }

    def _obey(self, message, buffers):
        """Do what the browser asks."""
        kind = message["kind"]
        if kind == "knobs":
            names = ("temperature", "top_k", "top_p")
            self._turn(**{name: message[name] for name in names})
            self._look()
        elif kind == "text":
            self._begin(message["text"])
        elif kind == "draw":
            self.draw(message["count"])
        elif kind == "back":
            self.take_back()
        elif kind == "restart":
            self.restart()

    def _living(self):
        """Only a page without a kernel gets the network: seeds draw in Python here."""
        if self._step is None:
            return {"refused": "This widget needs the running notebook."}
        numbers = [self._tokens.index(one) for one in self.text[:STEPS_TRIED]]
        state, samples = [part.astype(np.float32) for part in self._state], []
        for number in numbers:
            samples.append([[number], *state])
            logits, *state = map(np.asarray, self._step(np.int32([number]), *state))
        right = self._next_logits(self.text[:STEPS_TRIED])
        if not np.allclose(logits[0], right, atol=AS_GOOD_AS_EQUAL):
            return {"refused": "Its `step` and its `next_logits` do not agree."}
        inputs = [((1,), "int32"), *((p.shape, "float32") for p in state)]
        self._export(step=(self._step, inputs, samples, AS_GOOD_AS_EQUAL / 10))
        living = super()._living()
        self.networks = {}
        if "state" in living:
            living["state"]["start"] = [np.ravel(p).tolist() for p in self._state]
        return living

    def _sheet(self):
        panels = {}
        for name, knobs in STILL.items():
            log_p = sampling.log_probabilities(self._logits, **knobs)
            bits = float(sampling.entropy(log_p)[0])
            panels[f"{name}\nentropy {bits:.2f} bits"] = np.exp(log_p[0])
        names = [visible(token) for token in self._tokens]
        return contact_sheet.next_token(self.passage, names, panels, ROWS)
