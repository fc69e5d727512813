// Two curves by epoch, training and test, drawn by Plotly (loaded as a script: window.Plotly).

const LINES = ["training", "test"];

export class Curves {
  #element;
  #range;
  #percent;

  // element: an empty one with a height; percent: whether values are shares, 0..1.
  constructor(element, { percent = false } = {}) {
    this.#element = element;
    this.#percent = percent;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#style());
    new ResizeObserver(() => this.#element.data && Plotly.Plots.resize(this.#element)).observe(element);
  }

  // points: [[epoch, training, test], ...]; epochs: how many there will be.
  show(points, epochs) {
    const x = points.map(([epoch]) => epoch);
    const traces = LINES.map((name, index) => ({
      x,
      y: points.map((point) => point[index + 1]),
      name,
      mode: points.length > 1 ? "lines" : "markers",
      line: { color: this.#colour(name), width: name === "test" ? 3.5 : 3, dash: name === "test" ? "solid" : "4px,3px" },
      marker: { color: this.#colour(name), size: 8 },
    }));
    this.#range = [Math.min(1, epochs - 1), Math.max(2, epochs)];
    Plotly.react(this.#element, traces, this.#layout(), { staticPlot: true });
  }

  // Internal

  #style() {
    if (!this.#element.data) return;
    LINES.forEach((name, index) => {
      const colour = this.#colour(name);
      Plotly.restyle(this.#element, { "line.color": colour, "marker.color": colour }, [index]);
    });
    Plotly.relayout(this.#element, this.#layout());
  }

  #layout() {
    const axis = {
      color: this.#colour("quiet"),
      gridcolor: this.#colour("line"),
      zeroline: false,
      fixedrange: true,
    };
    const size = parseFloat(getComputedStyle(document.documentElement).fontSize);
    return {
      margin: { l: 3.6 * size, r: 0.75 * size, t: 0.5 * size, b: 2.6 * size },
      showlegend: false,
      paper_bgcolor: "transparent",
      plot_bgcolor: "transparent",
      font: { family: "system-ui, sans-serif", size: 0.875 * size, color: this.#colour("text") },
      xaxis: { ...axis, range: this.#range, title: { text: "Epoch", standoff: 0.4 * size, font: { size: 0.875 * size } }, tickformat: "d" },
      yaxis: { ...axis, rangemode: this.#percent ? "normal" : "tozero", tickformat: this.#percent ? ".1~%" : "" },
    };
  }

  #colour(name) {
    return getComputedStyle(this.#element).getPropertyValue(`--${name}`).trim();
  }
}
