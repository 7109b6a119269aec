// The PictureSlider's view: pictures that are all here, one of them on the canvas.

import { element } from "./dom.js";
import { createPicture, toBytes } from "./picture.js";

function render({ model, el }) {
  const [count, ...shape] = model.get("shape");
  const bytes = toBytes(model.get("pixels"));
  const size = shape[0] * shape[1] * shape[2];
  const picture = createPicture([420, 640]);
  picture.canvas.classList.add("gx-smooth");
  const input = element("input", { type: "range", min: 0, max: count - 1, step: 1,
                                   "aria-label": model.get("label") || "picture", oninput: choose });
  const output = element("output", {});
  const marks = model.get("captions").map((text, i) => element(
    "button", { type: "button", class: "gx-mark", tabindex: -1, onclick: () => move(i) }, text));

  function choose() {
    move(Number(input.value));
  }

  function move(index) {
    if (index === model.get("index")) return;
    model.set("index", index);
    model.save_changes();
  }

  function show() {
    const index = model.get("index");
    const caption = model.get("captions")[index];
    input.value = index;
    input.setAttribute("aria-valuetext", caption);
    output.textContent = `${model.get("label")} ${caption}`.trim();
    marks.forEach((mark, i) => mark.classList.toggle("gx-here", i === index));
    picture.paint(bytes.subarray(index * size, (index + 1) * size), shape);
    picture.canvas.setAttribute("aria-label", output.textContent);
  }

  el.append(element("div", { class: "gx gx-slide" },
    element("div", { class: "gx-frame" }, picture.canvas,
            element("div", { class: "gx-along" }, input,
                    element("div", { class: "gx-marks" }, ...marks)),
            output)));
  model.on("change:index", show);
  show();
  return () => model.off("change:index", show);
}

export default { render };
