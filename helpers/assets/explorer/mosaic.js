// An atlas as one image to lie under the points of the plane.

import { toImageData } from "./picture.js";

// `limits` of all dimensions; the image reaches half a tile beyond them on every side.
export function mosaic({ bytes, axes, side, shape }, limits) {
  const [, height, width, channels] = shape;
  const image = document.createElement("canvas");
  image.width = side * width;
  image.height = side * height;
  const context = image.getContext("2d");
  const length = height * width * channels;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const start = (row * side + column) * length;
      const tile = toImageData(bytes.subarray(start, start + length), height, width, channels);
      context.putImageData(tile, column * width, (side - 1 - row) * height);
    }
  }
  const [x, y] = axes.map((axis) => {
    const [low, high] = limits[axis];
    const half = (high - low) / (side - 1) / 2;
    return [low - half, high + half];
  });
  return { image, x, y };
}
