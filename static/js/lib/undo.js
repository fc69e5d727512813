// What was changed, newest last, to be taken back. It stays through reloads of the page: for as
// long as the tab is open and the session lasts.

export class UndoStack {
  #key;
  #session;
  #entries;

  // `session` tells one sign-in from the next: numbers of drawings may mean others by then.
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
      sessionStorage.removeItem(this.#key); // this page still has them all
    }
  }
}
