// Ten bars, one per digit: how probable each is.

export class Bars {
  #bars;

  constructor(element) {
    this.#bars = [...element.querySelectorAll(".bar")];
  }

  // probabilities: ten numbers 0..1, or null for a blank picture.
  show(probabilities) {
    const largest = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1;
    this.#bars.forEach((bar, digit) => {
      const share = probabilities?.[digit] ?? 0;
      const meter = bar.querySelector("[role=meter]");
      meter.setAttribute("aria-valuenow", (100 * share).toFixed(1));
      meter.querySelector(".fill").style.setProperty("--share", share);
      bar.querySelector(".percent").textContent = probabilities ? percent(share) : "–";
      bar.toggleAttribute("data-largest", digit === largest);
    });
  }
}

// Never "100.0%" or "0.0%": the network is not certain of anything.
function percent(share) {
  if (share > 0.9995) return ">99.9%";
  if (share < 0.0005) return "<0.1%";
  return `${(100 * share).toFixed(1)}%`;
}
