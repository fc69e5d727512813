// The train page: the form follows the preset; the run follows the server.

import { Refused, partOfPage, ping } from "../server/api.js";
import { Curves } from "../parts/curves.js";
import { Feed } from "../server/feed.js";

const find = (id) => document.getElementById(id);
const form = find("settings");
const PRESETS = JSON.parse(form.dataset.presets);
const UNDER_WAY = ["waiting", "running"];

const runs = new Map(); // id -> what the server sent last about it
const epochs = new Map(); // id -> Map of epoch number -> [number, cost, accuracy, test cost, test accuracy]
const curves = {
  accuracy: new Curves(find("accuracy"), { name: "Accuracy", percent: true }),
  cost: new Curves(find("cost"), { name: "Cost" }),
};
let shown = Number(find("run").dataset.run);
const feed = new Feed();
let live = null;
let hasSnapshot = false; // all that there was when the page opened; the rest is news
let frame = 0;

// The form

function fill(name) {
  if (!(name in PRESETS)) return;
  find("base").value = name;
  for (const [field, text] of Object.entries(PRESETS[name])) find(field).value = text;
}

function explain() {
  for (const sentence of form.querySelectorAll("[data-preset]")) {
    sentence.hidden = sentence.dataset.preset !== find("preset").value;
  }
  find("hidden").disabled = find("base").value === "quick"; // the live version has its own
}

form.addEventListener("change", ({ target }) => {
  if (target.id === "preset") fill(target.value);
  // A changed setting makes the preset "custom"; the way of training stays that of the preset.
  else if (target.id !== "seed") find("preset").value = "custom";
  explain();
});
explain();

// What the server sends

function runChanged(run) {
  const before = runs.get(run.id);
  runs.set(run.id, run);
  // Show a run that begins, unless the page shows another one that is under way.
  const begins = hasSnapshot && run.status === "running" && before?.status !== "running";
  if (begins && !isUnderWay(shown)) show(run.id);
  if (!shown) show(run.id);
  draw();
}

function isUnderWay(id) {
  return UNDER_WAY.includes(runs.get(id)?.status);
}

function epochsCame({ run, epochs: figures }) {
  if (!epochs.has(run)) epochs.set(run, new Map());
  for (const each of figures) epochs.get(run).set(each[0], each);
  draw();
}

function show(id) {
  shown = id;
  find("run").dataset.run = id;
  draw();
  follow(id);
}

// The server sends this run from its start, and then all changes.
function follow(id) {
  feed.follow(`${find("run").dataset.events}?run=${id}`);
}

feed.addEventListener("connected", () => connection("connected", "Connected"));
feed.addEventListener("lost", () => connection("lost", "Server out of reach"));
// The server answers, but not with a stream: the session has ended.
feed.addEventListener("refused", () => ping().then(() => connection("lost", "Signed out"), () => {}));
feed.addEventListener("run", ({ detail }) => runChanged(detail));
feed.addEventListener("epochs", ({ detail }) => epochsCame(detail));
feed.addEventListener("worker", ({ detail }) => (find("worker").hidden = detail.there));
feed.addEventListener("live", ({ detail }) => {
  live = detail.version;
  hasSnapshot = true; // it comes after the runs
  find("live").textContent = `Version ${live}, ${detail.name}, is live.`;
  draw();
});

function connection(state, text) {
  find("connection").dataset.state = state;
  find("connection").textContent = text;
}

// What the page shows, once a frame at most

function draw() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    drawList();
    if (runs.has(shown)) drawRun(runs.get(shown));
  });
}

function drawRun(run) {
  const known = [...(epochs.get(run.id)?.values() ?? [])].sort((a, b) => a[0] - b[0]);
  find("run-title").textContent = titled(run);
  setText(find("run-status"), sentence(run, known.at(-1)));
  drawProgress(run, known.length ? known.at(-1)[0] : 0);
  curves.cost.show(known.map(([n, cost, , testCost]) => [n, cost, testCost]), run.epochs);
  curves.accuracy.show(known.map(([n, , right, , testRight]) => [n, right, testRight]), run.epochs);
  drawActions(run);
  drawResult(run);
}

function titled(run) {
  return `Run ${run.id}, ${run.name}`;
}

function sentence(run, last) {
  // A run may publish something else than its last epoch: Quick averages it with the start.
  const accuracy = run.accuracy ?? last?.[4];
  const right = accuracy === undefined ? "" : ` It reads ${percent(accuracy)} of unseen digits right.`;
  switch (run.status) {
    case "waiting":
      return run.place > 1 || anyRunning() ? `Waiting, place ${run.place} in line.` : "Starts in a moment.";
    case "running":
      if (run.cancelling) return "Stopping after this epoch.";
      return last ? `Epoch ${last[0]} of ${run.epochs}.${right}` : "Making the pictures to learn from.";
    case "finished":
      if (!run.version) return "finished: its version was deleted.";
      return `finished: version ${run.version}.${right} It is ${run.version === live ? "live" : "not live yet"}.`;
    case "cancelled":
      return "cancelled: nothing was kept. The live version did not change.";
    default:
      return `${run.status}: ${run.reason.charAt(0).toLowerCase()}${run.reason.slice(1)} Nothing was published.`;
  }
}

function anyRunning() {
  return [...runs.values()].some((run) => run.status === "running");
}

function percent(share) {
  return `${(100 * share).toFixed(1)}%`;
}

function drawProgress(run, epoch) {
  const [done, total] = run.pictures;
  const making = run.status === "running" && epoch === 0 && total > 0;
  const share = making ? done / total : epoch / run.epochs;
  const bar = find("progress");
  bar.dataset.stage = making ? "pictures" : "epochs";
  bar.style.setProperty("--share", share);
  bar.setAttribute("aria-valuenow", Math.round(100 * share));
  const what = making ? `${done} of ${total} pictures` : `epoch ${epoch} of ${run.epochs}`;
  bar.setAttribute("aria-valuetext", what);
  const left = run.status === "running" && run.seconds_left !== null ? `, ${inTime(run.seconds_left)} left` : "";
  find("left").textContent = what.charAt(0).toUpperCase() + what.slice(1) + left + (making && left ? ", then the epochs" : "");
}

function inTime(seconds) {
  const whole = Math.ceil(seconds);
  return whole < 90 ? `${whole} s` : `${Math.round(whole / 60)} min`;
}

// What a finished run changed, written by the server.
async function drawResult(run) {
  const result = find("result");
  const wanted = run.version ? String(run.id) : "";
  if (result.dataset.shows === wanted) return;
  result.dataset.shows = wanted;
  result.replaceChildren();
  if (!wanted) return;
  try {
    const part = await partOfPage(result.dataset.href.replace(/\b0\b/, run.id));
    if (result.dataset.shows === wanted) result.append(part);
  } catch (error) {
    // The server refuses if there is nothing to compare: do not ask again.
    if (!(error instanceof Refused)) delete result.dataset.shows;
  }
}

function drawActions(run) {
  aim("cancel", UNDER_WAY.includes(run.status) && !run.cancelling && run.id);
  const candidate = run.version && run.version !== live && run.version;
  aim("promote", candidate);
  find("compare").hidden = !candidate;
  if (candidate) find("compare").href = `${find("compare").dataset.href}?a=${live}&b=${candidate}`;
}

// Show a form that is about this number, or hide it if there is none.
function aim(id, number) {
  const target = find(id);
  target.hidden = !number;
  if (number) target.action = target.dataset.action.replace(/\b0\b/, number);
}

function drawList() {
  const rows = [...runs.values()].sort((a, b) => b.id - a.id).map((run) => {
    const row = find(`run-${run.id}`) ?? newRow(run);
    const [button, status] = row.children;
    button.setAttribute("aria-pressed", run.id === shown);
    setText(status, run.status === "waiting" ? `waiting, place ${run.place}` : run.status);
    status.dataset.status = run.status;
    return row;
  });
  const list = find("list");
  rows.forEach((row, index) => {
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  });
}

function newRow(run) {
  const row = document.createElement("li");
  row.id = `run-${run.id}`;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = titled(run);
  button.addEventListener("click", () => show(run.id));
  const status = document.createElement("span");
  status.className = "status";
  row.append(button, status);
  return row;
}

// Setting the same text again would make screen readers repeat it.
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

follow(shown);
