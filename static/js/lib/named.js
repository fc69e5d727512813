// Which digits an answer of the network speaks for.

// The one digit that an answer names, or null if several are likely or none is.
export function named({ verdict, digit, probabilities }) {
  const isClear = verdict === "sure" || (verdict === "torn" && candidates(probabilities).length === 1);
  return isClear ? digit : null;
}

// The most probable digit and up to two that come close.
export function candidates(probabilities) {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  return order.slice(0, 3).filter((d) => probabilities[d] > probabilities[order[0]] / 4);
}
