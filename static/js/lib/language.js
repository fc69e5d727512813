// Texts in the page's language. What stands in t(...) and n(...) are messages: whole sentences,
// with the names of values in braces.

const { catalogue } = document.documentElement.dataset;
const { messages } = catalogue ? await import(catalogue) : { messages: {} };

// The message with the values in the places of their names.
export function t(message, values = {}) {
  return filled(messages[message] ?? message, values);
}

// One of two messages, by a number, which stands in them as {count}.
export function n(one, many, count, values = {}) {
  const text = messages[one] ?? (count === 1 ? one : many);
  return filled(text, { count: count.toLocaleString(document.documentElement.lang), ...values });
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? values[name] : place));
}
