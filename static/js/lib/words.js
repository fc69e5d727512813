// Pieces of sentences.

// A digit with its article: "a 7", "an 8".
export function withArticle(digit) {
  return `${digit === 8 ? "an" : "a"} ${digit}`;
}

// "4 and 9", "1, 4 and 9".
export function listed(items) {
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
