// The accuracy by epoch as one line, drawn as SVG: for the wall, which loads no charting library.

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT] = [100, 40];
const FLOORS = [0.95, 0.9, 0.8, 0.5, 0]; // where the scale may begin

export class AccuracyLine {
  #line;
  #floor;

  constructor(element) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute("preserveAspectRatio", "none");
    this.#line = document.createElementNS(SVG, "polyline");
    svg.append(this.#line);
    const top = document.createElement("span");
    top.textContent = "100 %";
    this.#floor = document.createElement("span");
    element.append(svg, top, this.#floor);
  }

  // shares: 0..1, one for each epoch so far; epochs: how many there will be.
  show(shares, epochs) {
    const floor = FLOORS.find((share) => share <= Math.min(...shares, 1)) ?? 0;
    const points = shares.map((share, index) => {
      const x = epochs > 1 ? (WIDTH * index) / (epochs - 1) : WIDTH;
      return `${x.toFixed(2)},${((HEIGHT * (1 - share)) / (1 - floor)).toFixed(2)}`;
    });
    this.#line.setAttribute("points", points.join(" "));
    this.#floor.textContent = `${Math.round(100 * floor)} %`;
  }
}
