// What stands around the plane: tools below it, the readout, errors and notices.

import { button, element, inscribe, pointInWords } from "./dom.js";
import { toBytes } from "./picture.js";

const QUIET = 600; // ms before a screen reader is told where the point has come to
const HINTS = {
  idle: "",
  start: "Click where the walk starts (or move there with the arrow keys, then Enter).",
  end: "Now click where it ends.",
  walking: "Walking from the ring to the dot.",
};
const STATUS = {
  exact: ["exact", "decoded at this very point"],
  waiting: ["decoding", "waiting for the kernel"],
  failed: ["failed", "the decoder could not decode this point"],
};

export function pointsOf(model) {
  const codes = aligned(toBytes(model.get("codes")));
  const labels = aligned(toBytes(model.get("labels")));
  return { codes: new Float32Array(codes), labels: new Int16Array(labels),
           dim: model.get("limits").length };
}

// A copy of the bytes that starts at zero, as typed arrays of wider numbers need.
function aligned(bytes) {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

// The point z with its two coordinates on the plane put to (x, y).
export function placed(z, axes, [x, y]) {
  const moved = [...z];
  [moved[axes[0]], moved[axes[1]]] = [x, y];
  return moved;
}

export function createReadout() {
  const id = `gx-${Math.random().toString(36).slice(2)}`;
  const value = element("span", { class: "gx-value" });
  const status = element("span", { class: "gx-status" });
  const spoken = element("span", { class: "gx-spoken", id, "aria-live": "polite" });
  let timer = 0;

  function show(z, name, kind) {
    const words = pointInWords(z);
    value.textContent = words;
    [status.textContent, status.title] = STATUS[kind];
    status.dataset.kind = kind;
    clearTimeout(timer);
    timer = setTimeout(() => {
      spoken.textContent = name ? `${words}, class ${name}` : words;
    }, QUIET);
  }

  return { element: element("div", { class: "gx-readout" }, value, status, spoken), id, show };
}

export function messages() {
  const error = element("div", { class: "gx-error", role: "alert", hidden: true });
  const notice = element("div", { class: "gx-notice", role: "status", hidden: true });
  function show(wrong, said) {
    error.textContent = wrong && `${wrong} (the last picture stays)`;
    error.hidden = !wrong;
    notice.textContent = said;
    notice.hidden = !said;
  }
  return { element: element("div", { class: "gx-messages" }, notice, error), show };
}

export function zoomButtons(plane) {
  return [button("+", "Zoom in", () => plane.zoomBy(0.7)),
          button("\u2212", "Zoom out", () => plane.zoomBy(1 / 0.7)),
          button("Fit", "Show the whole plane", plane.showAll)];
}

// Zoom, the walk between two points, and the switch for tiles.
export function toolbar({ plane, walk, ontiles }) {
  let act = walk.begin;
  const play = button("▶ Walk", "Walk along a line between two points that you pick", () => {
    act();
    plane.element.focus({ preventScroll: true });
  });
  const again = button("New line", "Pick two other points", () => {
    walk.begin();
    plane.element.focus({ preventScroll: true });
  });
  const hint = element("div", { class: "gx-hint", "aria-live": "polite" });
  const tiles = element("input", { type: "checkbox",
                                   onchange: (event) => ontiles(event.target.checked) });

  function showWalk(state, hasLine) {
    const idle = state === "idle";
    act = !idle ? walk.stop : hasLine ? walk.replay : walk.begin;
    inscribe(play, !idle ? "■ Stop" : hasLine ? "▶ Play" : "▶ Walk");
    again.hidden = !(idle && hasLine);
    hint.textContent = HINTS[state];
    plane.element.classList.toggle("gx-picking", state === "start" || state === "end");
  }

  showWalk("idle", false);
  const row = element("div", { class: "gx-tools" }, ...zoomButtons(plane), play, again,
                      element("label", { class: "gx-check" }, tiles, "tiles"));
  return { element: row, hint, showWalk };
}
