// The draw page: pad and grid ask, bars and verdict answer; then the page asks back.

import { predictPicture, predictPixels } from "../server/api.js";
import { Bars } from "../parts/bars.js";
import { Giving } from "../parts/giving.js";
import { Grid } from "../parts/grid.js";
import { History } from "../lib/history.js";
import { Pad } from "../parts/pad.js";
import { Stream } from "../server/stream.js";
import { listed, named } from "../lib/words.js";

const find = (id) => document.getElementById(id);
const pad = new Pad(find("pad"));
const grid = new Grid(find("grid"));
const bars = new Bars(find("bars"));
const stream = new Stream();
const giving = new Giving(find("giving"), document.querySelectorAll(".seen, .thinks"));

const EMPTY = new Array(64).fill(0);

// strokes: what is on the pad; pixels: the grid as edited by hand, null if it shows the pad.
const history = new History({ strokes: [], pixels: null });

// The answer to what is on the pad; null while it is being drawn, or has no answer yet.
let latest = null;
let isDrawing = false;

// Actions

function change(state) {
  history.push(state);
  show(state);
}

function show({ strokes, pixels }) {
  pad.strokes = strokes;
  isDrawing = false;
  unsettle();
  stream.forget();
  stale(false);
  if (pixels) {
    grid.show(pixels);
    stream.ask(() => predictPixels(pixels));
  } else if (strokes.length) {
    askAboutDrawing();
  } else {
    grid.show(EMPTY);
    showAnswer({ verdict: "blank", probabilities: null });
  }
}

function askAboutDrawing() {
  grid.editable = false; // until it shows what has been drawn
  stream.ask(() => predictPicture(pad.picture()));
}

function extend() {
  isDrawing = true;
  unsettle();
  askAboutDrawing();
}

function clear() {
  if (pad.cancel()) return show(history.current);
  const { strokes, pixels } = history.current;
  if (strokes.length || pixels) change({ strokes: [], pixels: null });
}

function undo() {
  if (pad.cancel()) return show(history.current);
  show(history.undo());
}

// Answers

function showAnswer({ verdict, digit, probabilities }) {
  grid.editable = true;
  stale(false);
  bars.show(probabilities);
  say(verdict, SENTENCES[verdict](digit, probabilities));
}

const SENTENCES = {
  blank: () => "Draw a digit.",
  sure: (digit) => `This is ${named(digit)}.`,
  unfamiliar: () => "This looks like no digit I was trained on.",
  torn: (digit, probabilities) => {
    const close = candidates(probabilities);
    return close.length > 1 ? `Torn between ${listed(close)}.` : `Perhaps ${named(digit)}.`;
  },
};

function say(verdict, sentence) {
  const element = find("verdict");
  element.dataset.verdict = verdict;
  // Assigning the same text again would make screen readers repeat it.
  if (element.textContent !== sentence) element.textContent = sentence;
}

// The most probable digit and up to two that come close.
function candidates(probabilities) {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  return order.slice(0, 3).filter((d) => probabilities[d] > probabilities[order[0]] / 4);
}

// Asking back

function unsettle() {
  latest = null;
  giving.hide();
}

// Once the pen is up and the answer stands.
function askBack() {
  if (!latest || latest.verdict === "blank") return;
  const { verdict, digit, probabilities } = latest;
  const isClear = verdict === "sure" || (verdict === "torn" && candidates(probabilities).length === 1);
  const drawing = history.current;
  giving.ask(drawing, isClear ? digit : null, verdict !== "unfamiliar", () =>
    drawing.pixels ?? pad.picture(),
  );
}

// Out of date: the server cannot be asked about what is on the pad now.
function stale(yes) {
  document.querySelector("main").toggleAttribute("data-stale", yes);
}

function connection(state, text) {
  if (state === "lost" && stream.waiting) {
    stale(true);
    say("waiting", "The answer comes when the server is back.");
  }
  const badge = find("connection");
  badge.dataset.state = state;
  if (badge.textContent !== text) badge.textContent = text;
}

// Wiring

pad.addEventListener("ink", extend);
pad.addEventListener("stroke", () => change({ strokes: pad.strokes, pixels: null }));
grid.addEventListener("edit", () => {
  change({ strokes: pad.strokes, pixels: grid.pixels });
});
// Busy, the verdict is not read out: only what stands at the end is.
stream.addEventListener("busy", () => find("verdict").setAttribute("aria-busy", "true"));
stream.addEventListener("idle", () => {
  find("verdict").setAttribute("aria-busy", "false");
  askBack();
});
stream.addEventListener("answer", ({ detail }) => {
  grid.show(detail.pixels.flat());
  showAnswer(detail);
  if (!isDrawing) latest = detail;
});
stream.addEventListener("refused", ({ detail }) => {
  grid.editable = true;
  say("refused", detail);
});
stream.addEventListener("connected", () => connection("connected", "Connected"));
stream.addEventListener("lost", () => connection("lost", "Server out of reach"));

find("undo").addEventListener("click", undo);
find("clear").addEventListener("click", clear);
find("pens").addEventListener("change", (event) => {
  pad.pen = Number(event.target.value);
});
pad.pen = Number(find("pens").querySelector(":checked").value);

addEventListener("keydown", (event) => {
  if (event.key === "Escape") clear();
  else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey) undo();
  else return;
  event.preventDefault();
});
