// Step "right": how good the chosen network is, as the server writes it.

import { Questions } from "../../server/questions.js";
import { example } from "../../lib/example.js";
import { paint } from "../../parts/thumbnail.js";
import { partOfPage } from "../../server/api.js";

const place = document.getElementById("report");
const questions = new Questions({ heartbeat: false });
let asked; // the version that the report is about

questions.addEventListener("answer", ({ detail }) => {
  place.replaceChildren(detail);
  for (const canvas of place.querySelectorAll("[data-pixels]")) paint(canvas, canvas.dataset.pixels);
  show();
});
// A refusal has its sentence already: the frame asks for the same network.
questions.addEventListener("refused", () => {
  place.replaceChildren();
  show();
});
document.getElementById("sets").addEventListener("change", show);
example.addEventListener("change", ask);
ask();

function ask() {
  const { version } = example.current;
  if (version === asked) return; // another drawing, the same network
  asked = version;
  questions.ask(() => partOfPage(version === null ? place.dataset.href : `${place.dataset.href}?version=${version}`));
}

// The figures on the pictures that are chosen.
function show() {
  const chosen = document.querySelector("[name=set]:checked").value;
  const sets = [...place.querySelectorAll("[data-set]")];
  for (const set of sets) set.hidden = set.dataset.set !== chosen;
  const { right, tested } = sets.find((set) => !set.hidden)?.dataset ?? { right: 0, tested: 0 };
  document.getElementById("right-answers").textContent = right;
  document.getElementById("tested").textContent = tested;
}
