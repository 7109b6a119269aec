// Pictures: bytes onto a canvas, enlarged by whole factors so that pixels stay crisp.

const ROOM = [280, 360]; // CSS pixels up and across

export function createPicture(room = ROOM) {
  const canvas = document.createElement("canvas");
  canvas.className = "gx-picture";
  canvas.setAttribute("role", "img");
  const context = canvas.getContext("2d");
  let size = "";

  function resize([height, width], [shownHeight, shownWidth]) {
    const wanted = [height, width, shownHeight, shownWidth].join();
    if (wanted === size) return;
    size = wanted;
    canvas.height = height;
    canvas.width = width;
    const times = Math.min(room[0] / shownHeight, room[1] / shownWidth);
    const whole = times >= 1 ? Math.floor(times) : times;
    canvas.style.width = `${shownWidth * whole}px`;
    canvas.style.aspectRatio = `${shownWidth} / ${shownHeight}`;
  }

  // `bytes` is uint8 (h, w, c); `like` is the (h, w) whose size on the page it takes.
  function paint(bytes, [height, width, channels], like = [height, width]) {
    resize([height, width], like);
    context.putImageData(toImageData(bytes, height, width, channels), 0, 0);
  }

  return { canvas, paint };
}

export function toImageData(bytes, height, width, channels) {
  const image = new ImageData(width, height);
  const pixels = image.data;
  const [green, blue] = channels === 3 ? [1, 2] : [0, 0];
  for (let i = 0, from = 0; i < pixels.length; i += 4, from += channels) {
    pixels[i] = bytes[from];
    pixels[i + 1] = bytes[from + green];
    pixels[i + 2] = bytes[from + blue];
    pixels[i + 3] = 255;
  }
  return image;
}

export function toImageCanvas(bytes, height, width, channels) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d").putImageData(toImageData(bytes, height, width, channels), 0, 0);
  return canvas;
}

// Binary traits come as DataView, and as ArrayBuffer where an older manager is used.
export function toBytes(data) {
  if (!data) return new Uint8Array();
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
