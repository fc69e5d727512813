// How good versions are, in words and list items.

import { t } from "./language.js";

const KINDS = ["people", "digits"];

// 0.9831 -> "98.3%".
export function inPercent(share, digits = 1) {
  return `${(100 * share).toFixed(digits)}%`;
}

// The figures of a version, people first, as items of a list.
// figures: {people, digits}, each {before, now} or null: shares, 0..1; before may be null.
export function change(figures) {
  return KINDS.filter((about) => figures?.[about]).map((about) => {
    const item = document.createElement("li");
    const value = document.createElement("strong");
    value.textContent = inWords(figures[about], about === "people" ? 0 : 1);
    item.append(about === "people" ? t("People it never met: ") : t("Digits it never sees: "), value);
    return item;
  });
}

function inWords({ before, now }, digits) {
  if (before === null) return inPercent(now, digits);
  return t("before {before}, now {now}", { before: inPercent(before, digits), now: inPercent(now, digits) });
}
