// Draws the curves of a session's report. It stands in the page behind parts/curves.js, without
// an import: the report is one file.

for (const element of document.querySelectorAll("[data-points]")) {
  const { name, epochs, points } = element.dataset;
  const isAccuracy = name === "Accuracy";
  const lines = isAccuracy ? ["people", "test", "training"] : ["test", "training"];
  const curves = new Curves(element, { name, percent: isAccuracy, lines });
  curves.show(JSON.parse(points), Number(epochs));
}
