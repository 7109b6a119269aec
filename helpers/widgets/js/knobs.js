// The three knobs: temperature, top-k and top-p, each a slider with its value beside it.

import { element } from "./dom.js";

function slider(name, attributes, words, onturn) {
  const input = element("input", { type: "range", ...attributes, "aria-label": name,
                                   oninput: onturn });
  const output = element("output", {});
  const row = element("label", { class: "gx-slider gx-knob" }, name, input, output);
  return {
    row,
    value: () => Number(input.value),
    show(value) {
      input.value = value;
      output.textContent = words(value);
      input.setAttribute("aria-valuetext", words(value));
    },
  };
}

export function createKnobs(size, onturn) {
  const turned = () => onturn(values());
  const knobs = {
    temperature: slider("temperature", { min: 0, max: 2, step: 0.05 },
                        (value) => (value === 0 ? "0 (best)" : value.toFixed(2)), turned),
    top_k: slider("top-k", { min: 1, max: size, step: 1 },
                  (value) => (value >= size ? "all" : String(value)), turned),
    top_p: slider("top-p", { min: 0.05, max: 1, step: 0.01 },
                  (value) => (value >= 1 ? "all" : value.toFixed(2)), turned),
  };

  function values() {
    return Object.fromEntries(Object.entries(knobs).map(([name, knob]) => [name, knob.value()]));
  }

  function show(shown) {
    for (const [name, knob] of Object.entries(knobs)) knob.show(shown[name]);
  }

  const rows = Object.values(knobs).map(({ row }) => row);
  return { element: element("div", { class: "gx-knobs" }, ...rows), show };
}
