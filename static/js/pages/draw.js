// The draw page: what is on pad or grid goes to the server, its answer to bars and verdict. Then
// the page asks whether the answer was right.

import { countRound, predictPicture, predictPixels } from "../server/api.js";
import { Bars } from "../parts/bars.js";
import { Collection } from "../server/collection.js";
import { Feedback } from "../parts/feedback.js";
import { Gallery } from "../parts/gallery.js";
import { Game } from "../parts/game.js";
import { Grid } from "../parts/grid.js";
import { History } from "../lib/history.js";
import { Menu } from "../parts/menu.js";
import { NoCard, saveCard } from "../parts/card.js";
import { Notice } from "../parts/notice.js";
import { Outbox } from "../server/outbox.js";
import { Pad } from "../parts/pad.js";
import { PictureIn } from "../parts/picture_in.js";
import { Questions } from "../server/questions.js";
import { Verdict } from "../parts/verdict.js";
import { isUndo } from "../lib/keys.js";
import { named } from "../lib/named.js";
import { randomKey } from "../server/device.js";
import { recallSketch, rememberSketch } from "../lib/sketch.js";
import { rememberExample } from "../lib/example.js";
import { t } from "../lib/language.js";
import { textOf } from "../lib/data_url.js";

const find = (id) => document.getElementById(id);
const pad = new Pad(find("pad"));
const grid = new Grid(find("grid"));
const bars = new Bars(find("bars"), find("thinks"));
const verdict = new Verdict(find("verdict"));
const questions = new Questions();
const collection = new Collection();
const feedback = new Feedback(find("feedback"), document.querySelectorAll(".seen, .thinks"), collection);
const gallery = new Gallery(find("gallery"), find("mine"), collection);
const game = new Game(find("game"));
const rounds = new Outbox(); // of the game
const notice = new Notice(find("notice"));

const BLANK = verdict.blank;
const EMPTY = new Array(64).fill(0);
const CALM = 700; // ms without ink until the page takes a drawing for finished
const LONGEST = 900_000; // characters of a picture that the pages about the network can ask about
const FOLLOWED = 500; // ms after which all of the server's processes use a new version

// strokes, photo: what is on the pad; pixels: the grid as edited by hand, null if it shows the pad.
// Each state has a key of its own, by which the server knows it.
const NOTHING = { strokes: [], photo: null, pixels: null };
const history = new History({ ...NOTHING, key: randomKey(), ...(await recallSketch()) });

// The answer to what is on the pad; null while it is being drawn, or has no answer yet.
let latest = null;
let isDrawing = false;
let calm = 0; // the timer of CALM
let version = null; // the number of the live version, as far as the page knows
let before = null; // the last answer of the version that was live before, until it is asked again

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
  if (pixels) grid.show(pixels);
  if (!isEmpty(state)) return ask();
  grid.show(EMPTY);
  showAnswer({ verdict: "blank", probabilities: null });
}

// Ask the network about what is on the pad or in the grid.
function ask() {
  const { pixels } = history.current;
  if (pixels) questions.ask(() => predictPixels(pixels));
  else askAboutDrawing();
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
  if (!isEmpty(history.current)) change(NOTHING);
}

function isEmpty({ strokes, photo, pixels }) {
  return !(strokes.length || photo || pixels);
}

function undo() {
  if (pad.cancel()) return show(history.current);
  show(history.undo());
}

// Answers

function showAnswer(answer) {
  grid.editable = true;
  stale(false);
  bars.show(answer.probabilities, answer.verdict !== "unfamiliar");
  for (const id of ["grid-help", "inside"]) find(id).classList.toggle("off", answer.verdict === "blank");
  if (isDrawing) verdict.follow(answer);
  else verdict.show(answer, history.current.pixels ? [] : history.current.strokes);
}

// What the pages behind "How did it decide?" look at.
async function keepExample({ pixels }) {
  const drawing = history.current;
  const picture = drawing.pixels ? null : await textOf(await pad.picture());
  if (drawing !== history.current) return;
  const kept = picture?.length < LONGEST ? picture : null;
  rememberExample({ pixels: pixels.flat(), picture: kept, strokes: drawing.pixels ? [] : drawing.strokes, version: null });
}

// "Was it right?"

function unsettle() {
  latest = before = null;
  clearTimeout(calm);
  feedback.hide();
  game.consider(null);
}

// Called when the pen is up and the last answer has arrived. Another stroke may follow.
function settle() {
  clearTimeout(calm);
  if (game.isOn) game.consider(latest);
  else if (latest && latest.verdict !== "blank") calm = setTimeout(askWhetherRight, CALM);
}

function askWhetherRight() {
  const drawing = history.current;
  feedback.ask(drawing, named(latest), latest.verdict !== "unfamiliar", () =>
    drawing.pixels ?? pad.picture(),
  );
}

// Another version goes live

function heardOf(live) {
  if (version !== null && live !== version) {
    notice.tell(live > version ? t("The network has just learned.") : t("An earlier network is back."));
    gallery.refresh();
    setTimeout(askAgain, FOLLOWED);
  }
  version = live;
}

// What is on the pad stays, and so does an open question about it.
function askAgain() {
  if (!latest) return;
  before = latest;
  ask();
}

// The new network's answer to what the one before has answered.
function compare(answer) {
  bars.slowDown();
  const [then, now] = [named(before), named(answer)];
  before = null;
  if (then === now || now === null) return;
  const reads = now === 8 ? t("It now reads an 8.") : t("It now reads a {digit}.", { digit: now });
  // Translators: two sentences, one after the other.
  notice.tell(t("{before} {now}", { before: whatWasRead(then), now: reads }));
}

function whatWasRead(then) {
  if (then === null) return t("The network read no clear digit.");
  return then === 8 ? t("The network read an 8.") : t("The network read a {digit}.", { digit: then });
}

// The game

function play() {
  document.querySelector("main").toggleAttribute("data-playing", true);
  find("play").disabled = true;
  game.start();
  verdict.say("blank", verdict.blank, t("Nothing is kept in the game, only a count."));
}

function stopPlaying() {
  document.querySelector("main").toggleAttribute("data-playing", false);
  find("play").disabled = false;
  verdict.blank = BLANK;
  show(history.current);
}

function beginRound() {
  verdict.blank = game.request;
  change(NOTHING);
}

// Dims an answer that is out of date: the server cannot be asked about what is on the pad now.
function stale(yes) {
  document.querySelector("main").toggleAttribute("data-stale", yes);
}

function connection(state, text) {
  if (state === "lost" && questions.waiting) {
    stale(true);
    verdict.say("waiting", t("The answer comes as soon as the server is back."));
  }
  const badge = find("connection");
  badge.dataset.state = state;
  if (badge.textContent !== text) badge.textContent = text;
}

// Pictures in and out

const pictureIn = new PictureIn(find("open-picture"), find("picture-file"));
pictureIn.addEventListener("photo", ({ detail }) => change({ ...NOTHING, photo: detail }));
pictureIn.addEventListener("refused", ({ detail }) => verdict.say("refused", detail));
new Menu(find("more"), () => {
  find("save-card").disabled = !latest || latest.verdict === "blank";
});
find("save-card").addEventListener("click", () => {
  try {
    saveCard({
      paint: (...place) => pad.paint(...place),
      pixels: grid.pixels,
      sentence: find("verdict").firstElementChild.textContent,
      bars: document.querySelectorAll("#bars .bar"),
      name: `inkling-${latest.digit ?? "unknown"}.png`,
    });
  } catch (error) {
    if (!(error instanceof NoCard)) throw error;
    verdict.say("refused", error.message);
  }
});

// Wiring

pad.addEventListener("ink", extend);
pad.addEventListener("stroke", () => change({ ...NOTHING, strokes: pad.strokes }));
grid.addEventListener("edit", () => {
  change({ strokes: pad.strokes, photo: pad.photo, pixels: grid.pixels });
});
questions.addEventListener("busy", () => (verdict.busy = true));
questions.addEventListener("idle", () => {
  verdict.busy = false;
  settle();
});
questions.addEventListener("answer", ({ detail }) => {
  if (before) compare(detail);
  grid.show(detail.pixels.flat());
  showAnswer(detail);
  if (isDrawing) return;
  latest = detail;
  keepExample(detail);
});
questions.addEventListener("refused", ({ detail }) => {
  grid.editable = true;
  verdict.say("refused", detail);
});
questions.addEventListener("connected", ({ detail }) => {
  connection("connected", t("Connected"));
  if (detail) heardOf(detail.version);
});
questions.addEventListener("lost", () => connection("lost", t("Server out of reach")));

gallery.addEventListener("withdraw-all", () => feedback.withdrawAll());
game.addEventListener("begin", beginRound);
game.addEventListener("round", ({ detail }) => {
  rounds.add(() => countRound(detail)).then((score) => game.room(score));
});
game.addEventListener("end", stopPlaying);
find("play").addEventListener("click", play);

find("undo").addEventListener("click", undo);
find("clear").addEventListener("click", clear);
find("pens").addEventListener("change", (event) => {
  pad.pen = Number(event.target.value);
});
pad.pen = Number(find("pens").querySelector(":checked").value);

addEventListener("keydown", (event) => {
  if (gallery.isOpen) return;
  if (event.key === "Escape") feedback.close() || clear();
  else if (isUndo(event)) undo();
  else return;
  event.preventDefault();
});

show(history.current); // what was there before a reload
