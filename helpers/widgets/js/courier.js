// Requests to the kernel: one in flight, the latest of each kind waits, none is lost.

const KINDS = ["drawing", "decode"]; // the more urgent first
const GIVEN_UP = 30000; // ms after which an answer is no longer waited for

export function createCourier(model, kinds = KINDS) {
  const name = Math.random().toString(36).slice(2); // tells apart two views of one model
  const waiting = new Map();
  let inFlight = null;
  let count = 0;

  function flush() {
    if (inFlight && performance.now() - inFlight.since < GIVEN_UP) return;
    const kind = kinds.find((one) => waiting.has(one));
    if (!kind) return;
    const { message, buffers } = waiting.get(kind);
    waiting.delete(kind);
    inFlight = { id: `${name}:${++count}`, since: performance.now() };
    model.send({ ...message, kind, id: inFlight.id }, { iopub: { status: nudge } }, buffers);
  }

  // Jupyter's server sends the kernel's "busy" and holds the answer back until the
  // browser's machine has acknowledged it, for up to 40 ms (Nagle's algorithm and
  // delayed acknowledgements). A word sent at once carries the acknowledgement.
  function nudge(status) {
    if (status.content.execution_state === "busy") model.send({ kind: "nudge" });
  }

  return {
    post(kind, message, buffers = []) {
      waiting.set(kind, { message, buffers });
      flush();
    },
    drop(kind) {
      waiting.delete(kind);
    },
    settle(id) {
      if (inFlight && inFlight.id === id) inFlight = null;
      flush();
    },
    isMine: (id) => id.startsWith(`${name}:`),
    isBusy: () => inFlight !== null || waiting.size > 0,
  };
}
