// Pointer, wheel, pinch and keys on the plane, as calls in the plane's own terms.

import { capture } from "./dom.js";

const STEP = 1 / 40; // of the range in view, for an arrow key; Shift: a fifth of it
const WHEEL = 0.0015;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

// `target` has at(), toPoint(event), stepBy([dx, dy]) and zoomBy(factor, point or null);
// `onpoint(point, event)` is a press or a drag, with no event where a pinch takes it
// back; `onkey(key)` is any other key, and returns whether it was of use.
export function listen(element, target, { onpoint, onkey }) {
  const pressed = new Map();
  let spread = 0;
  let pinched = false; // until all fingers are up
  let before = null; // where the handle was when the first finger came down

  function down(event) {
    if (event.button !== 0) return;
    element.focus({ preventScroll: true });
    event.preventDefault();
    capture(element, event.pointerId);
    pressed.set(event.pointerId, event);
    if (pressed.size === 1) {
      pinched = false;
      before = target.at();
      onpoint(target.toPoint(event), event);
    } else if (pressed.size === 2) {
      pinched = true;
      spread = reach(pressed);
      onpoint(before, null);
    }
  }

  function move(event) {
    if (!pressed.has(event.pointerId)) return;
    pressed.set(event.pointerId, event);
    if (!pinched) onpoint(target.toPoint(event), event);
    else if (pressed.size === 2) pinch();
  }

  function pinch() {
    const now = reach(pressed);
    const [one, other] = pressed.values();
    const middle = { clientX: (one.clientX + other.clientX) / 2,
                     clientY: (one.clientY + other.clientY) / 2 };
    target.zoomBy(spread / now, target.toPoint(middle));
    spread = now;
  }

  function up(event) {
    pressed.delete(event.pointerId);
  }

  function wheel(event) {
    if (!event.ctrlKey && document.activeElement !== element) return; // the page scrolls
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    const speed = event.ctrlKey ? 6 * WHEEL : WHEEL;
    target.zoomBy(Math.exp(event.deltaY * lines * speed), target.toPoint(event));
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    const size = event.shiftKey ? STEP / 5 : STEP;
    if (arrow) target.stepBy(arrow.map((one) => one * size));
    else if (event.key === "+" || event.key === "=") target.zoomBy(0.7, null);
    else if (event.key === "-") target.zoomBy(1 / 0.7, null);
    else if (!onkey(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  element.addEventListener("pointerdown", down);
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("wheel", wheel, { passive: false });
  element.addEventListener("keydown", key);
}

function reach(pressed) {
  const [one, other] = pressed.values();
  return Math.max(1, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY));
}
