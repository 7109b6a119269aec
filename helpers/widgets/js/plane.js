// The plane: axes, points and names behind, a handle in front. Only the front is drawn
// again while the handle moves.

import { element } from "./dom.js";
import { listen } from "./gestures.js";
import { classCentres, drawNames, drawPoints } from "./points.js";
import { clamp, reveal, ticks, widen, zoom } from "./viewport.js";
import { drawCross, drawEllipse, drawHandle, drawWalk, frame, tickLabels } from "./marks.js";

const MARGIN = { left: 34, right: 9, top: 9, bottom: 24 };

export function createPlane({ points, names, limits, axes, describedBy, on }) {
  const back = element("canvas", { class: "gx-layer" });
  const front = element("canvas", { class: "gx-layer" });
  const box = element("div", {
    class: "gx-plane", tabindex: 0, role: "application", "aria-describedby": describedBy,
    "aria-label": "Latent plane. Arrow keys move the point, with Shift in small steps. " +
                  "Plus and minus zoom, Home shows all.",
  }, back, front);
  const marks = { at: [0, 0], walk: [null, null], ellipse: null, tiles: null };
  let whole = rangesOf(axes);
  let view = whole;
  let centres = classCentres(points, axes);
  let size = 0;
  let frontDue = 0;

  function rangesOf([i, j]) {
    return { x: [...limits[i]], y: [...limits[j]] };
  }

  const inside = () => ({ left: MARGIN.left, top: MARGIN.top,
                          width: size - MARGIN.left - MARGIN.right,
                          height: size - MARGIN.top - MARGIN.bottom });

  function place([x, y]) {
    const { left, top, width, height } = inside();
    return [left + (width * (x - view.x[0])) / (view.x[1] - view.x[0]),
            top + (height * (view.y[1] - y)) / (view.y[1] - view.y[0])];
  }

  function toPoint({ clientX, clientY }) {
    const { left, top, width, height } = inside();
    const corner = box.getBoundingClientRect();
    const x = (clientX - corner.left - left) / width;
    const y = (clientY - corner.top - top) / height;
    return [clamp(view.x[0] + x * (view.x[1] - view.x[0]), whole.x),
            clamp(view.y[1] - y * (view.y[1] - view.y[0]), whole.y)];
  }

  function stepBy([right, up]) {
    on.point([clamp(marks.at[0] + right * (view.x[1] - view.x[0]), whole.x),
              clamp(marks.at[1] + up * (view.y[1] - view.y[0]), whole.y)], null);
  }

  function zoomBy(factor, point) {
    view = zoom(view, point || marks.at, factor, whole);
    drawAll();
  }

  function context(canvas) {
    const made = canvas.getContext("2d");
    const scale = canvas.width / size;
    made.setTransform(scale, 0, 0, scale, 0, 0);
    made.clearRect(0, 0, size, size);
    return made;
  }

  function drawBack() {
    const style = getComputedStyle(box);
    const made = context(back);
    const steps = { x: ticks(view.x), y: ticks(view.y) };
    const look = { line: style.getPropertyValue("--gx-line"), text: style.color,
                   paper: style.getPropertyValue("--gx-paper"), font: style.fontFamily };
    frame(made, inside(), steps, place, look, () => {
      if (marks.tiles) drawTiles(made);
      drawPoints(made, points, axes, place);
      drawNames(made, centres, names, place, look.paper);
    });
    tickLabels(made, inside(), steps, place, axes, look);
  }

  function drawTiles(made) {
    const { image, x, y } = marks.tiles;
    const [left, top] = place([x[0], y[1]]);
    const [right, bottom] = place([x[1], y[0]]);
    made.imageSmoothingEnabled = right - left < image.width; // crisp when enlarged
    made.imageSmoothingQuality = "high";
    made.drawImage(image, left, top, right - left, bottom - top);
  }

  function drawFront() {
    const made = context(front);
    const { left, top, width, height } = inside();
    made.beginPath(); // a handle on the border stays whole, one out of view is not drawn
    made.rect(left - 9, top - 9, width + 18, height + 18);
    made.save();
    made.clip();
    drawCross(made, place(marks.at), inside());
    drawWalk(made, marks.walk.map((point) => point && place(point)));
    drawHandle(made, place(marks.at));
    made.beginPath();
    made.rect(left, top, width, height);
    made.clip();
    if (marks.ellipse) drawEllipse(made, marks.ellipse, place);
    made.restore();
  }

  // Once before the page is painted, however often the handle and its marks change.
  function drawFrontSoon() {
    frontDue ||= requestAnimationFrame(() => {
      frontDue = 0;
      if (size) drawFront();
    });
  }

  function drawAll() {
    if (!size) return;
    drawBack();
    drawFront();
  }

  function resize() {
    size = box.clientWidth;
    const density = Math.max(1, window.devicePixelRatio || 1);
    for (const canvas of [back, front]) canvas.width = canvas.height = Math.round(size * density);
    drawAll();
  }

  const watcher = new ResizeObserver(resize);
  watcher.observe(box);
  const theme = new MutationObserver(drawAll);
  theme.observe(document.body, { attributes: true });
  listen(box, { at: () => marks.at, toPoint, stepBy, zoomBy },
         { onpoint: on.point, onkey: on.key });

  return {
    element: box,
    moveTo(point) {
      marks.at = point;
      const seen = reveal(view, [clamp(point[0], whole.x), clamp(point[1], whole.y)]);
      const moved = ["x", "y"].some((axis) => seen[axis][0] !== view[axis][0]);
      view = seen;
      if (!size) return;
      if (moved) drawBack();
      drawFrontSoon();
    },
    // Make room for points beyond the limits, until other such points are given.
    include(beyond) {
      const wasWhole = view === whole;
      const wider = widen(rangesOf(axes), beyond);
      if (JSON.stringify(wider) === JSON.stringify(whole)) return;
      whole = wider;
      view = wasWhole ? whole : zoom(view, marks.at, 1, whole);
      drawAll();
    },
    showAll() {
      view = whole;
      drawAll();
    },
    mark(changes) {
      Object.assign(marks, changes);
      if ("tiles" in changes) drawAll();
      else drawFrontSoon();
    },
    setAxes(chosen) {
      axes = chosen;
      whole = view = rangesOf(axes);
      centres = classCentres(points, axes);
      drawAll();
    },
    zoomBy: (factor) => zoomBy(factor, null),
    destroy() {
      cancelAnimationFrame(frontDue);
      watcher.disconnect();
      theme.disconnect();
    },
  };
}
