// Requests to the kernel: one in flight, the latest of each kind waits, none is lost.

const KINDS = ["drawing", "decode", "atlas"]; // the more urgent first
const GIVEN_UP = 30000; // ms after which an answer is no longer waited for

export function createCourier(send) {
  const name = Math.random().toString(36).slice(2); // tells apart two views of one model
  const waiting = new Map();
  let inFlight = null;
  let count = 0;

  function flush() {
    if (inFlight && performance.now() - inFlight.since < GIVEN_UP) return;
    const kind = KINDS.find((one) => waiting.has(one));
    if (!kind) return;
    const { message, buffers } = waiting.get(kind);
    waiting.delete(kind);
    inFlight = { id: `${name}:${++count}`, since: performance.now() };
    send({ ...message, kind, id: inFlight.id }, buffers);
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
