// The encoded points: where each class lies, and how all of them are drawn.

const RADIUS = 2.4;
const APART = 17; // CSS pixels between the names of two classes

export const COLOURS = ["#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc", "#ca9161",
                        "#fbafe4", "#949494", "#ece133", "#56b4e9"];

export function colourOf(label) {
  return label < 0 ? "#8a8a8a" : COLOURS[label % COLOURS.length];
}

export function drawPoints(context, { codes, labels, dim }, axes, place) {
  const [i, j] = axes;
  context.globalAlpha = 0.62;
  let drawn = null;
  for (let n = 0; n < labels.length; n++) {
    const [x, y] = place([codes[n * dim + i], codes[n * dim + j]]);
    if (labels[n] !== drawn) {
      drawn = labels[n];
      context.fillStyle = colourOf(drawn);
    }
    context.beginPath();
    context.arc(x, y, RADIUS, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}

// The median of every class, as [label, [x, y]] on the plane.
export function classCentres({ codes, labels, dim }, axes) {
  const members = new Map();
  labels.forEach((label, n) => {
    if (label < 0) return;
    if (!members.has(label)) members.set(label, [[], []]);
    axes.forEach((axis, k) => members.get(label)[k].push(codes[n * dim + axis]));
  });
  return [...members].map(([label, [x, y]]) => [label, [median(x), median(y)]]);
}

function median(values) {
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)];
}

export function drawNames(context, centres, names, place, paper) {
  const spots = spread(centres.map(([, centre]) => place(centre)));
  context.font = `700 14px ${getComputedStyle(context.canvas).fontFamily}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = paper;
  context.fillStyle = getComputedStyle(context.canvas).color;
  centres.forEach(([label], n) => {
    context.strokeText(names[label], ...spots[n]);
    context.fillText(names[label], ...spots[n]);
  });
}

// Push names apart that would cover each other.
function spread(spots) {
  for (let round = 0; round < 30; round++) {
    for (let a = 0; a < spots.length; a++) {
      for (let b = 0; b < a; b++) push(spots[a], spots[b]);
    }
  }
  return spots;
}

function push(one, other) {
  const [dx, dy] = [one[0] - other[0], one[1] - other[1] || 0.01];
  const gap = Math.hypot(dx, dy);
  if (gap >= APART) return;
  const move = (APART - gap) / 2 / gap;
  one[0] += dx * move;
  one[1] += dy * move;
  other[0] -= dx * move;
  other[1] -= dy * move;
}
