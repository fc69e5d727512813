// The draw page: what is on pad or grid goes to the server, its answer to bars and verdict. Then
// the page asks whether the answer was right.

import { predictPicture, predictPixels } from "../server/api.js";
import { Bars } from "../parts/bars.js";
import { Feedback } from "../parts/feedback.js";
import { Grid } from "../parts/grid.js";
import { History } from "../lib/history.js";
import { Menu } from "../parts/menu.js";
import { NoCard, saveCard } from "../parts/card.js";
import { Pad } from "../parts/pad.js";
import { PictureIn } from "../parts/picture_in.js";
import { Questions } from "../server/questions.js";
import { isUndo } from "../lib/keys.js";
import { listed, withArticle } from "../lib/words.js";
import { randomKey } from "../server/device.js";
import { recallSketch, rememberSketch } from "../lib/sketch.js";

const find = (id) => document.getElementById(id);
const pad = new Pad(find("pad"));
const grid = new Grid(find("grid"));
const bars = new Bars(find("bars"));
const questions = new Questions();
const feedback = new Feedback(find("feedback"), document.querySelectorAll(".seen, .thinks"));

const EMPTY = new Array(64).fill(0);

// strokes, photo: what is on the pad; pixels: the grid as edited by hand, null if it shows the pad.
// Each state has a key of its own, by which the server knows it.
const NOTHING = { strokes: [], photo: null, pixels: null };
const history = new History({ ...NOTHING, key: randomKey(), ...recallSketch() });

// The answer to what is on the pad; null while it is being drawn, or has no answer yet.
let latest = null;
let isDrawing = false;

// Actions

function change(state) {
  history.push({ ...state, key: randomKey() });
  show(history.current);
}

function show(state) {
  const { strokes, photo, pixels } = state;
  rememberSketch(state);
  pad.strokes = strokes;
  pad.photo = photo;
  isDrawing = false;
  unsettle();
  questions.forget();
  stale(false);
  if (pixels) {
    grid.show(pixels);
    questions.ask(() => predictPixels(pixels));
  } else if (strokes.length || photo) {
    askAboutDrawing();
  } else {
    grid.show(EMPTY);
    showAnswer({ verdict: "blank", probabilities: null });
  }
}

function askAboutDrawing() {
  grid.editable = false; // until it shows what has been drawn
  questions.ask(() => predictPicture(pad.picture()));
}

function extend() {
  isDrawing = true;
  unsettle();
  askAboutDrawing();
}

function clear() {
  if (pad.cancel()) return show(history.current);
  const { strokes, photo, pixels } = history.current;
  if (strokes.length || photo || pixels) change(NOTHING);
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
  sure: (digit) => `This is ${withArticle(digit)}.`,
  unfamiliar: () => "This looks like no digit I was trained on.",
  torn: (digit, probabilities) => {
    const close = candidates(probabilities);
    return close.length > 1 ? `Torn between ${listed(close)}.` : `Perhaps ${withArticle(digit)}.`;
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

// "Was it right?"

function unsettle() {
  latest = null;
  feedback.hide();
}

// Called when the pen is up and the last answer has arrived.
function askWhetherRight() {
  if (!latest || latest.verdict === "blank") return;
  const { verdict, digit, probabilities } = latest;
  const isClear = verdict === "sure" || (verdict === "torn" && candidates(probabilities).length === 1);
  const drawing = history.current;
  feedback.ask(drawing, isClear ? digit : null, verdict !== "unfamiliar", () =>
    drawing.pixels ?? pad.picture(),
  );
}

// Dims an answer that is out of date: the server cannot be asked about what is on the pad now.
function stale(yes) {
  document.querySelector("main").toggleAttribute("data-stale", yes);
}

function connection(state, text) {
  if (state === "lost" && questions.waiting) {
    stale(true);
    say("waiting", "The answer comes as soon as the server is back.");
  }
  const badge = find("connection");
  badge.dataset.state = state;
  if (badge.textContent !== text) badge.textContent = text;
}

// Pictures in and out

const pictureIn = new PictureIn(find("open-picture"), find("picture-file"));
pictureIn.addEventListener("photo", ({ detail }) => change({ ...NOTHING, photo: detail }));
pictureIn.addEventListener("refused", ({ detail }) => say("refused", detail));
new Menu(find("more"), () => {
  find("save-card").disabled = !latest || latest.verdict === "blank";
});
find("save-card").addEventListener("click", () => {
  try {
    saveCard({
      paint: (...place) => pad.paint(...place),
      pixels: grid.pixels,
      sentence: find("verdict").textContent,
      bars: document.querySelectorAll("#bars .bar"),
      name: `inkling-${latest.digit ?? "unknown"}.png`,
    });
  } catch (error) {
    if (!(error instanceof NoCard)) throw error;
    say("refused", error.message);
  }
});

// Wiring

pad.addEventListener("ink", extend);
pad.addEventListener("stroke", () => change({ ...NOTHING, strokes: pad.strokes }));
grid.addEventListener("edit", () => {
  change({ strokes: pad.strokes, photo: pad.photo, pixels: grid.pixels });
});
// While it is busy, screen readers do not read the verdict: they read the last one only.
questions.addEventListener("busy", () => find("verdict").setAttribute("aria-busy", "true"));
questions.addEventListener("idle", () => {
  find("verdict").setAttribute("aria-busy", "false");
  askWhetherRight();
});
questions.addEventListener("answer", ({ detail }) => {
  grid.show(detail.pixels.flat());
  showAnswer(detail);
  if (!isDrawing) latest = detail;
});
questions.addEventListener("refused", ({ detail }) => {
  grid.editable = true;
  say("refused", detail);
});
questions.addEventListener("connected", () => connection("connected", "Connected"));
questions.addEventListener("lost", () => connection("lost", "Server out of reach"));

find("undo").addEventListener("click", undo);
find("clear").addEventListener("click", clear);
find("pens").addEventListener("change", (event) => {
  pad.pen = Number(event.target.value);
});
pad.pen = Number(find("pens").querySelector(":checked").value);

addEventListener("keydown", (event) => {
  if (event.key === "Escape") clear();
  else if (isUndo(event)) undo();
  else return;
  event.preventDefault();
});

show(history.current); // what was there before a reload
