// Step "step": gradient steps on a private copy of the network, whose weights this page keeps.

import { bracketed, decimal, precise } from "../../lib/numbers.js";
import { n, t } from "../../lib/language.js";
import { Change } from "../../parts/change.js";
import { DigitChoice } from "../../parts/digit_choice.js";
import { NumberField } from "../../parts/number_field.js";
import { asker } from "../../parts/lesson.js";
import { example } from "../../lib/example.js";
import { weightName } from "../../lib/names.js";

const MOST = 60; // states of the copy that are kept: its weights may take a third of a megabyte
const LARGEST_RATE = 1e38; // that the server takes

const find = (id) => document.getElementById(id);
const change = new Change(find("before-and-now"));
const label = new DigitChoice(find("label"), "label");
const learningRate = new NumberField(
  find("rate"),
  find("rate-problem"),
  (number) => number > 0 && number <= LARGEST_RATE,
  t("The learning rate must be a number above 0, such as 0.1."),
);

// States of the copy: {title, version, weights, taken, cost, right, tested}; the weights of the
// first are null: the server knows them.
let states = [];
let at = -1; // the one that the page shows
let start = "trained";
let chosen = null; // the version that the copy is of, as it was chosen
let pending = null; // the steps that are under way: {count, on, rate}
let asked = {}; // what the last question was about: {example, digit}
let ask; // for the present copy

// Asking

function question(fields) {
  asked = { example: example.current, digit: label.digit };
  const { pixels, version } = asked.example;
  const state = states[at];
  return {
    ...{ pixels, label: asked.digit, start, version: state ? state.version : version },
    ...{ weights: state?.weights ?? null, taken: state?.taken ?? 0, ...fields },
  };
}

function look() {
  if (example.current.version !== chosen) begin(start);
  if (!pending && !isLost()) ask(question({ steps: 0 }));
}

function begin(from) {
  const mine = [];
  [states, at, start, chosen, pending] = [mine, -1, from, example.current.version, null];
  // An answer about an earlier copy comes too late.
  ask = asker("step", (answer) => mine === states && show(answer), () => (pending = null));
  showLost(null);
}

function take(count) {
  if (pending || at < 0) return;
  const rate = learningRate.read();
  if (rate === null) return;
  const on = document.querySelector("[name=on]:checked").value;
  pending = { count, on, rate };
  ask(question({ steps: count, on, learning_rate: rate }));
}

// Showing

function show(answer) {
  // A look that was under way when the steps were asked for comes before them.
  const steps = pending && answer.taken === states[at].taken + pending.count ? pending : null;
  if (steps) pending = null;
  if (answer.lost) {
    showLost(answer.lost);
    return;
  }
  if (asked.example !== example.current || asked.digit !== label.digit) look();
  label.show(label.digit ?? answer.label);
  if (at < 0) keep(start === "trained" ? t("The network as it is") : t("Random weights"), answer);
  else if (steps) keep(titleOf(steps), answer);
  Object.assign(states[at], { cost: answer.after.cost, right: answer.after.right, tested: answer.after.tested });
  change.show(answer);
  find("cost-in-words").textContent = costInWords(answer, steps);
  if (answer.moved) find("moved").textContent = movedInWords(answer, steps);
  else if (!steps) find("moved").textContent = t("Take a step: here you see how the weight that moved most has changed.");
  showStates();
}

function keep(title, { model, weights, taken }) {
  states.length = at + 1; // what was rewound gives way
  if (states.length === MOST) states.splice(1, 1);
  states.push({ title, version: model.version, weights, taken });
  at = states.length - 1;
}

function titleOf({ count, on, rate }) {
  if (on === "drawing") return n("{count} step on this drawing, η = {rate}", "{count} steps on this drawing, η = {rate}", count, { rate });
  return n("{count} step on mini-batches, η = {rate}", "{count} steps on mini-batches, η = {rate}", count, { rate });
}

function costInWords({ before, after }, steps) {
  const cost = precise(after.cost);
  if (!steps) return t("Its answer to this drawing costs {cost}.", { cost });
  return t("Its answer to this drawing costs {cost} now. Before, it cost {before}.", { cost, before: precise(before.cost) });
}

function movedInWords({ moved, model }, { count, rate }) {
  const [before, after] = [decimal(moved.before, 4), decimal(moved.after, 4)];
  const values = { weight: weightName(moved, model.sizes), before, after };
  if (moved.gradient === null) return t("Moved most in {count} steps ({weight}): from {before} to {after}", { count, ...values });
  const gradient = bracketed(precise(moved.gradient));
  return t("Moved most ({weight}): {before} − {rate} × {gradient} = {after}", { rate, gradient, ...values });
}

function showStates() {
  const focused = document.activeElement.closest("#history button")?.dataset.state;
  find("history").replaceChildren(...states.map(({ title, cost, right, tested }, i) => {
    const [li, button] = [document.createElement("li"), document.createElement("button")];
    button.type = "button";
    button.dataset.state = i;
    if (i === at) button.setAttribute("aria-current", "step");
    const [name, figures] = [document.createElement("strong"), document.createElement("span")];
    name.textContent = title;
    figures.textContent = t("cost {cost}, {right} of {tested} test digits", { cost: precise(cost), right, tested });
    button.append(name, figures);
    li.append(button);
    return li;
  }));
  if (focused) find("history").querySelector(`[data-state="${focused}"]`)?.focus();
}

// Of a lost network there are no figures. null: it is not lost.
function showLost(sentence) {
  const lost = sentence !== null;
  find("lost").hidden = !lost;
  find("lost").firstElementChild.textContent = sentence ?? "";
  find("before-and-now").hidden = lost;
  for (const button of find("take").children) button.disabled = lost;
  if (!lost) return;
  for (const id of ["cost-in-words", "moved"]) find(id).textContent = "";
  find("lost").querySelector("button").focus();
}

function isLost() {
  return !find("lost").hidden;
}

function rewind(to) {
  if (pending) return;
  at = to;
  showLost(null);
  look();
}

// Wiring

example.addEventListener("change", look);
label.addEventListener("choose", look);
find("take").addEventListener("click", ({ target }) => target.dataset.steps && take(Number(target.dataset.steps)));
find("history").addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  rewind(Number(button.dataset.state));
});
find("lost").querySelector("button").addEventListener("click", () => {
  rewind(at);
  find("rate").focus();
});
for (const [id, from] of [["again", "trained"], ["random", "random"]]) {
  find(id).addEventListener("click", () => {
    begin(from);
    look();
  });
}
begin(start);
if (example.current.pixels) look();
