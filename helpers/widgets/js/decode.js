// What a LatentExplorer asks of its decoder: a picture, or tiles all over the plane.

import { toPixels } from "./stand_in.js";

const TILES = 11; // along an axis; helpers/widgets/latent_explorer.py has the same

function decode({ z, label }, networks) {
  return { z, label, pictures: toPixels(networks.decode(z, [label])[0]) };
}

// A row of tiles at a time, so that the handle can be dragged meanwhile.
async function tiles({ z, label, axes }, networks, model) {
  const [, ...shape] = model.get("shape");
  const length = shape[0] * shape[1] * shape[2];
  const made = new Uint8Array(TILES * TILES * length);
  const limits = model.get("limits");
  for (let row = 0; row < TILES; row++) {
    for (let column = 0; column < TILES; column++) {
      const point = [...z];
      [column, row].forEach((step, i) => {
        const [low, high] = limits[axes[i]];
        point[axes[i]] = low + ((high - low) * step) / (TILES - 1);
      });
      const pixels = toPixels(networks.decode(point, [label])[0]);
      made.set(pixels, (row * TILES + column) * length);
    }
    await new Promise((done) => { setTimeout(done); });
  }
  return { tiles: made, tiles_of: { z, label, axes, shape: [TILES * TILES, ...shape] } };
}

export const decodeAnswers = { decode, tiles };

// Two points share their tiles when they differ only along the axes of the plane.
export function tilesKey({ z, label, axes }) {
  return JSON.stringify([label, axes, z.map((value, i) => (axes.includes(i) ? "" : value))]);
}
