// A lesson's own network, run step by step in plain loops: helpers/widgets/export.py wrote it.

import { BINARY, UNARY } from "./arithmetic.js";
import { toBytes } from "./picture.js";

// Return a function of as many arrays as the program has inputs; it gives its outputs,
// Float32Arrays that the next call writes over.
export function createNetwork({ program, weights }) {
  const values = program.shapes.map((shape) => new Float32Array(length(shape)));
  readConstants(program, toBytes(weights), values);
  const steps = program.steps.map((step) => compile(step, program.shapes, values));
  const run = (...inputs) => {
    program.inputs.forEach((number, i) => values[number].set(inputs[i]));
    for (const step of steps) step();
    return program.outputs.map((number) => values[number]);
  };
  run.shapes = program.outputs.map((number) => program.shapes[number]);
  return run;
}

const length = (shape) => shape.reduce((product, side) => product * side, 1);

function readConstants({ kind, constants }, bytes, values) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = kind === "float16" ? (at) => half(view.getUint16(at, true))
                                  : (at) => view.getFloat32(at, true);
  const width = kind === "float16" ? 2 : 4;
  for (const { value, at } of constants) {
    const target = values[value];
    for (let i = 0; i < target.length; i++) target[i] = read(at + width * i);
  }
}

// A number of 16 bits: sign, five bits of exponent, ten of mantissa.
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa ? NaN : sign * Infinity;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

function compile(step, shapes, values) {
  const from = step.in.map((number) => values[number]);
  const sizes = step.in.map((number) => shapes[number]);
  const to = values[step.out];
  const shape = shapes[step.out];
  if (UNARY[step.op]) return unary(UNARY[step.op], from[0], to);
  if (BINARY[step.op]) return binary(BINARY[step.op], from, sizes, to, shape);
  return LAYERS[step.op](step, from, sizes, to, shape);
}

function unary(act, from, to) {
  return () => {
    for (let i = 0; i < to.length; i++) to[i] = act(from[i]);
  };
}

function binary(act, [a, b], [shapeA, shapeB], to, shape) {
  if (a.length === to.length && b.length === to.length) {
    return () => {
      for (let i = 0; i < to.length; i++) to[i] = act(a[i], b[i]);
    };
  }
  if (a.length === to.length && b.length === 1) {
    return () => {
      for (let i = 0; i < to.length; i++) to[i] = act(a[i], b[0]);
    };
  }
  const [placesA, placesB] = [places(shapeA, shape), places(shapeB, shape)];
  return () => {
    for (let i = 0; i < to.length; i++) to[i] = act(a[placesA[i]], b[placesB[i]]);
  };
}

// Where each number of `shape` comes from in an array of the shape `of` that is broadcast.
function places(of, shape) {
  const padded = [...Array(shape.length - of.length).fill(1), ...of];
  const strides = stridesOf(padded).map((stride, i) => (padded[i] === 1 ? 0 : stride));
  return Int32Array.from({ length: length(shape) }, (_, i) => {
    let place = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += (i % shape[axis]) * strides[axis];
      i = Math.floor(i / shape[axis]);
    }
    return place;
  });
}

function stridesOf(shape) {
  const strides = Array(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = strides[axis + 1] * shape[axis + 1];
  }
  return strides;
}

const LAYERS = {
  Reshape: (_, [from], __, to) => () => to.set(from),

  Trunc: (_, [from], __, to) => unary(Math.trunc, from, to),

  LeakyRelu: ({ alpha }, [from], _, to) => unary((x) => (x > 0 ? x : alpha * x), from, to),

  // Of a matrix and a matrix, or a stack of them and one or as many.
  MatMul({ turned }, [a, b], [shapeA, shapeB], to, shape) {
    const [rows, columns] = shape.slice(-2);
    const inner = shapeA.at(turned[0] ? -2 : -1);
    const first = turned[0] ? transposed(a, ...shapeA.slice(-2)) : () => a;
    const second = turned[1] ? transposed(b, ...shapeB.slice(-2)) : () => b;
    const next = b.length > inner * columns ? inner * columns : 0;
    const again = a.length > rows * inner ? a.length : rows * inner;
    return () => {
      const [left, right] = [first(), second()];
      to.fill(0);
      for (let i = 0; i < to.length / columns; i++) {
        addRows(left, (i * inner) % again, inner, right, Math.floor(i / rows) * next,
                to, i * columns, columns);
      }
    };
  },

  // Each pixel that is made gathers what lies under the filter.
  Conv2D({ strides: [down, right], same }, [from, filters], [[n, h, w, c], [fh, fw]], to,
         [, oh, ow, oc]) {
    const [top, left] = padding(same, [h, w], [oh, ow], [fh, fw], [down, right]);
    return () => {
      to.fill(0);
      for (let i = 0; i < n * oh * ow; i++) {
        const image = Math.floor(i / (oh * ow));
        const y = (Math.floor(i / ow) % oh) * down - top;
        const x = (i % ow) * right - left;
        for (let ky = Math.max(0, -y); ky < fh && y + ky < h; ky++) {
          for (let kx = Math.max(0, -x); kx < fw && x + kx < w; kx++) {
            const at = ((image * h + y + ky) * w + x + kx) * c;
            addRows(from, at, c, filters, (ky * fw + kx) * c * oc, to, i * oc, oc);
          }
        }
      }
    };
  },

  // Each pixel that is given spreads over what lies under the filter.
  ConvTranspose({ strides: [down, right], same }, [from, filters], [[n, h, w, c], [fh, fw]], to,
                [, oh, ow, oc]) {
    const [top, left] = padding(same, [oh, ow], [h, w], [fh, fw], [down, right]);
    return () => {
      to.fill(0);
      for (let i = 0; i < n * h * w; i++) {
        const image = Math.floor(i / (h * w));
        const y = (Math.floor(i / w) % h) * down - top;
        const x = (i % w) * right - left;
        for (let ky = Math.max(0, -y); ky < fh && y + ky < oh; ky++) {
          for (let kx = Math.max(0, -x); kx < fw && x + kx < ow; kx++) {
            const at = ((image * oh + y + ky) * ow + x + kx) * oc;
            addRows(from, i * c, c, filters, (ky * fw + kx) * c * oc, to, at, oc);
          }
        }
      }
    };
  },

  MaxPool: pool(-Infinity, Math.max, (best) => best),

  AvgPool: pool(0, (sum, x) => sum + x, (sum, count) => sum / count),

  BatchNorm({ epsilon }, [from, scale, offset, mean, variance], _, to) {
    const c = scale.length;
    return () => {
      for (let i = 0; i < to.length; i++) {
        const k = i % c;
        to[i] = ((from[i] - mean[k]) / Math.sqrt(variance[k] + epsilon)) * scale[k] + offset[k];
      }
    };
  },

  Softmax: (_, [from], [shape], to) => rows(from, to, shape.at(-1), (x, largest, total) =>
    Math.exp(x - largest) / total),

  LogSoftmax: (_, [from], [shape], to) => rows(from, to, shape.at(-1), (x, largest, total) =>
    x - largest - Math.log(total)),

  Concat: ({ axis }, from, sizes, to) => join(from, sizes.map((shape) => length(shape.slice(axis))), to),

  Pack: ({ axis }, from, sizes, to) => join(from, sizes.map((shape) => length(shape.slice(axis))), to),

  Slice({ begin, size }, [from], [shape], to, made) {
    const strides = stridesOf(shape);
    const first = begin.reduce((sum, at, axis) => sum + at * strides[axis], 0);
    const counts = size ?? made;
    const inside = stridesOf(counts);
    const taken = Int32Array.from(to, (_, i) => first + counts.reduce(
      (sum, count, axis) => sum + (Math.floor(i / inside[axis]) % count) * strides[axis], 0));
    return take(from, to, taken);
  },

  Take: ({ places: taken }, [from], _, to) => take(from, to, Int32Array.from(taken)),

  OneHot({ on, off }, [from], _, to) {
    const depth = to.length / from.length;
    return () => {
      to.fill(off);
      from.forEach((index, i) => { if (index >= 0 && index < depth) to[i * depth + index] = on; });
    };
  },

  Gather(_, [table, index], [[, ...rest]], to) {
    const width = length(rest);
    return () => index.forEach((row, i) => {
      to.set(table.subarray(row * width, (row + 1) * width), i * width);
    });
  },

  Select(_, parts, sizes, to, shape) {
    const [test, yes, no] = sizes.map((one) => places(one, shape));
    return () => {
      for (let i = 0; i < to.length; i++) {
        to[i] = parts[0][test[i]] ? parts[1][yes[i]] : parts[2][no[i]];
      }
    };
  },

  AddN: (_, parts, __, to) => () => {
    for (let i = 0; i < to.length; i++) to[i] = parts.reduce((sum, part) => sum + part[i], 0);
  },

  ArgMax(_, [from], [shape], to) {
    const width = shape.at(-1);
    return () => {
      for (let i = 0; i < to.length; i++) {
        const row = from.subarray(i * width, (i + 1) * width);
        to[i] = row.indexOf(Math.max(...row));
      }
    };
  },

  Sum: reduce(0, (sum, x) => sum + x, (sum) => sum),
  Mean: reduce(0, (sum, x) => sum + x, (sum, count) => sum / count),
  Prod: reduce(1, (product, x) => product * x, (product) => product),
  Max: reduce(-Infinity, Math.max, (best) => best),
  Min: reduce(Infinity, Math.min, (best) => best),
};

function take(from, to, taken) {
  return () => {
    for (let i = 0; i < to.length; i++) to[i] = taken[i] < 0 ? 0 : from[taken[i]];
  };
}

// Add to `width` numbers of `to` the rows of a matrix, each times one of `count` numbers
// of `from`. Four at a time: that reads and writes `to` a quarter as often. Rows times
// zero are left out; behind a ReLU they are many.
function addRows(from, at, count, matrix, start, to, there, width) {
  let i = 0;
  for (; i + 3 < count; i += 4) {
    const a = from[at + i];
    const b = from[at + i + 1];
    const c = from[at + i + 2];
    const d = from[at + i + 3];
    if (a === 0 && b === 0 && c === 0 && d === 0) continue;
    const one = start + i * width;
    const two = one + width;
    const three = two + width;
    const four = three + width;
    for (let o = 0; o < width; o++) {
      to[there + o] += a * matrix[one + o] + b * matrix[two + o] +
                       c * matrix[three + o] + d * matrix[four + o];
    }
  }
  for (; i < count; i++) {
    const x = from[at + i];
    const row = start + i * width;
    if (x !== 0) for (let o = 0; o < width; o++) to[there + o] += x * matrix[row + o];
  }
}

// Rows and columns of zeros above and to the left, as TensorFlow lays them.
function padding(same, large, small, filter, strides) {
  if (!same) return [0, 0];
  return [0, 1].map((i) => Math.floor(
    Math.max(0, (small[i] - 1) * strides[i] + filter[i] - large[i]) / 2));
}

function pool(start, join_, finish) {
  return ({ strides, same, size }, [from], [[n, h, w, c]], to, [, oh, ow]) => {
    const [top, left] = padding(same, [h, w], [oh, ow], size, strides);
    return () => {
      for (let i = 0; i < n * oh * ow; i++) {
        const [y, x] = [Math.floor(i / ow) % oh, i % ow];
        const image = Math.floor(i / (oh * ow));
        for (let k = 0; k < c; k++) {
          let [value, count] = [start, 0];
          for (let ky = 0; ky < size[0]; ky++) {
            for (let kx = 0; kx < size[1]; kx++) {
              const [row, column] = [y * strides[0] + ky - top, x * strides[1] + kx - left];
              if (row < 0 || row >= h || column < 0 || column >= w) continue;
              value = join_(value, from[((image * h + row) * w + column) * c + k]);
              count += 1;
            }
          }
          to[i * c + k] = finish(value, count);
        }
      }
    };
  };
}

// Along the last axis, with the row's largest number and the sum of exp(x - largest).
function rows(from, to, width, act) {
  return () => {
    for (let at = 0; at < from.length; at += width) {
      let [largest, total] = [-Infinity, 0];
      for (let i = at; i < at + width; i++) largest = Math.max(largest, from[i]);
      for (let i = at; i < at + width; i++) total += Math.exp(from[i] - largest);
      for (let i = at; i < at + width; i++) to[i] = act(from[i], largest, total);
    }
  };
}

function join(parts, widths, to) {
  return () => {
    for (let at = 0, row = 0; at < to.length; row++) {
      parts.forEach((part, i) => {
        to.set(part.subarray(row * widths[i], (row + 1) * widths[i]), at);
        at += widths[i];
      });
    }
  };
}

function reduce(start, add, finish) {
  return ({ axes }, [from], [shape], to) => {
    const kept = shape.map((side, axis) => (axes.includes(axis) ? 1 : side));
    const target = places(kept, shape);
    const count = from.length / to.length;
    const sums = new Float64Array(to.length);
    return () => {
      sums.fill(start);
      for (let i = 0; i < from.length; i++) sums[target[i]] = add(sums[target[i]], from[i]);
      for (let i = 0; i < to.length; i++) to[i] = finish(sums[i], count);
    };
  };
}

function transposed(stack, height, width) {
  const turned = new Float32Array(stack.length);
  return () => {
    for (let at = 0; at < stack.length; at += height * width) {
      for (let i = 0; i < height; i++) {
        for (let j = 0; j < width; j++) turned[at + j * height + i] = stack[at + i * width + j];
      }
    }
    return turned;
  };
}
