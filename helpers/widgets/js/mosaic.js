// Tiles decoded all over the plane, as one image to lie under its points.

import { toImageData } from "./picture.js";

// `limits` of all dimensions; the image reaches half a tile beyond its outer codes.
export function mosaic({ bytes, axes, shape }, limits) {
  const [tiles, height, width, channels] = shape;
  const count = Math.sqrt(tiles); // a side
  const image = document.createElement("canvas");
  image.width = count * width;
  image.height = count * height;
  const context = image.getContext("2d");
  const length = height * width * channels;
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      const start = (row * count + column) * length;
      const tile = toImageData(bytes.subarray(start, start + length), height, width, channels);
      context.putImageData(tile, column * width, (count - 1 - row) * height);
    }
  }
  const [x, y] = axes.map((axis) => {
    const [low, high] = limits[axis];
    const gap = (high - low) / (count - 1);
    return [low - gap / 2, low + gap * (count - 0.5)];
  });
  return { image, x, y };
}
