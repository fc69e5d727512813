// Pictures that come in: from a file or a camera, pasted, or dropped anywhere on the page.

import { NotAPhoto, photoOf } from "../lib/photo.js";

export class PictureIn extends EventTarget {
  #asked = 0; // counts the pictures, so that a slow one does not replace a later one

  // Events: "photo" (detail: {file, image}) and "refused" (detail: a sentence).
  constructor(button, input) {
    super();
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      this.#take(input.files);
      input.value = ""; // so that the same file can be chosen again
    });
    addEventListener("paste", ({ clipboardData }) => this.#take(clipboardData.files));
    addEventListener("dragover", (event) => this.#over(event));
    addEventListener("dragleave", ({ relatedTarget }) => highlight(relatedTarget !== null));
    addEventListener("drop", (event) => this.#drop(event));
  }

  // Internal

  #over(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault(); // allows to drop here
    highlight(true);
  }

  #drop(event) {
    highlight(false);
    if (!event.dataTransfer.files.length) return;
    event.preventDefault(); // browsers would show the file instead of the page
    this.#take(event.dataTransfer.files);
  }

  async #take([file]) {
    if (!file) return;
    const number = ++this.#asked;
    try {
      const photo = await photoOf(file);
      if (number === this.#asked) this.#emit("photo", photo);
    } catch (error) {
      if (!(error instanceof NotAPhoto)) throw error;
      this.#emit("refused", error.message);
    }
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function highlight(isOver) {
  document.body.toggleAttribute("data-drop", isOver);
}
