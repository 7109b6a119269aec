// The PictureUpload's view: choose or drop a file, send it in parts, see what came of it.

import { button, element } from "./dom.js";
import { createPicture, toBytes } from "./picture.js";

const PART = 500000; // bytes in a message; Jupyter's server takes no long ones

function render({ model, el }) {
  const picture = createPicture([260, 390]);
  picture.canvas.classList.add("gx-smooth");
  const input = element("input", { type: "file", accept: "image/*", hidden: true,
                                   "aria-label": "Picture file", onchange: choose });
  const note = element("div", { class: "gx-hint", "aria-live": "polite" });
  const error = element("div", { class: "gx-error", role: "alert", hidden: true });
  const choice = button("Choose a picture", "Choose a picture file", () => input.click());
  let sent = "";

  function choose() {
    if (input.files.length) send(input.files[0]);
    input.value = ""; // so that the same file can be chosen again
  }

  async function send(file) {
    if (file.size > model.get("limit")) {
      const most = Math.round(model.get("limit") / 1e6);
      return complain(`${file.name} has ${Math.round(file.size / 1e6)} MB; at most ${most} MB, please.`);
    }
    const content = await file.arrayBuffer();
    const parts = Math.max(1, Math.ceil(content.byteLength / PART));
    sent = Math.random().toString(36).slice(2);
    complain("");
    note.textContent = `Reading ${file.name} …`;
    for (let i = 0; i < parts; i += 1) {
      const part = content.slice(i * PART, (i + 1) * PART);
      model.send({ kind: "part", id: sent, name: file.name, parts }, undefined, [part]);
    }
  }

  function complain(words) {
    error.textContent = words;
    error.hidden = !words;
    if (words) note.textContent = "The last picture stays.";
  }

  function show() {
    const [, ...shape] = model.get("shape");
    picture.paint(toBytes(model.get("pixels")), shape);
    picture.canvas.setAttribute("aria-label", model.get("name"));
    note.textContent = `${model.get("name")}, ${shape[1]} × ${shape[0]} pixels`;
    complain(model.get("error"));
  }

  const drop = element("div", {
    class: "gx-drop",
    ondragover: (event) => { event.preventDefault(); drop.classList.add("gx-over"); },
    ondragleave: () => drop.classList.remove("gx-over"),
    ondrop: (event) => {
      event.preventDefault();
      event.stopPropagation();
      drop.classList.remove("gx-over");
      if (event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
    },
  }, picture.canvas, element("div", { class: "gx-tools" }, choice, "or drop one here"), input);

  el.append(element("div", { class: "gx gx-upload" },
                    element("div", { class: "gx-side" }, drop, note, error)));
  model.on("change:received change:pixels change:error", show);
  show();
  return () => model.off("change:received change:pixels change:error", show);
}

export default { render };
