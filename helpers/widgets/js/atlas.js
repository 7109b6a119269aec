// The atlas: decoded tiles over the plane that answer before the kernel does.

const MOST = 24; // atlases kept

// Two points share an atlas when they differ only along the axes of the plane.
export function atlasKey(z, label, axes) {
  const rest = z.map((value, i) => (axes.includes(i) ? "" : value));
  return JSON.stringify([label, axes, rest]);
}

export function createAtlases(limits) {
  const shelf = new Map();

  function add(bytes, { z, label, axes, side, shape }) {
    shelf.set(atlasKey(z, label, axes), { bytes, axes, side, shape });
    if (shelf.size > MOST) shelf.delete(shelf.keys().next().value);
  }

  function has(z, label, axes) {
    return shelf.has(atlasKey(z, label, axes));
  }

  // The tile nearest to z: its bytes, and the place on the plane it was decoded from.
  function nearest(z, label, axes) {
    const found = shelf.get(atlasKey(z, label, axes));
    if (!found) return null;
    const [column, row] = axes.map((axis) => step(z[axis], limits[axis], found.side));
    const [, height, width, channels] = found.shape;
    const length = height * width * channels;
    const start = (row * found.side + column) * length;
    const place = [...z];
    place[axes[0]] = valueAt(column, limits[axes[0]], found.side);
    place[axes[1]] = valueAt(row, limits[axes[1]], found.side);
    return { z: place, bytes: found.bytes.subarray(start, start + length),
             shape: [height, width, channels] };
  }

  return { add, has, nearest, get: (key) => shelf.get(key) };
}

function step(value, [low, high], side) {
  const at = Math.round(((value - low) / (high - low)) * (side - 1));
  return Math.min(side - 1, Math.max(0, at));
}

function valueAt(index, [low, high], side) {
  return low + ((high - low) * index) / (side - 1);
}

// How far two points are apart, each dimension in units of its range.
export function distance(a, b, limits) {
  return Math.hypot(...a.map((value, i) => (value - b[i]) / (limits[i][1] - limits[i][0])));
}
