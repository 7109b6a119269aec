// A drawing made into a digit as MNIST has them: helpers/widgets/drawing.py, in JavaScript.

const SCALED = 20; // the longer side of the ink's box
const FIELD = 28;
const CENTRE = 14.5;
const FAINTEST = 0.3; // of full ink

// `bytes` (side * side), ink 255, to Float32Array (28 * 28) in [0, 1]; null if empty.
export function centred(bytes) {
  const side = Math.sqrt(bytes.length);
  let most = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] > most) most = bytes[i];
  if (!most) return null;
  const [height, width, scaled] = scale(...crop(bytes, most, side));
  const [top, left] = centreOfMass(scaled, height, width).map((centre, i) => {
    const room = FIELD - [height, width][i];
    return Math.min(room, Math.max(0, halfEven(CENTRE - centre)));
  });
  const field = new Float32Array(FIELD * FIELD);
  for (let y = 0; y < height; y++) {
    field.set(scaled.subarray(y * width, (y + 1) * width), (top + y) * FIELD + left);
  }
  return field;
}

// The box of the ink, 1 where the ink is fullest. Plain loops: a hand is drawing.
function crop(bytes, most, side) {
  let [top, left, bottom, right] = [side, side, 0, 0];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (bytes[y * side + x] <= FAINTEST * most) continue;
      if (y < top) top = y;
      bottom = y;
      if (x < left) left = x;
      if (x > right) right = x;
    }
  }
  const [height, width] = [bottom - top + 1, right - left + 1];
  const box = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      box[y * width + x] = bytes[(top + y) * side + left + x] / most;
    }
  }
  return [height, width, box];
}

function scale(height, width, box) {
  const factor = SCALED / Math.max(height, width);
  const [tall, wide] = [height, width].map((side) => Math.max(1, halfEven(side * factor)));
  const filter = factor < 1 ? { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) }
                            : { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) };
  const across = resample(box, height, width, wide, filter);
  const turned = resample(flip(across, height, wide), wide, height, tall, filter);
  const scaled = flip(turned, wide, tall).map((value) => Math.min(1, Math.max(0, value)));
  return [tall, wide, scaled];
}

// Each row of `width` numbers to `made` numbers, as Pillow's resize weighs them.
function resample(from, rows_, width, made, { support, weight }) {
  const ratio = width / made;
  const stretch = Math.max(1, ratio);
  const to = new Float32Array(rows_ * made);
  for (let i = 0; i < made; i++) {
    const centre = (i + 0.5) * ratio;
    const first = Math.max(0, Math.trunc(centre - support * stretch + 0.5));
    const end = Math.min(width, Math.trunc(centre + support * stretch + 0.5));
    const weights = Array.from({ length: end - first }, (_, k) =>
      weight((first + k - centre + 0.5) / stretch));
    const total = weights.reduce((a, b) => a + b, 0);
    for (let row = 0; row < rows_; row++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * from[row * width + first + k];
      to[row * made + i] = sum / total;
    }
  }
  return to;
}

function flip(matrix, height, width) {
  const turned = new Float32Array(matrix.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) turned[x * height + y] = matrix[y * width + x];
  }
  return turned;
}

function centreOfMass(ink, height, width) {
  let [sum, down, right] = [0, 0, 0];
  ink.forEach((value, i) => {
    sum += value;
    down += value * (Math.floor(i / width) + 0.5);
    right += value * ((i % width) + 0.5);
  });
  return [down / sum, right / sum];
}

function halfEven(x) {
  const near = Math.round(x);
  return Math.abs(x % 1) === 0.5 && near % 2 !== 0 ? near - 1 : near;
}
