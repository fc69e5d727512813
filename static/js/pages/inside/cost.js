// Step "cost": what the answer costs if the label is right, term by term.

import { decimal, precise } from "../../lib/numbers.js";
import { DigitChoice } from "../../parts/digit_choice.js";
import { follow } from "../../parts/lesson.js";
import { isBlank, largest } from "../../parts/cells.js";
import { t } from "../../lib/language.js";
import { withArticle } from "../../lib/words.js";

const find = (id) => document.getElementById(id);
const label = new DigitChoice(find("label"), "label");

const ask = follow("cost", () => ({ label: label.digit }), (answer) => {
  label.show(answer.label, answer.cost.by_label.map((cost) => decimal(cost)));
  showTerms(answer);
  find("total").textContent = decimal(answer.cost.total, 4);
  find("total-in-words").textContent = totalInWords(answer);
  answer.certainties.forEach(({ a, if_right, if_wrong }, i) => {
    const texts = [String(a), decimal(if_right, 3), decimal(if_wrong, 3)];
    texts.forEach((text, k) => (find("certainties").rows[i].cells[k].textContent = text));
  });
});

label.addEventListener("choose", ask);

function showTerms({ outputs, label: right, cost: { terms } }) {
  const most = largest(terms);
  [...find("terms").rows].forEach((row, digit) => {
    const texts = [decimal(outputs[digit], 4), digit === right ? "1" : "0", decimal(terms[digit], 4)];
    texts.forEach((text, i) => (row.cells[i + 1].textContent = text));
    row.cells[4].firstElementChild.style.setProperty("--share", terms[digit] / most);
    row.toggleAttribute("data-largest", digit === right);
  });
}

function totalInWords({ label: right, digit, inputs, outputs, cost: { total, terms } }) {
  const worst = terms.indexOf(largest(terms));
  const values = {
    a_digit: withArticle(digit),
    right: withArticle(right),
    total: decimal(total, 4),
    worst,
    output: precise(outputs[worst]),
    target: worst === right ? 1 : 0,
  };
  if (isBlank(inputs)) {
    return t("Nothing is drawn, so there is no right answer. If it were {right}, the answer would cost {total}. The most expensive output is the one for {worst}: it is {output} and should be {target}.", values);
  }
  return right === digit
    ? t("It reads {a_digit}, and that is right. The answer costs {total}. The most expensive output is the one for {worst}: it is {output} and should be {target}.", values)
    : t("It reads {a_digit}, but it is {right}. The answer costs {total}. The most expensive output is the one for {worst}: it is {output} and should be {target}.", values);
}
