// A stack of changes to undo, newest last. It survives reloads of the page, as long as the tab is
// open and the session lasts.

export class UndoStack {
  #key;
  #session;
  #entries;

  // session: identifies a sign-in. After another sign-in, drawing numbers may mean other drawings.
  constructor(name, session) {
    this.#key = `${name} undo`;
    const kept = JSON.parse(sessionStorage.getItem(this.#key) ?? "null");
    this.#session = session;
    this.#entries = kept?.session === session ? kept.entries : [];
  }

  get isEmpty() {
    return this.#entries.length === 0;
  }

  push(entry) {
    this.#entries.push(entry);
    this.#keep();
  }

  pop() {
    const entry = this.#entries.pop();
    this.#keep();
    return entry;
  }

  // Internal

  #keep() {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify({ session: this.#session, entries: this.#entries }));
    } catch (error) {
      if (error.name !== "QuotaExceededError") throw error;
      sessionStorage.removeItem(this.#key); // too many to store; this page keeps them in memory
    }
  }
}
