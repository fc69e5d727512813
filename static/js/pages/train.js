// The train page: the form follows the preset; the run follows the server.

import { inPercent } from "../lib/figures.js";
import { t } from "../lib/language.js";
import { runName } from "../lib/words.js";
import { badge } from "../parts/connection.js";
import { Curves } from "../parts/curves.js";
import { RunsTable } from "../parts/runs_table.js";
import { SettingsForm } from "../parts/settings_form.js";
import { Refused, partOfPage } from "../server/api.js";
import { Feed } from "../server/feed.js";
import { withNumber } from "../lib/address.js";

const find = (id) => document.getElementById(id);
const UNDER_WAY = ["waiting", "running"];

const runs = new Map(); // id -> what the server sent last about it
// id -> Map of epoch number -> [number, cost, accuracy, test cost, test accuracy, people's accuracy]
const epochs = new Map();
const curves = {
  accuracy: new Curves(find("accuracy"), { name: t("Accuracy"), percent: true, t }),
  cost: new Curves(find("cost"), { name: t("Cost"), lines: ["test", "training"], t }),
};
const table = new RunsTable(find("table"), { load: partOfPage, onShow: show, onSecond: showSecond });
let shown = Number(find("run").dataset.run);
let second = 0; // the run whose curves are drawn too
const feed = new Feed();
new SettingsForm(find("settings"));
let live = null;
let hasSnapshot = false; // all that there was when the page opened; the rest is news
let frame = 0;

// What the server sends

function runChanged(run) {
  const before = runs.get(run.id);
  runs.set(run.id, run);
  // Show a run that begins, unless the page shows another one that is under way.
  const begins = hasSnapshot && run.status === "running" && before?.status !== "running";
  if (begins && !isUnderWay(shown)) show(run.id);
  if (!shown) show(run.id);
  if (hasSnapshot && before?.status !== run.status) table.refresh();
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
  if (second === id) second = 0;
  find("run").dataset.run = id;
  draw();
  follow();
}

// Draw the curves of this run too, or no longer. The button may be far below them.
function showSecond(id) {
  second = id === second ? 0 : id;
  draw();
  find("run").scrollIntoView();
  follow();
}

// The server sends these runs from their start, and then all changes.
function follow() {
  feed.follow(`${find("run").dataset.events}?run=${shown}&second=${second}`);
}

badge(feed);
feed.addEventListener("run", ({ detail }) => runChanged(detail));
feed.addEventListener("epochs", ({ detail }) => epochsCame(detail));
feed.addEventListener("worker", ({ detail }) => (find("worker").hidden = detail.there));
feed.addEventListener("live", ({ detail }) => {
  live = detail.version;
  hasSnapshot = true; // it comes after the runs
  table.refresh(); // they may have changed since the page was written
  find("live").textContent = t("Version {version}, {name}, is live.", { version: live, name: runName(detail.name) });
  draw();
});

// What the page shows, once a frame at most

function draw() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    table.mark({ shown, second });
    drawLine();
    if (runs.has(shown)) drawRun(runs.get(shown));
  });
}

// The newest run that waits, beside Start.
function drawLine() {
  const waiting = [...runs.values()].filter((run) => run.place).sort((a, b) => b.id - a.id);
  setText(find("in-line"), waiting.length ? t("Run {id} waits, place {place}.", waiting[0]) : "");
}

function drawRun(run) {
  const known = epochsOf(run.id);
  find("run-title").textContent = titled(run);
  setText(find("run-status"), sentence(run, known.at(-1)));
  drawProgress(run, known.length ? known.at(-1)[0] : 0);
  drawCurves(run, known);
  drawActions(run);
  drawResult(run);
}

function epochsOf(id) {
  return [...(epochs.get(id)?.values() ?? [])].sort((a, b) => a[0] - b[0]);
}

const accuracies = ([n, , right, , testRight, people]) => [n, people, testRight, right];
const costs = ([n, cost, , testCost]) => [n, testCost, cost];

function drawCurves(run, known) {
  const others = second ? epochsOf(second) : null;
  const end = run.averaged && run.outcome ? [run.outcome.people.now, run.outcome.digits.now, null] : null;
  curves.cost.show(known.map(costs), run.epochs, { second: others?.map(costs) });
  curves.accuracy.show(known.map(accuracies), run.epochs, { second: others?.map(accuracies), end });
  find("averaged").hidden = !end;
  find("second").hidden = !second;
  if (runs.has(second)) setText(find("second-title"), t("thin: {run}", { run: titled(runs.get(second)) }));
}

function titled(run) {
  return t("Run {number}, {name}", { number: run.id, name: runName(run.name) });
}

function sentence(run, last) {
  switch (run.status) {
    case "waiting":
      return run.place > 1 || anyRunning() ? t("Waiting, place {place} in line.", run) : t("Starts in a moment.");
    case "running":
      if (run.cancelling) return t("Stopping after this epoch.");
      return last ? soFar(run, last) : t("The training pictures come first, then the epochs.");
    case "finished":
      return run.version ? finished(run) : t("finished: its version was deleted.");
    case "cancelled":
      return t("cancelled: nothing was kept. The live version did not change.");
    case "failed":
      return t("failed: {reason} Nothing was published.", { reason: inSentence(run.reason) });
    default:
      return t("interrupted: {reason} Nothing was published.", { reason: inSentence(run.reason) });
  }
}

// People come first: the test digits say little about them.
function soFar({ epochs }, [epoch, , , , digits, people]) {
  const values = { epoch, epochs, digits: inPercent(digits) };
  if (people === null) return t("Epoch {epoch} of {epochs}. It reads {digits} of the test digits.", values);
  values.people = inPercent(people);
  return t("Epoch {epoch} of {epochs}. It reads {people} of drawings by people it never met, {digits} of the test digits.", values);
}

function finished({ version, outcome }) {
  const values = { version, people: outcome?.people.sentence, digits: outcome?.digits.sentence };
  if (!outcome) {
    if (version === live) return t("finished: version {version}. It is live.", values);
    return t("finished: version {version}. It is not live yet.", values);
  }
  if (version === live) return t("finished: version {version}. {people} {digits} It is live.", values);
  return t("finished: version {version}. {people} {digits} It is not live yet.", values);
}

function inSentence(text) {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function anyRunning() {
  return [...runs.values()].some((run) => run.status === "running");
}

function drawProgress(run, epoch) {
  const [done, total] = run.pictures;
  const begins = run.status === "running" && epoch === 0;
  const making = begins && total > 0;
  const share = making ? done / total : epoch / run.epochs;
  const bar = find("progress");
  bar.dataset.stage = making ? "pictures" : "epochs";
  bar.style.setProperty("--share", share);
  bar.setAttribute("aria-valuenow", Math.round(100 * share));
  const pictures = t("Preparing training pictures, {done} of {total}", { done: inGroups(done), total: inGroups(total) });
  const what = making ? pictures : begins ? t("Starting") : t("Epoch {epoch} of {epochs}", { epoch, epochs: run.epochs });
  bar.setAttribute("aria-valuetext", what);
  const isTimed = run.status === "running" && run.seconds_left !== null;
  find("left").textContent = isTimed ? t("{what}, {time} left", { what, time: inTime(run.seconds_left) }) : what;
}

// 144,000, as all numbers in the interface are written.
function inGroups(number) {
  return number.toLocaleString(document.documentElement.lang);
}

function inTime(seconds) {
  const whole = Math.ceil(seconds);
  return whole < 90 ? t("{number} s", { number: whole }) : t("{number} min", { number: Math.round(whole / 60) });
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
    const part = await partOfPage(withNumber(result.dataset.href, run.id));
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
  if (number) target.action = withNumber(target.dataset.action, number);
}

// Setting the same text again would make screen readers repeat it.
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

follow();
