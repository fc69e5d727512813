// Server-sent events: what the server says as things happen.

const KINDS = ["run", "epochs", "live", "worker"];

export class Feed extends EventTarget {
  #address = null;
  #source = null;

  // Events: one of KINDS (detail: the message); "connected", when everything is about to be
  // said once more from its start, and "lost".
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
    if (document.hidden || !this.#address) return;
    const source = new EventSource(this.#address);
    source.addEventListener("open", () => this.#tell("connected"));
    source.addEventListener("error", () => this.#tell("lost"));
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => this.#tell(kind, JSON.parse(event.data)));
    }
    this.#source = source;
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
