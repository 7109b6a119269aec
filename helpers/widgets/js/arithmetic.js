// What the steps of a network do to one number, or to two.

const SELU = [1.0507009873554805, 1.6732632423543772]; // Klambauer et al. 2017

export const UNARY = {
  Abs: Math.abs,
  Ceil: Math.ceil,
  Cos: Math.cos,
  Elu: (x) => (x > 0 ? x : Math.expm1(x)),
  Erf: (x) => erf(x),
  Erfc: (x) => 1 - erf(x),
  Exp: Math.exp,
  Expm1: Math.expm1,
  Floor: Math.floor,
  Inv: (x) => 1 / x,
  Log: Math.log,
  Log1p: Math.log1p,
  LogicalNot: (x) => (x ? 0 : 1),
  Neg: (x) => -x,
  Reciprocal: (x) => 1 / x,
  Relu: (x) => (x > 0 ? x : 0),
  Relu6: (x) => Math.min(6, Math.max(0, x)),
  Round: (x) => roundHalfToEven(x),
  Rsqrt: (x) => 1 / Math.sqrt(x),
  Selu: (x) => SELU[0] * (x > 0 ? x : SELU[1] * Math.expm1(x)),
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Sign: Math.sign,
  Sin: Math.sin,
  Softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  Softsign: (x) => x / (1 + Math.abs(x)),
  Sqrt: Math.sqrt,
  Square: (x) => x * x,
  Tanh: Math.tanh,
};

const add = (x, y) => x + y;
const divide = (x, y) => x / y;

export const BINARY = {
  Add: add,
  AddV2: add,
  BiasAdd: add,
  Div: divide,
  DivNoNan: (x, y) => (y === 0 ? 0 : x / y),
  Equal: (x, y) => (x === y ? 1 : 0),
  FloorDiv: (x, y) => Math.floor(x / y),
  FloorMod: (x, y) => x - y * Math.floor(x / y),
  Greater: (x, y) => (x > y ? 1 : 0),
  GreaterEqual: (x, y) => (x >= y ? 1 : 0),
  Less: (x, y) => (x < y ? 1 : 0),
  LessEqual: (x, y) => (x <= y ? 1 : 0),
  LogicalAnd: (x, y) => (x && y ? 1 : 0),
  LogicalOr: (x, y) => (x || y ? 1 : 0),
  Maximum: (x, y) => Math.max(x, y),
  Minimum: (x, y) => Math.min(x, y),
  Mul: (x, y) => x * y,
  NotEqual: (x, y) => (x === y ? 0 : 1),
  Pow: (x, y) => x ** y,
  RealDiv: divide,
  SquaredDifference: (x, y) => (x - y) ** 2,
  Sub: (x, y) => x - y,
};

function roundHalfToEven(x) {
  const near = Math.round(x);
  return Math.abs(x % 1) === 0.5 && near % 2 !== 0 ? near - 1 : near;
}

// The error function to the last digit of a float32: its power series, which is one of
// positive numbers (Abramowitz and Stegun 1964, 7.1.6); beyond 4 it is 1.
function erf(x) {
  const size = Math.abs(x);
  if (size > 4) return Math.sign(x);
  let [term, sum] = [size, size];
  for (let n = 1; term > 1e-9 * sum; n++) {
    term *= (2 * size * size) / (2 * n + 1);
    sum += term;
  }
  return Math.sign(x) * Math.min(1, (2 / Math.sqrt(Math.PI)) * Math.exp(-size * size) * sum);
}
