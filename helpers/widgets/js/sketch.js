// A canvas to draw on with mouse, touch or pen: strokes, undo, and a picture of them.

import { capture, element } from "./dom.js";

const SIDE = 196; // pixels a side as Python gets them: widgets/drawing.py has the same
const PEN = 0.085; // of the side

export function createSketch({ onchange, onbegin }) {
  const canvas = element("canvas", {
    class: "gx-sketch", tabindex: 0, role: "img", width: SIDE * 2, height: SIDE * 2,
    "aria-label": "Drawing. Control Z takes the last stroke back, Delete clears.",
  });
  const raster = element("canvas", { width: SIDE, height: SIDE });
  let strokes = [];
  let base = null; // a drawing that did not come from this pen
  let stroke = null;

  function paint() {
    for (const page of [canvas, raster]) {
      const context = page.getContext("2d", { willReadFrequently: true });
      context.fillStyle = "#000000";
      context.fillRect(0, 0, page.width, page.height);
      if (base) context.drawImage(base, 0, 0, page.width, page.height);
      for (const one of strokes) drawStroke(context, one, page.width);
    }
  }

  function bytes() {
    const { data } = raster.getContext("2d").getImageData(0, 0, SIDE, SIDE);
    const ink = new Uint8Array(SIDE * SIDE);
    for (let i = 0; i < ink.length; i++) ink[i] = data[4 * i];
    return ink;
  }

  function changed() {
    paint();
    onchange(bytes());
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  function down(event) {
    if (event.button !== 0 || stroke) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    capture(canvas, event.pointerId);
    if (!strokes.length) onbegin();
    base = null;
    stroke = { pointer: event.pointerId, points: [place(event)] };
    strokes.push(stroke.points);
    changed();
  }

  function move(event) {
    if (!stroke || event.pointerId !== stroke.pointer) return;
    const between = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    for (const one of between.length ? between : [event]) stroke.points.push(place(one));
    changed();
  }

  function up(event) {
    if (stroke && event.pointerId === stroke.pointer) stroke = null;
  }

  function undo() {
    base = null;
    strokes.pop();
    changed();
  }

  function clear() {
    base = null;
    strokes = [];
    changed();
  }

  function key(event) {
    if (event.key === "z" && (event.ctrlKey || event.metaKey)) undo();
    else if (event.key === "Delete" || event.key === "Backspace") clear();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  canvas.addEventListener("pointerdown", down);
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("keydown", key);

  return {
    element: canvas, undo, clear,
    isDrawing: () => stroke !== null,
    setBase(image) {
      base = image;
      strokes = [];
      paint();
    },
  };
}

// A smooth curve through the middles between the points that the pointer passed.
function drawStroke(context, points, side) {
  const at = points.map(([x, y]) => [x * side, y * side]);
  context.strokeStyle = "#ffffff";
  context.lineWidth = PEN * side;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.beginPath();
  context.moveTo(...at[0]);
  for (let i = 1; i < at.length - 1; i++) {
    const middle = [(at[i][0] + at[i + 1][0]) / 2, (at[i][1] + at[i + 1][1]) / 2];
    context.quadraticCurveTo(...at[i], ...middle);
  }
  context.lineTo(...at[at.length - 1]);
  context.stroke();
}
