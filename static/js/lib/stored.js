// Texts that the browser remembers for this page: in localStorage for good, in sessionStorage as
// long as the tab is open. Where it allows the page no storage, or has no room left, it remembers
// none.

// The text of this name, or null. area: "localStorage" or "sessionStorage"
export function recall(area, name) {
  return attempt(() => globalThis[area].getItem(name));
}

export function remember(area, name, text) {
  forget(area, name); // better no text than an older one
  attempt(() => globalThis[area].setItem(name, text));
}

export function forget(area, name) {
  attempt(() => globalThis[area].removeItem(name));
}

function attempt(act) {
  try {
    return act();
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}
