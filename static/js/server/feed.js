// Server-sent events: the server's messages as things change.

const KINDS = [
  ...["run", "epochs", "live", "worker", "overview", "moderated"],
  ...["drawings", "waiting", "statistics", "large", "training", "frozen", "blank", "wifi"],
  ...["addresses", "devices", "switches", "game"],
];
const RETRY = 3000; // ms until another attempt after a browser has given up
const SILENCE = 25_000; // ms without an event, of which the server sends one every 10 s

export class Feed extends EventTarget {
  #address = null;
  #source = null;
  #retry = 0;
  #silence = 0;

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
    this.#close();
    if (document.hidden || !this.#address) return;
    const source = new EventSource(this.#address);
    source.addEventListener("open", () => this.#heard("connected"));
    source.addEventListener("error", () => this.#lost(source));
    source.addEventListener("beat", () => this.#listenOn());
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => this.#heard(kind, JSON.parse(event.data)));
    }
    this.#source = source;
    this.#listenOn();
  }

  #close() {
    clearTimeout(this.#retry);
    clearTimeout(this.#silence);
    if (this.#source) this.#emit("lost"); // so that no page says "Connected" meanwhile
    this.#source?.close();
    this.#source = null;
  }

  #heard(type, detail) {
    this.#listenOn();
    this.#emit(type, detail);
  }

  // A connection can die without a word: then nothing comes for a while.
  #listenOn() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#open(), SILENCE);
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
