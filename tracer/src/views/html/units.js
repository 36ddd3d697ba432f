// Times and numbers in words.

const UNITS = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]];

// A duration with up to four digits.
function length(ns) {
  const sign = ns < 0 ? "-" : "";
  const size = Math.abs(ns);
  for (const [unit, name] of UNITS) {
    if (size >= unit) {
      const value = size / unit;
      const digits = unit === 1 ? 0 : Math.max(0, 3 - Math.floor(Math.log10(value)));
      return `${sign}${value.toFixed(digits)} ${name}`;
    }
  }
  return "0 ns";
}

// A moment since the begin of the trace, to the ns.
function moment(ns) {
  const [seconds, rest] = [Math.floor(ns / 1e9), Math.round(ns - Math.floor(ns / 1e9) * 1e9)];
  return `${seconds}.${String(rest).padStart(9, "0").replace(/(\d{3})(?=\d)/g, "$1 ")} s`;
}

function percent(part, whole) {
  return whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : "";
}

// The distance between two ticks of a ruler, ns, so that they are at least `least` apart.
function tickStep(least) {
  let unit = 1;
  while (unit * 10 <= least) unit *= 10;
  for (const times of [1, 2, 5, 10]) if (unit * times >= least) return unit * times;
  return unit * 10;
}

// A tick's label, in the unit of the ruler's end, with as many digits as its neighbours differ in.
function tickLabel(ns, step, end) {
  const [unit, name] = UNITS.find(([size]) => end >= size || size === 1);
  const digits = Math.max(0, Math.ceil(Math.log10(unit / step) - 1e-9));
  return `${(ns / unit).toFixed(digits)} ${name}`;
}

function escaped(text) {
  const signs = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return String(text).replace(/[&<>"']/g, (sign) => signs[sign]);
}
