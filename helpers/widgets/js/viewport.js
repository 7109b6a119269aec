// What part of the plane is in view: pure functions on {x: [low, high], y: [low, high]}.

const CLOSEST = 1 / 20; // of the whole range

export function clamp(value, [low, high]) {
  return Math.min(high, Math.max(low, value));
}

function zoomRange([low, high], at, factor, [least, most]) {
  const length = clamp((high - low) * factor, [(most - least) * CLOSEST, most - least]);
  const start = at - ((at - low) * length) / (high - low);
  const first = clamp(start, [least, most - length]);
  return [first, first + length];
}

// Zoom so that the point under the pointer stays where it is, inside the whole range.
export function zoom(view, [x, y], factor, whole) {
  return { x: zoomRange(view.x, x, factor, whole.x), y: zoomRange(view.y, y, factor, whole.y) };
}

function shiftRange([low, high], value) {
  const shift = Math.min(0, value - low) + Math.max(0, value - high);
  return [low + shift, high + shift];
}

// Move the view as little as needed for the point to be in it.
export function reveal(view, [x, y]) {
  return { x: shiftRange(view.x, x), y: shiftRange(view.y, y) };
}

// The smallest ranges that hold the given ones and all the points.
export function widen(whole, points) {
  return {
    x: [Math.min(whole.x[0], ...points.map(([x]) => x)),
        Math.max(whole.x[1], ...points.map(([x]) => x))],
    y: [Math.min(whole.y[0], ...points.map(([, y]) => y)),
        Math.max(whole.y[1], ...points.map(([, y]) => y))],
  };
}

// Ticks at round numbers: about `count` of them inside the range.
export function ticks([low, high], count = 5) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}
