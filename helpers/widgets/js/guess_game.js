// The GuessGame's view: rows of pictures, a list of names beside each, and the count.

import { button, element } from "./dom.js";
import { createPicture, toBytes } from "./picture.js";

function render({ model, el }) {
  const [count, ...shape] = model.get("shape");
  const bytes = toBytes(model.get("pixels"));
  const size = shape[0] * shape[1] * shape[2];
  const names = model.get("names");
  const answers = model.get("answers");
  const verdict = element("output", { class: "gx-hint", "aria-live": "polite" });
  const reveal = button("Show the answers", "Show which model drew which", answer);
  let shown = false;

  const rows = answers.map((_, row) => {
    const letter = String.fromCharCode(65 + row);
    const picture = createPicture([40, 420]);
    picture.paint(bytes.subarray(row * size, (row + 1) * size), shape);
    picture.canvas.setAttribute("aria-label", `Row ${letter}: pictures of one model`);
    const options = ["?", ...names].map((name) => element("option", { value: name }, name));
    const list = element("select", { "aria-label": `Which model drew row ${letter}?`,
                                     onchange: () => guess(row, list.value) }, ...options);
    const mark = element("span", { class: "gx-mark-of" });
    const line = element("div", { class: "gx-guess" },
      element("b", {}, letter), picture.canvas, list, mark);
    return { line, list, mark };
  });

  function guess(row, name) {
    const guesses = { ...model.get("guesses") };
    if (name === "?") delete guesses[row];
    else guesses[row] = name;
    model.set("guesses", guesses);
    model.save_changes();
  }

  function answer() {
    shown = true;
    show();
  }

  function show() {
    const guesses = model.get("guesses");
    const made = Object.keys(guesses).length;
    const right = Object.entries(guesses).filter(([row, name]) => answers[row] === name).length;
    rows.forEach(({ list, mark, line }, row) => {
      list.value = guesses[row] ?? "?";
      list.disabled = shown;
      mark.textContent = shown ? answers[row] : "";
      line.classList.toggle("gx-right", shown && guesses[row] === answers[row]);
    });
    verdict.textContent = shown
      ? `${right} of ${count} right. By chance: 1.`
      : `${made} of ${count} guessed.`;
    reveal.disabled = shown;
  }

  el.append(element("div", { class: "gx gx-game" },
    ...rows.map(({ line }) => line),
    element("div", { class: "gx-verdict" }, reveal, verdict)));
  model.on("change:guesses", show);
  show();
  return () => model.off("change:guesses", show);
}

export default { render };
