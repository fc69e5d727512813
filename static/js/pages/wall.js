// The wall: shows what the server sends, which is all that the room may see.

import { oneByOne } from "../lib/steps.js";
import { withArticle } from "../lib/words.js";
import { Bars } from "../parts/bars.js";
import { News } from "../parts/news.js";
import { RunCard } from "../parts/run_card.js";
import { paint, showHandwriting } from "../parts/thumbnail.js";
import { TURNING, Tiles, described } from "../parts/tiles.js";
import { ping } from "../server/api.js";
import { Feed } from "../server/feed.js";

const RESULT_TIME = 60_000; // ms that a run that has ended stays in view
const MOST_STEPS = 60; // in which the number of right drawings reaches its new value
const NO_FIGURES = { right: 0, total: 0, confused: [], per_minute: 0, version: null };

const find = (id) => document.getElementById(id);
const wall = find("wall");
const tiles = new Tiles(find("tiles"));
const bars = new Bars(find("bars"), find("thinks"));
const runCard = new RunCard(find("run"));
const news = new News(find("news"));
const feed = new Feed();

const state = {}; // name of each state -> the newest message
let known = null; // the change of the live version that this wall has shown
let figures = NO_FIGURES;
let stopCounting = () => {};
let hideRun = 0;

// Drawings

function showDrawings() {
  const { drawings = [], waiting = 0 } = state;
  find("empty").hidden = drawings.length > 0;
  find("empty").textContent = waiting ? `${waiting} wait${waiting === 1 ? "s" : ""} for approval` : "The drawings appear here.";
}

function showLarge(drawing) {
  const figure = find("large");
  figure.hidden = !drawing;
  showHandwriting(figure.querySelector("img"), drawing);
  if (!drawing) return;
  paint(figure.querySelector("canvas"), drawing.pixels);
  bars.show(drawing.probabilities, drawing.verdict !== "unfamiliar");
  const { predicted, certainty } = described(drawing);
  const truth = drawing.predicted === drawing.label ? "✓ right" : `✗ it is ${withArticle(drawing.label)}`;
  figure.querySelector("figcaption").textContent = `${predicted}, ${certainty}: ${truth}`;
}

// Another version's readings are counted up to, or down to, while the tiles turn.
function showStatistics(sent) {
  const before = figures;
  figures = sent ?? NO_FIGURES;
  const { right, total, confused, per_minute: pace, version } = figures;
  const [first, second] = find("right").querySelectorAll("strong");
  second.textContent = total;
  stopCounting();
  const isReadAgain = before.version !== null && version !== null && before.version !== version;
  const steps = isReadAgain ? Math.min(MOST_STEPS, Math.abs(right - before.right)) : 0;
  if (!steps) first.textContent = right;
  stopCounting = oneByOne(steps, TURNING, (step) => {
    first.textContent = Math.round(before.right + ((right - before.right) * (step + 1)) / steps);
  });
  find("pace").textContent = `${pace} ${pace === 1 ? "drawing" : "drawings"} a minute`;
  const pairs = confused.map(([label, predicted, times]) => {
    const row = document.createElement("li");
    row.textContent = `${label} read as ${predicted} (${times}×)`;
    return row;
  });
  find("confused").querySelector(".pairs").replaceChildren(...pairs);
  find("confused").querySelector(".none").hidden = pairs.length > 0;
}

// The room's score in the game; none while nobody plays.
function showGame(score) {
  if (state.frozen) return;
  find("game").hidden = !score;
  if (score) find("game").textContent = `Game: ${score[0]} of ${score[1]} right`;
}

// Training

function runChanged(run, before) {
  const wasUnderWay = before?.id === run.id && before.status === "running";
  clearTimeout(hideRun);
  hideRun = wasUnderWay && run.status !== "running" ? setTimeout(endRun, RESULT_TIME) : 0;
  runCard.show(run, run.version !== null && run.version === state.live?.version);
  arrangeRun();
}

function endRun() {
  clearTimeout(hideRun);
  hideRun = 0;
  arrangeRun();
}

// Large on request: then its result stays until its version goes live.
function arrangeRun() {
  const { run, training } = state;
  const isUnderWay = run?.status === "running";
  const isLarge = Boolean(training && (isUnderWay || hideRun || run?.is_new));
  const isShown = Boolean(isLarge || isUnderWay || hideRun);
  wall.toggleAttribute("data-training", isLarge);
  find("run").hidden = !isShown;
  find("confused").hidden = isShown && !isLarge;
}

function liveChanged(live) {
  const isNew = known !== null && known !== live.change;
  const isStill = state.blank || state.frozen;
  if (live.turned || isStill || known === null) known = live.change;
  if (state.run) runCard.show(state.run, state.run.version === live.version);
  if (!isNew || isStill) return;
  endRun();
  if (live.turned) news.show(live, live.turned.drawings.length ? TURNING : 0);
  else news.announce(live);
}

// Wiring

function connection(name, text) {
  find("connection").dataset.state = name;
  if (find("connection").textContent !== text) find("connection").textContent = text;
}

function nameWifi(name) {
  const line = find("wifi");
  if (!line) return; // phones cannot connect
  line.hidden = !name;
  line.querySelector("strong").textContent = name;
}

function toggleFullScreen() {
  return document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
}

const shows = {
  drawings: (sent) => {
    tiles.show(sent);
    showDrawings();
  },
  waiting: showDrawings,
  large: showLarge,
  statistics: showStatistics,
  blank: (is) => wall.toggleAttribute("data-blank", is),
  frozen: (is) => (find("paused").hidden = !is),
  wifi: nameWifi,
  training: arrangeRun,
  run: runChanged,
  live: liveChanged,
  game: showGame,
  // The machine has joined another network: its codes and addresses are new.
  addresses: (sent) => JSON.stringify(sent) === JSON.stringify(JSON.parse(wall.dataset.machine)) || location.reload(),
};
for (const [name, show] of Object.entries(shows)) {
  feed.addEventListener(name, ({ detail }) => {
    const before = state[name];
    state[name] = detail;
    show(detail, before);
  });
}
feed.addEventListener("epochs", ({ detail }) => runCard.addEpochs(detail.run, detail.epochs));
feed.addEventListener("connected", () => connection("connected", "Connected"));
feed.addEventListener("lost", () => connection("lost", "No connection"));
// The server answers but refuses this page now. The page that it sends instead says what to do.
feed.addEventListener("refused", () => ping().then(() => location.reload(), () => {}));

find("full-screen").hidden = !document.fullscreenEnabled;
find("full-screen").addEventListener("click", toggleFullScreen);
document.addEventListener("fullscreenchange", () => {
  find("full-screen").textContent = document.fullscreenElement ? "Leave full screen" : "Full screen";
});

feed.follow(wall.dataset.events);
