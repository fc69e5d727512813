// Server-sent events: the server's messages as things change.

const KINDS = [
  ...["run", "epochs", "live", "worker", "overview", "moderated"],
  ...["drawings", "statistics", "large", "frozen", "blank", "addresses", "devices"],
];
const RETRY = 3000; // ms until another attempt after a browser has given up

export class Feed extends EventTarget {
  #address = null;
  #source = null;
  #retry = 0;

  // Events: one of KINDS (detail: the message); "connected": the server sends
  // the whole state next; "lost"; and "refused": the server answered, but with no stream.
  constructor() {
    super();
    // A browser allows few connections to one server, so hidden pages close theirs.
    document.addEventListener("visibilitychange", () => this.#open());
  }

  // Listen to this address, and no longer to any other.
  follow(address) {
    this.#address = address;
    this.#open();
  }

  // Internal

  #open() {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#retry);
    if (document.hidden || !this.#address) return;
    const source = new EventSource(this.#address);
    source.addEventListener("open", () => this.#emit("connected"));
    source.addEventListener("error", () => this.#lost(source));
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => this.#emit(kind, JSON.parse(event.data)));
    }
    this.#source = source;
  }

  // A browser reconnects by itself, but not after an answer that is no stream.
  #lost(source) {
    this.#emit("lost");
    if (source.readyState !== EventSource.CLOSED) return;
    this.#retry = setTimeout(() => this.#open(), RETRY);
    this.#emit("refused");
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
