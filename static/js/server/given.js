// Drawings on their way to the server. Those that it has not confirmed survive a reload of the
// page, as long as the tab is open. Each has its key, so that none is kept twice.

import { blobOf, textOf } from "../lib/data_url.js";
import { recall, remember } from "../lib/stored.js";
import { sendDrawing } from "./kept_drawings.js";
import { Outbox } from "./outbox.js";

const [AREA, NAME] = ["sessionStorage", "inkling given"];

export class GivenDrawings extends Outbox {
  #letters = new Map(); // key -> {fields, content}; content: the drawing as text or 64 intensities

  // drawing: a Blob or 64 intensities, or the promise of it; fields: {label, key, device,
  // consent}. The promise of the server's answer, which fails only with Refused.
  async give(drawing, fields) {
    const letter = { fields, content: null };
    this.#letters.set(fields.key, letter); // a new label replaces the one before
    this.#fill(letter, drawing);
    try {
      return await this.add(async () => sendDrawing(await drawing, fields));
    } finally {
      if (this.#letters.get(fields.key) === letter) this.#letters.delete(fields.key);
      this.#save();
    }
  }

  // Give again what was not confirmed before the reload: [{drawing, fields, answer}, ...], each
  // with the promise of its answer.
  resume() {
    const letters = JSON.parse(recall(AREA, NAME) ?? "[]");
    return letters.map(({ fields, content }) => {
      const drawing = typeof content === "string" ? blobOf(content) : content;
      return { drawing, fields, answer: this.give(drawing, fields) };
    });
  }

  dropUntried() {
    super.dropUntried();
    this.#letters.clear();
    this.#save();
  }

  // Internal

  async #fill(letter, drawing) {
    const content = await drawing;
    letter.content = content instanceof Blob ? await textOf(content) : content;
    this.#save();
  }

  #save() {
    const complete = [...this.#letters.values()].filter(({ content }) => content);
    remember(AREA, NAME, JSON.stringify(complete));
  }
}
