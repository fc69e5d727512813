// The table of all runs, which the server writes page by page. It says which run is to be shown, and
// which one is to be drawn over it.

export class RunsTable {
  #element;
  #load;
  #page;
  #marked = {}; // the runs that are shown: {shown, second}
  #wanted = 0; // counts what is asked for: an answer that comes late is dropped

  // element: holds the table; load: from an address, a promise of its content; onShow and
  // onSecond are called with the number of a run.
  constructor(element, { load, onShow, onSecond }) {
    [this.#element, this.#load] = [element, load];
    this.#page = this.#shownPage();
    element.addEventListener("click", (event) => {
      const target = event.target.closest("a, button");
      const run = Number(target?.closest("tr")?.dataset.run);
      if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (target.matches("button")) onSecond(run);
      else if (target.dataset.page) this.#turn(Number(target.dataset.page));
      else if (target.id.startsWith("show-")) onShow(run);
      else return; // another link
      event.preventDefault();
    });
  }

  // The runs have changed: fetch the page again.
  async refresh() {
    const wanted = ++this.#wanted;
    const part = await this.#load(`${this.#element.dataset.href}?page=${this.#page}`).catch(() => null);
    if (!part || wanted !== this.#wanted) return;
    const focused = this.#element.contains(document.activeElement) && document.activeElement.id;
    this.#element.replaceChildren(part);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    this.mark(this.#marked);
  }

  // Mark the run that is shown, and the one that is drawn over it.
  mark({ shown, second }) {
    this.#marked = { shown, second };
    for (const row of this.#element.querySelectorAll("tr[data-run]")) {
      const run = Number(row.dataset.run);
      row.toggleAttribute("data-shown", run === shown);
      row.querySelector("a").setAttribute("aria-current", run === shown);
      const button = row.querySelector("button");
      button.setAttribute("aria-pressed", run === second);
      button.hidden = run === shown;
    }
  }

  #turn(page) {
    this.#page = page;
    this.refresh();
  }

  #shownPage() {
    return Number(this.#element.querySelector(".pages")?.dataset.page ?? 1);
  }
}
