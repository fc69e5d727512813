// The wall: shows what the server sends, which is all that the room may see.

import { Curves } from "../parts/curves.js";
import { ping } from "../server/api.js";
import { Feed } from "../server/feed.js";
import { paint } from "../parts/thumbnail.js";
import { Tiles, described } from "../parts/tiles.js";
import { withArticle } from "../lib/words.js";

const NEWS_TIME = 8000; // ms that a promotion is shown in large type
const RESULT_TIME = 20_000; // ms that a run that has ended stays in view

const find = (id) => document.getElementById(id);
const wall = find("wall");
const tiles = new Tiles(find("tiles"));
const curve = new Curves(find("line"), { name: "Accuracy", percent: true, lines: ["test"] });
const feed = new Feed();
const epochs = new Map(); // id of a run -> Map of epoch number -> accuracy on digits it never sees

let run = null;
let live = null;
let hideRun = 0;
let hideNews = 0;

// Drawings

function showDrawings(drawings) {
  tiles.show(drawings);
  find("empty").hidden = drawings.length > 0;
}

function showLarge(drawing) {
  find("large").hidden = !drawing;
  if (!drawing) return;
  paint(find("large").querySelector("canvas"), drawing.pixels);
  const { certainty } = described(drawing);
  const truth = drawing.predicted === drawing.label ? "✓ right" : `✗ it is ${withArticle(drawing.label)}`;
  find("large").querySelector("figcaption").textContent = `${drawing.predicted}, ${certainty}: ${truth}`;
}

function showStatistics(statistics) {
  const { right, total, confused, per_minute: pace } = statistics ?? { right: 0, total: 0, confused: [], per_minute: 0 };
  const [first, second] = find("right").querySelectorAll("strong");
  [first.textContent, second.textContent] = [right, total];
  find("pace").textContent = `${pace} ${pace === 1 ? "drawing" : "drawings"} a minute`;
  const pairs = confused.map(([label, predicted, times]) => {
    const row = document.createElement("li");
    row.textContent = `${label} read as ${predicted} (${times}×)`;
    return row;
  });
  find("confused").querySelector(".pairs").replaceChildren(...pairs);
  find("confused").querySelector(".none").hidden = pairs.length > 0;
}

// Training

function runChanged(sent) {
  const wasRunning = run?.id === sent.id && run.status === "running";
  run = sent;
  if (run.status === "running") {
    clearTimeout(hideRun);
    showRun(true);
  } else if (wasRunning) {
    hideRun = setTimeout(() => showRun(false), RESULT_TIME);
  }
  drawRun();
}

function showRun(yes) {
  find("run").hidden = !yes;
  find("confused").hidden = yes;
}

function epochsCame({ run: id, epochs: figures }) {
  if (!epochs.has(id)) epochs.set(id, new Map());
  for (const [number, , , , accuracy] of figures) epochs.get(id).set(number, accuracy);
  drawRun();
}

function drawRun() {
  const known = [...(epochs.get(run?.id) ?? [])].sort(([a], [b]) => a - b);
  const [number, accuracy] = known.at(-1) ?? [0, null];
  curve.show(known, run?.epochs ?? 1);
  find("run-figure").textContent = accuracy === null ? "…" : inPercent(accuracy);
  find("run-status").textContent = sentence(number);
}

function sentence(epoch) {
  const [done, total] = run?.pictures ?? [0, 0];
  switch (run?.status) {
    case "running":
      if (epoch) return `Epoch ${epoch} of ${run.epochs}`;
      return total ? `Making pictures to learn from: ${Math.floor((100 * done) / total)}%` : "Starting";
    case "finished":
      return `Done: version ${run.version}${run.version === live?.version ? " is live" : ""}`;
    default:
      return "Stopped";
  }
}

function liveChanged(sent) {
  const isNews = live && live.change !== sent.change;
  live = sent;
  drawRun();
  if (!isNews) return;
  const news = find("news");
  const title = document.createElement("strong");
  title.textContent = `Version ${sent.version} is live`;
  const figure = document.createElement("span");
  if (sent.accuracy) figure.textContent = `${inPercent(sent.accuracy)} of unseen digits right`;
  news.replaceChildren(title, figure);
  clearTimeout(hideNews);
  hideNews = setTimeout(() => news.replaceChildren(), NEWS_TIME);
}

function inPercent(share) {
  return `${(100 * share).toFixed(1)}%`;
}

// Wiring

function connection(state, text) {
  find("connection").dataset.state = state;
  if (find("connection").textContent !== text) find("connection").textContent = text;
}

feed.addEventListener("connected", () => connection("connected", "Connected"));
feed.addEventListener("lost", () => connection("lost", "No connection"));
// The server answers but refuses this page now. The page that it sends instead says what to do.
feed.addEventListener("refused", () => ping().then(() => location.reload(), () => {}));
feed.addEventListener("drawings", ({ detail }) => showDrawings(detail));
feed.addEventListener("large", ({ detail }) => showLarge(detail));
feed.addEventListener("statistics", ({ detail }) => showStatistics(detail));
feed.addEventListener("blank", ({ detail }) => wall.toggleAttribute("data-blank", detail));
feed.addEventListener("frozen", ({ detail }) => (find("paused").hidden = !detail));
feed.addEventListener("run", ({ detail }) => runChanged(detail));
feed.addEventListener("epochs", ({ detail }) => epochsCame(detail));
feed.addEventListener("live", ({ detail }) => liveChanged(detail));
// The machine has joined another network: its codes and addresses are new.
feed.addEventListener("addresses", ({ detail }) => {
  if (JSON.stringify(detail) !== JSON.stringify(JSON.parse(wall.dataset.machine))) location.reload();
});

feed.follow(wall.dataset.events);
