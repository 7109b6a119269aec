// The walk: two points are picked, then the handle goes from one to the other.

const DURATION = 4000; // ms

export function createWalk({ onstate, onmove }) {
  let state = "idle"; // idle, start, end, walking
  let [start, end] = [null, null];
  let frame = 0;

  function set(next) {
    state = next;
    onstate(state, start, end);
  }

  function play() {
    const began = performance.now();
    set("walking");
    const tick = (now) => {
      const t = Math.min(1, Math.max(0, now - began) / DURATION);
      onmove(start.map((value, i) => value + t * (end[i] - value)));
      if (t < 1) frame = requestAnimationFrame(tick);
      else set("idle");
    };
    frame = requestAnimationFrame(tick);
  }

  return {
    // Take a picked point; whether the walk wanted it.
    pick(point) {
      if (state === "start") {
        [start, end] = [point, null];
        set("end");
        return true;
      }
      if (state === "end") {
        end = point;
        play();
        return true;
      }
      return false;
    },
    begin() {
      [start, end] = [null, null];
      set("start");
    },
    replay() {
      if (start && end) play();
    },
    stop() {
      cancelAnimationFrame(frame);
      if (state === "start" || state === "end") [start, end] = [null, null];
      set("idle");
    },
    isPicking: () => state === "start" || state === "end",
    isIdle: () => state === "idle",
  };
}
