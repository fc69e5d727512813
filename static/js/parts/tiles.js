// The latest drawings, each in a fixed place: a new one replaces the oldest, and no other moves.

import { oneByOne } from "../lib/steps.js";
import { paint, showHandwriting } from "./thumbnail.js";

export const TURNING = 3000; // ms in which drawings that are read otherwise turn, one by one
const LONGEST_PAUSE = 400; // ms between two of them

export class Tiles {
  #places; // {element, drawing or null}, in reading order
  #stopTurning = () => {};

  // element: a list with one empty tile for each place.
  constructor(element) {
    this.#places = [...element.children].map((tile) => ({ element: tile, drawing: null }));
  }

  // drawings: newest first; those beyond the number of places are left out.
  show(drawings) {
    this.#stopTurning();
    const wanted = new Map(drawings.slice(0, this.#places.length).map((each) => [each.id, each]));
    const turned = [];
    for (const place of this.#places) {
      const drawing = wanted.get(place.drawing?.id) ?? null;
      wanted.delete(drawing?.id);
      place.element.removeAttribute("data-turned");
      if (drawing && isReadOtherwise(place.drawing, drawing)) turned.push([place, drawing]);
      else this.#fill(place, drawing);
    }
    const free = this.#places.filter(({ drawing }) => !drawing);
    // Oldest first, so that a wall that is opened late looks like the others.
    [...wanted.values()].reverse().forEach((drawing, index) => this.#fill(free[index], drawing));
    for (const { element, drawing } of this.#places) {
      element.toggleAttribute("data-newest", drawing !== null && drawing.id === drawings[0].id);
    }
    const time = Math.min(TURNING, LONGEST_PAUSE * turned.length);
    this.#stopTurning = oneByOne(turned.length, time, (index) => this.#turn(...turned[index]));
  }

  // Internal

  #turn(place, drawing) {
    this.#fill(place, drawing);
    place.element.setAttribute("data-turned", "");
  }

  #fill(place, drawing) {
    if (JSON.stringify(place.drawing) === JSON.stringify(drawing)) return;
    const isOther = place.drawing?.id !== drawing?.id;
    place.drawing = drawing;
    const tile = place.element;
    tile.toggleAttribute("data-shown", drawing !== null);
    tile.dataset.drawing = drawing?.id ?? "";
    paint(tile.querySelector("canvas"), drawing?.pixels ?? "0".repeat(64));
    if (isOther) showHandwriting(tile.querySelector("img"), drawing);
    const texts = drawing ? described(drawing) : { predicted: "", certainty: "", outcome: "" };
    for (const [name, text] of Object.entries(texts)) tile.querySelector(`.${name}`).textContent = text;
    tile.dataset.right = drawing ? drawing.predicted === drawing.label : "";
  }
}

// Whether another version read the drawing, and the room sees the difference.
function isReadOtherwise(before, now) {
  return before.predicted !== now.predicted && before.label === now.label;
}

// The prediction, its certainty, and whether it was right, as short texts.
export function described({ predicted, certainty, verdict, label }) {
  return {
    predicted: verdict === "sure" ? `${predicted}` : `${predicted}?`,
    certainty: percent(certainty),
    outcome: predicted === label ? "✓" : `✗ ${label}`,
  };
}

// Rounded down, because the network is never quite certain.
function percent(share) {
  return `${Math.min(99, Math.floor(100 * share))}%`;
}
