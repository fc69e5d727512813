// Pieces of sentences.

import { t } from "./language.js";

// A digit with its article, if the page's language has one: "a 7", "an 8".
export function withArticle(digit) {
  return digit === 8 ? t("an 8") : t("a {digit}", { digit });
}

// "4 and 9", "1, 4 and 9", in the page's language.
export function listed(items) {
  const { lang } = document.documentElement;
  // American English has a comma before "and".
  return new Intl.ListFormat(lang === "en" ? "en-GB" : lang).format(items.map(String));
}

// The name of a training run, which is that of its preset.
export function runName(name) {
  const names = { quick: t("quick"), article: t("article"), workshop: t("workshop"), large: t("large"), custom: t("custom") };
  return names[name] ?? name;
}
