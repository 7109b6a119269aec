// An atlas as one image to lie under the points of the plane.

import { toImageData } from "./picture.js";

const SHOWN = 11; // tiles a side; more would be too small to see

// `limits` of all dimensions; the image reaches half a tile beyond its outer codes.
export function mosaic({ bytes, axes, side, shape }, limits) {
  const [, height, width, channels] = shape;
  const every = Math.ceil(side / SHOWN);
  const count = Math.floor((side - 1) / every) + 1;
  const image = document.createElement("canvas");
  image.width = count * width;
  image.height = count * height;
  const context = image.getContext("2d");
  const length = height * width * channels;
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      const start = (row * side + column) * every * length;
      const tile = toImageData(bytes.subarray(start, start + length), height, width, channels);
      context.putImageData(tile, column * width, (count - 1 - row) * height);
    }
  }
  const [x, y] = axes.map((axis) => {
    const [low, high] = limits[axis];
    const gap = ((high - low) / (side - 1)) * every;
    return [low - gap / 2, low + gap * (count - 0.5)];
  });
  return { image, x, y };
}
