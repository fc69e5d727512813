// Changes the example: a pad to draw on, samples to press, and which network looks at it.

import { Pad } from "./pad.js";
import { Questions } from "../server/questions.js";
import { example } from "../lib/example.js";
import { paint } from "./thumbnail.js";
import { predictPicture } from "../server/api.js";
import { report } from "./lesson.js";
import { t } from "../lib/language.js";
import { textOf } from "../lib/data_url.js";

const NOTHING = new Array(64).fill(0);

// The samples are buttons with data-pixels: 64 characters as in addresses of pictures.
export class Changer {
  #element;
  #button;
  #pad;
  #questions = new Questions({ heartbeat: false });

  // element: a part of the page that `button` shows and hides.
  constructor(element, button) {
    [this.#element, this.#button] = [element, button];
    this.#pad = new Pad(element.querySelector("canvas"));
    this.#pad.strokes = example.current.strokes;
    for (const event of ["ink", "stroke"]) this.#pad.addEventListener(event, () => this.#read());
    this.#questions.addEventListener("answer", ({ detail }) => example.replace(detail));
    this.#questions.addEventListener("refused", ({ detail }) => report("the drawing", detail));
    button.addEventListener("click", () => this.#toggle(element.hidden));
    element.addEventListener("click", ({ target }) => this.#press(target.closest("button")));
    for (const part of [element, button]) part.addEventListener("keydown", (event) => this.#key(event));
    for (const sample of element.querySelectorAll("[data-pixels]")) {
      paint(sample.querySelector("canvas"), sample.dataset.pixels);
    }
    this.#followNetwork(element.querySelector("select"));
    if (!example.current.pixels) this.#take(element.querySelector("[data-pixels][data-first]"));
  }

  // Internal

  // A version that was deleted meanwhile is not in the list: then its number stays, and the server
  // says what became of it.
  #followNetwork(select) {
    const { version } = example.current;
    select.value = version ?? "";
    if (select.selectedIndex < 0) select.add(new Option(t("Version {version}", { version }), version, true, true));
    select.addEventListener("change", () => {
      example.change({ version: select.value === "" ? null : Number(select.value) });
    });
  }

  #press(button) {
    if (!button) return;
    if (button.dataset.pixels) this.#take(button);
    else if (button.dataset.do === "clear") this.#clear();
    else this.#toggle(false);
  }

  #take(sample) {
    this.#drop();
    example.replace({ pixels: [...sample.dataset.pixels].map((character) => parseInt(character, 17)) });
  }

  #clear() {
    this.#drop();
    example.replace({ pixels: NOTHING });
  }

  // What is on the pad gives way to something else.
  #drop() {
    this.#questions.forget();
    this.#pad.strokes = [];
    report("the drawing", "");
  }

  #read() {
    const [picture, strokes] = [this.#pad.picture(), this.#pad.strokes];
    report("the drawing", "");
    this.#questions.ask(async () => {
      const { pixels } = await predictPicture(picture);
      return { pixels: pixels.flat(), picture: await textOf(await picture), strokes };
    });
  }

  #toggle(open) {
    this.#element.hidden = !open;
    this.#button.setAttribute("aria-expanded", String(open));
    if (!open) this.#button.focus();
  }

  #key(event) {
    if (event.key !== "Escape" || this.#element.hidden) return;
    event.preventDefault();
    this.#toggle(false);
  }
}
