// What the network says, as a sentence. Below it a hint, where one helps.

import { candidates } from "../lib/named.js";
import { hint } from "../lib/hint.js";
import { t } from "../lib/language.js";
import { listed } from "../lib/words.js";

const SENTENCES = {
  sure: (digit) => (digit === 8 ? t("This is an 8.") : t("This is a {digit}.", { digit })),
  unfamiliar: () => t("This looks like no digit I was trained on."),
  torn: (digit, probabilities) => {
    const close = candidates(probabilities);
    if (close.length > 1) return t("Torn between {digits}.", { digits: listed(close) });
    return digit === 8 ? t("Most like an 8.") : t("Most like a {digit}.", { digit });
  },
};

export class Verdict {
  #element;
  blank = t("Draw a digit."); // said while there is nothing on the pad

  constructor(element) {
    this.#element = element;
  }

  // The answer to a drawing, of which these are the strokes.
  show({ verdict, digit, probabilities }, strokes) {
    if (verdict === "blank") return this.say("blank", this.blank);
    this.say(verdict, SENTENCES[verdict](digit, probabilities), verdict === "sure" ? "" : hint(strokes));
  }

  // An answer while the pen is down: calm, because it changes often.
  follow({ verdict, digit }) {
    this.say("drawing", guess(verdict, digit));
  }

  say(state, sentence, detail = "") {
    this.#element.dataset.verdict = state;
    const [first, second] = this.#element.children;
    // Assigning the same text again would make screen readers repeat it.
    if (first.textContent !== sentence) first.textContent = sentence;
    if (second.textContent !== detail) second.textContent = detail;
  }

  // While it is busy, screen readers do not read the verdict: they read the last one only.
  set busy(yes) {
    this.#element.setAttribute("aria-busy", String(yes));
  }
}

function guess(verdict, digit) {
  if (verdict !== "sure" && verdict !== "torn") return t("No digit yet …");
  return digit === 8 ? t("Looks like an 8 …") : t("Looks like a {digit} …", { digit });
}
