// Bars of the next character's probability: the model's own in grey, after the knobs on top.

import { element } from "./dom.js";

const SIGNS = { " ": "␣", "\n": "⏎", "\t": "⇥" };

// A character that can be seen, also where it is white space.
export function visible(character) {
  return SIGNS[character] ?? character;
}

export function percent(p) {
  return p > 0 && p < 0.0005 ? "<0.1%" : `${(100 * p).toFixed(1)}%`;
}

export function createBars() {
  const list = element("div", { class: "gx-bars", role: "img" });
  let rows = [];

  function row(name, p, whole) {
    const parts = ["gx-bar-before", "gx-bar-after"].map((kind) => element("span", { class: kind }));
    const made = element("div", { class: "gx-bar" }, element("span", { class: "gx-glyph" }, name),
                         element("span", { class: "gx-bar-room" }, ...parts),
                         element("span", { class: "gx-bar-number" }, percent(p[1])));
    parts.forEach((part, i) => { part.style.width = `${(100 * p[i]) / whole}%`; });
    made.classList.toggle("gx-cut", p[1] === 0);
    return made;
  }

  function show({ rows: shown, rest, kept }, size) {
    // All bars share a scale that ends at the longest of them.
    const whole = Math.max(...shown.flatMap(([, before, after]) => [before, after]), ...rest);
    rows = shown.map(([character, ...p]) => [character, row(visible(character), p, whole)]);
    const others = size - shown.length;
    const last = others > 0 ? [row(`${others} more`, rest, whole)] : [];
    list.replaceChildren(...rows.map(([, made]) => made), ...last);
    const words = shown.slice(0, 3).map(([character, , p]) => `${visible(character)} ${percent(p)}`);
    list.setAttribute("aria-label", `${kept} of ${size} characters left; ${words.join(", ")}`);
  }

  // Light up the bar of the character that was drawn from these bars.
  function mark(character) {
    const found = rows.find(([one]) => one === character);
    (found ? found[1] : list.lastElementChild).classList.add("gx-drawn");
  }

  return { element: list, show, mark };
}
