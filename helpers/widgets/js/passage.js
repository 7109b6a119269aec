// The text so far: what was given, then what was drawn, darker where it surprises.

import { percent, visible } from "./bars.js";
import { element } from "./dom.js";

const MOST_BITS = 6; // of surprise: the darkest

export function surprise(p) {
  return -Math.log2(p);
}

export function createPassage() {
  const box = element("div", { class: "gx-passage", tabindex: 0, role: "textbox",
                               "aria-readonly": "true", "aria-label": "The text so far" });

  function letter([character, p]) {
    const bits = surprise(p);
    const made = element("span", { class: "gx-letter",
      title: `${visible(character)}: probability ${percent(p)}, ${bits.toFixed(1)} bits` });
    made.textContent = character === "\n" ? "⏎\n" : character;
    made.style.setProperty("--gx-surprise", `${Math.round(100 * Math.min(1, bits / MOST_BITS))}%`);
    return made;
  }

  function show(text, drawn) {
    const letters = drawn.map(letter);
    if (letters.length) letters.at(-1).classList.add("gx-last");
    box.replaceChildren(element("span", { class: "gx-given" }, text), ...letters);
    box.scrollTop = box.scrollHeight;
  }

  return { element: box, show };
}
