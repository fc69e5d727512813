// The wall: shows what the server sends, which is all that the room may see.

import { n, t } from "../lib/language.js";
import { oneByOne } from "../lib/steps.js";
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
  const wait = () => n("{count} waits for approval", "{count} wait for approval", waiting);
  find("empty").textContent = waiting ? wait() : t("The drawings appear here.");
}

function showLarge(drawing) {
  const figure = find("large");
  figure.hidden = !drawing;
  showHandwriting(figure.querySelector("img"), drawing);
  if (!drawing) return;
  paint(figure.querySelector("canvas"), drawing.pixels);
  bars.show(drawing.probabilities, drawing.verdict !== "unfamiliar");
  figure.querySelector("figcaption").textContent = caption(drawing);
}

function caption(drawing) {
  const { predicted, label } = drawing;
  const values = { ...described(drawing), label };
  if (predicted === label) return t("{predicted}, {certainty}: ✓ right", values);
  if (label === 8) return t("{predicted}, {certainty}: ✗ it is an 8", values);
  return t("{predicted}, {certainty}: ✗ it is a {label}", values);
}

// Another version's readings are counted up to, or down to, while the tiles turn.
function showStatistics(sent) {
  const before = figures;
  figures = sent ?? NO_FIGURES;
  const { right, total, confused, per_minute: pace, version } = figures;
  const first = find("right").querySelector("[data-text=right]");
  find("right").querySelector("[data-text=total]").textContent = total;
  stopCounting();
  const isReadAgain = before.version !== null && version !== null && before.version !== version;
  const steps = isReadAgain ? Math.min(MOST_STEPS, Math.abs(right - before.right)) : 0;
  if (!steps) first.textContent = right;
  stopCounting = oneByOne(steps, TURNING, (step) => {
    first.textContent = Math.round(before.right + ((right - before.right) * (step + 1)) / steps);
  });
  find("pace").textContent = n("{count} drawing a minute", "{count} drawings a minute", pace);
  const pairs = confused.map(([label, predicted, times]) => {
    const row = document.createElement("li");
    row.textContent = t("{label} read as {predicted} ({times}×)", { label, predicted, times });
    return row;
  });
  find("confused").querySelector(".pairs").replaceChildren(...pairs);
  find("confused").querySelector(".none").hidden = pairs.length > 0;
}

// The room's score in the game; none while nobody plays.
function showGame(score) {
  if (state.frozen) return;
  find("game").hidden = !score;
  if (score) find("game").textContent = t("Game: {right} of {played} right", { right: score[0], played: score[1] });
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

// Whether the machine has joined another network. Behind another web server it does not matter: null.
function hasMoved(addresses) {
  const machine = JSON.parse(wall.dataset.machine);
  return machine && JSON.stringify(addresses) !== JSON.stringify(machine);
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
  // The codes and addresses on the page are new ones then.
  addresses: (sent) => hasMoved(sent) && location.reload(),
};
for (const [name, show] of Object.entries(shows)) {
  feed.addEventListener(name, ({ detail }) => {
    const before = state[name];
    state[name] = detail;
    show(detail, before);
  });
}
feed.addEventListener("epochs", ({ detail }) => runCard.addEpochs(detail.run, detail.epochs));
feed.addEventListener("connected", () => connection("connected", t("Connected")));
feed.addEventListener("lost", () => connection("lost", t("No connection")));
// The server answers but refuses this page now. The page that it sends instead says what to do.
feed.addEventListener("refused", () => ping().then(() => location.reload(), () => {}));

find("full-screen").hidden = !document.fullscreenEnabled;
find("full-screen").addEventListener("click", toggleFullScreen);
document.addEventListener("fullscreenchange", () => {
  find("full-screen").textContent = document.fullscreenElement ? t("Leave full screen") : t("Full screen");
});

feed.follow(wall.dataset.events);
