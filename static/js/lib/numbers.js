// Numbers as people read them, with a real minus sign.

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

// -0.256 -> "−0.26". A number that rounds to 0 has no sign.
export function decimal(value, digits = 2) {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

// 0.256 -> "+0.26".
export function signed(value, digits = 2) {
  const text = decimal(value, digits);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

// Three digits that count, however small or large the number is: "0.0123", "−4.56 × 10⁻⁷".
export function precise(value) {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 0.001 && size < 999.5) return minus(value.toPrecision(3));
  const [digits, exponent] = value.toExponential(2).split("e");
  return `${minus(digits)} × 10${raised(Number(exponent))}`;
}

// 4810 -> "4,810".
export function count(value) {
  return value.toLocaleString(document.documentElement.lang);
}

// A number that is subtracted or multiplied stands in brackets if it is negative: "(−0.5)".
export function bracketed(text) {
  return text.startsWith("−") ? `(${text})` : text;
}

function minus(text) {
  return text.replace("-", "−");
}

function raised(exponent) {
  const digits = [...String(Math.abs(exponent))].map((digit) => RAISED[digit]).join("");
  return exponent < 0 ? `⁻${digits}` : digits;
}
