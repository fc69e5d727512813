// What every step does: it asks the server about the example, and follows it when it changes.

import { Questions } from "../server/questions.js";
import { askInside } from "../server/api.js";
import { example } from "../lib/example.js";
import { t } from "../lib/language.js";

const LOST = t("The server is out of reach. The numbers follow as soon as it is back.");

const line = document.getElementById("lesson-status");
let asking = 0; // questions that are not answered yet
const problems = new Map(); // what keeps a route from answering, by route

// Asks POST /api/inside/`path` about the example now and whenever it changes.
// extra: a function that returns more fields of the question, or null if there is none to ask yet;
// show: gets the answer. Returns a function that asks again, for when `extra` returns other fields.
export function follow(path, extra, show) {
  const ask = asker(path, show);
  const again = () => {
    const { pixels, version } = example.current;
    const fields = extra ? extra() : {};
    if (pixels && fields) ask({ pixels, version, ...fields });
  };
  example.addEventListener("change", again);
  again();
  return again;
}

// A function that asks POST /api/inside/`path` with these fields: one question at a time, and of
// those that wait only the latest. A refusal is shown in the page's status line.
// show: gets the answer; onRefusal: is called instead if the server refuses.
export function asker(path, show, onRefusal = () => {}) {
  const questions = new Questions({ heartbeat: false });
  questions.addEventListener("answer", ({ detail }) => {
    report(path, "");
    show(detail);
  });
  questions.addEventListener("refused", ({ detail }) => {
    report(path, detail);
    onRefusal();
  });
  questions.addEventListener("lost", () => report(path, LOST));
  questions.addEventListener("busy", () => count(1));
  questions.addEventListener("idle", () => count(-1));
  return (fields) => questions.ask(() => askInside(path, fields));
}

// The page says whether all its questions are answered, for whoever waits for that.
function count(change) {
  asking += change;
  document.body.toggleAttribute("data-asking", asking > 0);
}

// Shows a sentence in the status line, until "" takes it away.
// about: tells it from other sentences.
export function report(about, sentence) {
  problems.delete(about);
  if (sentence) problems.set(about, sentence);
  const text = [...problems.values()].at(-1) ?? "";
  if (line.textContent !== text) line.textContent = text;
}
