// What the network answers to the example: asked once, for all parts of a page.

import { follow } from "./lesson.js";

class Reading extends EventTarget {
  // Event: "answer", detail: the answer of POST /api/inside/answer.
  constructor() {
    super();
    follow("answer", null, (detail) => this.dispatchEvent(new CustomEvent("answer", { detail })));
  }
}

// The one of this page.
export const reading = new Reading();
