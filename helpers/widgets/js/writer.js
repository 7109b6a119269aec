// What a SamplingMicroscope asks: the next character's odds, and characters drawn by them.

import { entropy, pickFrom, probabilities, seeded } from "./odds.js";

const ROWS = 16; // helpers/widgets/sampling_microscope.py has the same
const MOST_DRAWN = 100;
const SEED = 0;

// A memory of what was read: the state and the logits after each character.
function createReader(tokens, step, start) {
  const number = new Map(tokens.map((token, i) => [token, i]));
  let read = "";
  let trail = []; // of {logits, state}, one for each character

  function common(text) {
    let length = 0;
    while (length < text.length && text[length] === read[length]) length += 1;
    return length;
  }

  return (text) => {
    if (!text) throw new Error("The text is empty: type at least one character.");
    const strange = [...text].find((one) => !number.has(one));
    if (strange !== undefined) {
      throw new Error(`The text has '${strange}', which the training text never had: leave it out.`);
    }
    const known = common(text);
    trail = trail.slice(0, known);
    for (const character of text.slice(known)) {
      const state = trail.length ? trail.at(-1).state : start;
      const [logits, ...next] = step([number.get(character)], ...state);
      trail.push({ logits: logits.slice(), state: next.map((part) => part.slice()) });
    }
    read = text;
    return trail.at(-1).logits;
  };
}

// The answers of one widget; unlike the explorers' they remember what was read.
export function writerAnswers(model) {
  const tokens = model.get("tokens");
  let reader = null;
  let random = seeded(SEED);

  const passage = (text, drawn) => text + drawn.map(([character]) => character).join("");

  function look(networks, { text, drawn, ...knobs }) {
    reader ??= createReader(tokens, networks.step, model.get("start"));
    const logits = reader(passage(text, drawn));
    const [before, after] = [probabilities(logits), probabilities(logits, knobs)];
    const best = Array.from(before, (_, i) => i).sort((a, b) => before[b] - before[a] || a - b)
      .slice(0, ROWS);
    const rest = [before, after].map((p) => 1 - best.reduce((sum, i) => sum + p[i], 0));
    return { text, drawn, ...knobs, view: {
      rows: best.map((i) => [tokens[i], before[i], after[i]]), rest,
      entropy: [entropy(before), entropy(after)], kept: after.filter((p) => p > 0).length,
    } };
  }

  const now = () => Object.fromEntries(
    ["text", "drawn", "temperature", "top_k", "top_p"].map((name) => [name, model.get(name)]));

  function begin(networks, text) {
    random = seeded(SEED);
    return look(networks, { ...now(), text, drawn: [] });
  }

  return {
    knobs: ({ temperature, top_k, top_p }, networks) =>
      look(networks, { ...now(), temperature, top_k, top_p }),
    text: ({ text }, networks) => begin(networks, text),
    restart: (_, networks) => begin(networks, model.get("text")),
    back: (_, networks) => look(networks, { ...now(), drawn: model.get("drawn").slice(0, -1) }),
    draw({ count }, networks) {
      const { text, drawn: before, ...knobs } = now();
      const drawn = [...before];
      for (let i = 0; i < Math.min(count, MOST_DRAWN); i++) {
        reader ??= createReader(tokens, networks.step, model.get("start"));
        const p = probabilities(reader(passage(text, drawn)), knobs);
        const token = pickFrom(p, random());
        drawn.push([tokens[token], p[token]]);
      }
      return look(networks, { text, drawn, ...knobs });
    },
  };
}
