// Draws the curves of a session's report. It stands in the page behind parts/curves.js, without
// an import: the report is one file, which brings the texts in its language along.

const messages = JSON.parse(document.querySelector("[data-messages]").dataset.messages);

// The message with the values in the places of their names.
function t(message, values = {}) {
  return (messages[message] ?? message).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

for (const element of document.querySelectorAll("[data-points]")) {
  const { kind, name, epochs, points } = element.dataset;
  const isAccuracy = kind === "Accuracy";
  const lines = isAccuracy ? ["people", "test", "training"] : ["test", "training"];
  const curves = new Curves(element, { name, percent: isAccuracy, lines, t });
  curves.show(JSON.parse(points), Number(epochs));
}
