// Server-sent events: what the server says as things happen.

const KINDS = [
  ...["run", "epochs", "live", "worker"],
  ...["drawings", "statistics", "large", "frozen", "blank", "addresses", "devices"],
];
const RETRY = 3000; // ms until another attempt after a browser has given up

export class Feed extends EventTarget {
  #address = null;
  #source = null;
  #retry = 0;

  // Events: one of KINDS (detail: the message); "connected", when everything is about to be
  // said once more from its start; "lost", and "refused" when the server answered with no
  // stream.
  constructor() {
    super();
    // A browser has few connections to one server: hidden pages give theirs back.
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
    source.addEventListener("open", () => this.#tell("connected"));
    source.addEventListener("error", () => this.#lost(source));
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => this.#tell(kind, JSON.parse(event.data)));
    }
    this.#source = source;
  }

  // A browser tries again by itself, but not after an answer that is no stream.
  #lost(source) {
    this.#tell("lost");
    if (source.readyState !== EventSource.CLOSED) return;
    this.#retry = setTimeout(() => this.#open(), RETRY);
    this.#tell("refused");
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
