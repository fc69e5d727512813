// The drawing that the pages about the network look into. It is remembered as long as the tab is
// open; the draw page leaves its own here.

import { recall, remember } from "./stored.js";

const [AREA, NAME] = ["sessionStorage", "inkling example"];

// An example is {pixels, picture, strokes, version}.
// pixels: 64 intensities, 0..16; picture: the file that they were made of as a data URL, or null;
// strokes: what the pad showed, if it was drawn there; version: the number of the version that
// looks at it, 0 for the article's network, null for the live one; own: the {pixels, picture,
// strokes} that a challenge's picture stands in for, or null.
export function rememberExample(example) {
  remember(AREA, NAME, JSON.stringify(example));
}

class Example extends EventTarget {
  #current = { pixels: null, picture: null, strokes: [], version: null, own: null };

  constructor() {
    super();
    Object.assign(this.#current, JSON.parse(recall(AREA, NAME) ?? "{}"));
  }

  // Event: "change". Nobody may change what this returns.
  get current() {
    return this.#current;
  }

  // Other values for some of its parts.
  change(parts) {
    this.#current = { ...this.#current, ...parts };
    rememberExample(this.#current);
    this.dispatchEvent(new Event("change"));
  }

  // Another drawing. One without ink, such as a sample, has pixels only.
  replace({ pixels, picture = null, strokes = [] }) {
    this.change({ pixels, picture, strokes, own: null });
  }

  // The same one, edited cell by cell.
  edit(pixels) {
    this.change({ pixels, picture: null, strokes: [] });
  }

  // A challenge's picture, until `backToOwn`.
  lend(pixels) {
    const { own, version, ...drawing } = this.#current;
    this.change({ pixels, picture: null, strokes: [], own: own ?? drawing });
  }

  backToOwn() {
    this.replace(this.#current.own);
  }
}

// The one of this page.
export const example = new Example();

// A function that tells whether another network looks at the example than at the call before.
export function networkWatch() {
  let { version } = example.current;
  return () => {
    const before = version;
    version = example.current.version;
    return version !== before;
  };
}
