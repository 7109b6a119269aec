// The SamplingMicroscope's view: knobs, the bars that they bend, and the text drawn so far.

import { createBars, percent, visible } from "./bars.js";
import { createCourier } from "./courier.js";
import { button, element } from "./dom.js";
import { createKnobs } from "./knobs.js";
import { createPassage, surprise } from "./passage.js";
import { standIn } from "./stand_in.js";
import { writerAnswers } from "./writer.js";

const KINDS_ASKED = ["text", "restart", "back", "draw", "knobs"]; // the more urgent first
const LIT = 450; // ms that the bar of the drawn character stays lit before the next bars
const AT_ONCE = 25;

function render({ model: given, el }) {
  const model = standIn(given, writerAnswers(given));
  const courier = createCourier(model, KINDS_ASKED);
  const bars = createBars();
  const passage = createPassage();
  const knobs = createKnobs(model.get("size"), turn);
  const entropy = element("div", { class: "gx-readout gx-entropy" });
  const said = element("div", { class: "gx-hint gx-said", "aria-live": "polite" });
  const wrong = element("div", { class: "gx-error", role: "alert", hidden: true });
  const typed = element("textarea", { class: "gx-typed", rows: 3, tabindex: 0, spellcheck: "false",
                                      "aria-label": "Text to begin with", onkeydown: key });
  const tools = [
    button("Draw one", "Draw the next character", () => draw(1)),
    button(`Draw ${AT_ONCE}`, `Draw ${AT_ONCE} characters`, () => draw(AT_ONCE)),
    button("Take back", "Take the last drawn character back", () => ask("back")),
    button("Start over", "Go back to the text before anything was drawn", () => ask("restart")),
  ];
  const use = button("Use this text", "Begin with the text typed above", useTyped);
  let lit = 0;

  function ask(kind, message = {}) {
    courier.post(kind, message);
    showBusy();
  }

  function turn(values) {
    knobs.show(values);
    courier.post("knobs", values);
    showBusy();
  }

  function draw(count) {
    ask("draw", { count });
  }

  function useTyped() {
    ask("text", { text: typed.value });
  }

  function key(event) {
    event.stopPropagation(); // the letters are for this box, not for JupyterLab
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    useTyped();
  }

  function showBusy() {
    const busy = courier.isBusy();
    for (const one of tools) one.disabled = busy && one !== document.activeElement;
    el.firstElementChild?.setAttribute("data-busy", busy);
  }

  function showBars() {
    clearTimeout(lit);
    lit = 0;
    const view = model.get("view");
    bars.show(view, model.get("size"));
    const [before, after] = view.entropy.map((bits) => bits.toFixed(2));
    entropy.textContent = `entropy ${before} bits → ${after} bits, ` +
                          `${view.kept} of ${model.get("size")} characters left`;
  }

  function showDrawn() {
    const drawn = model.get("drawn");
    passage.show(model.get("text"), drawn);
    if (!drawn.length) {
      said.textContent = "Nothing drawn yet.";
      return;
    }
    const [character, p] = drawn.at(-1);
    said.textContent = `Drew ${visible(character)}: probability ${percent(p)}, ` +
                       `${surprise(p).toFixed(1)} bits of surprise.`;
  }

  function showAll() {
    knobs.show({ temperature: model.get("temperature"), top_k: model.get("top_k"),
                 top_p: model.get("top_p") });
    showDrawn();
    showBars();
    showError();
  }

  function showError() {
    wrong.textContent = model.get("error");
    wrong.hidden = !model.get("error");
  }

  let count = model.get("drawn").length;

  // After a single draw the bars that it came from stay a moment, its own one lit.
  function onView() {
    const drawn = model.get("drawn");
    const one = drawn.length === count + 1;
    count = drawn.length;
    showDrawn();
    if (!one) {
      showBars();
      return;
    }
    if (lit) showBars();
    bars.mark(drawn.at(-1)[0]);
    lit = setTimeout(showBars, LIT);
  }

  function onAnswer() {
    courier.settle(model.get("answer").id);
    showError();
    showBusy();
  }

  function onKnob() {
    if (!courier.isBusy()) showAll();
  }

  typed.value = model.get("text");
  el.append(element("div", { class: "gx gx-microscope" },
    element("div", { class: "gx-side" },
            element("div", { class: "gx-title" }, "The next character"), bars.element, entropy),
    element("div", { class: "gx-side gx-wide" }, knobs.element,
            element("div", { class: "gx-tools" }, ...tools), passage.element, said,
            element("div", { class: "gx-title" }, "Begin with a text of your own"), typed,
            element("div", { class: "gx-tools" }, use)),
    element("div", { class: "gx-messages" }, wrong)));

  const watched = { "change:view": onView, "change:answer": onAnswer,
                    "change:temperature": onKnob, "change:top_k": onKnob, "change:top_p": onKnob };
  for (const [name, react] of Object.entries(watched)) model.on(name, react);
  showAll();
  showBusy();
  return () => {
    for (const [name, react] of Object.entries(watched)) model.off(name, react);
    clearTimeout(lit);
  };
}

export default { render };
