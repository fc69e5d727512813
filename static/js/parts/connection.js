// The badge that says whether the page follows the server, and leads to sign-in when it may not.

import { t } from "../lib/language.js";
import { ping } from "../server/api.js";

// Let the page's badge follow a Feed.
export function badge(feed) {
  feed.addEventListener("connected", () => show("connected", t("Connected")));
  feed.addEventListener("lost", () => show("lost", t("Server out of reach")));
  // The server answers, but not with a stream: the session has ended.
  feed.addEventListener("refused", () => ping().then(signedOut, () => {}));
}

function show(state, ...parts) {
  const place = document.getElementById("connection");
  if (place.dataset.state === state && place.textContent === parts[0]) return;
  place.dataset.state = state;
  place.replaceChildren(...parts);
}

// Loading the page again leads to the sign-in page, and from there back here.
export function signedOut() {
  const link = document.createElement("a");
  [link.href, link.textContent] = [location.href, t("sign in")];
  link.addEventListener("click", (event) => {
    event.preventDefault();
    location.reload();
  });
  show("lost", t("Signed out: "), link);
}
