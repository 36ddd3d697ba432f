// The states, as the report names them, and how they look: a colour of Okabe and Ito, a letter and a
// pattern each, so that no two differ by colour alone.

// What a pixel of the pattern at (x, y) is: true for the mark, false for the ground.
const PATTERNS = {
  plain: () => false,
  slash: (x, y) => ((x + y) & 7) < 2,
  dots: (x, y) => (x & 3) < 2 && (y & 3) < 2,
  bars: (x) => (x & 7) < 3,
  lines: (x, y) => (y & 3) === 0,
  cross: (x, y) => ((x + y) & 7) < 2 || ((x - y) & 7) < 2,
  back: (x, y) => ((x - y) & 7) < 3,
};

// By class, in the order of the report's states_ns.
const CLASSES = [
  { key: "running", letter: "R", pattern: "plain", light: ["#009e73", "#009e73", "#fff"], dark: ["#009e73", "#009e73", "#fff"] },
  { key: "runnable", letter: "W", pattern: "slash", light: ["#e69f00", "#8a5c00", "#000"], dark: ["#e69f00", "#7a5200", "#000"] },
  { key: "sleeping", letter: "S", pattern: "plain", light: ["#e6eef5", "#e6eef5", "#55616d"], dark: ["#232b33", "#232b33", "#8794a1"] },
  { key: "uninterruptible", letter: "D", pattern: "cross", light: ["#d55e00", "#8f3f00", "#fff"], dark: ["#d55e00", "#7f3800", "#fff"] },
  { key: "stopped", letter: "T", pattern: "bars", light: ["#cc79a7", "#8f4a70", "#000"], dark: ["#cc79a7", "#8f4a70", "#000"] },
  { key: "traced", letter: "t", pattern: "lines", light: ["#56b4e9", "#1f6d9c", "#000"], dark: ["#56b4e9", "#1f6d9c", "#000"] },
  { key: "zombie", letter: "Z", pattern: "dots", light: ["#55595f", "#24272b", "#fff"], dark: ["#8a9099", "#5a6068", "#000"] },
  { key: "unknown", letter: "?", pattern: "back", light: ["#f0e442", "#a89e10", "#000"], dark: ["#f0e442", "#a89e10", "#000"] },
];

const RUNNING = 0;
const SLEEPING = 2;

// By code of a stretch: its class and its words. The codes are those of tracks.rs.
const CODES = [
  [0, "running"], [1, "runnable: created"], [1, "runnable: new"], [1, "runnable: woken"],
  [1, "runnable: preempted"], [2, "sleeping: interruptible"], [3, "uninterruptible"],
  [2, "sleeping: idle"], [2, "sleeping: parked"], [4, "stopped"], [5, "traced"], [6, "zombie"],
  [7, "unknown"], [8, "not there"],
];
const CLASS_OF = Uint8Array.from(CODES, (code) => code[0]);
const PARTS = { created: 1, new: 2, woken: 3, preempted: 4 };
const WOKEN = new Set([2, 3]);

// Processes on CPUs: none of the colours of running and runnable tasks, nor of softirqs.
const PROCESS_COLOURS = ["#0072b2", "#cc79a7", "#c9b8e0", "#b07c50", "#8c6bb1", "#6b8e23", "#a8a29e", "#3f5f8a"];

const PROCESS_INKS = ["#fff", "#000", "#000", "#000", "#fff", "#fff", "#000", "#fff"];

// A colour as a pixel of ImageData (little endian ABGR).
function pixel(hex) {
  const full = hex.length === 4 ? hex.replace(/[0-9a-f]/gi, "$&$&") : hex;
  const rgb = parseInt(full.slice(1), 16);
  return (0xff000000 | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
}

// Colours of the theme, as pixels.
function paints(dark) {
  return CLASSES.map((one) => {
    const [ground, mark, ink] = dark ? one.dark : one.light;
    return { ground: pixel(ground), mark: pixel(mark), ink, css: ground, patterned: one.pattern !== "plain", test: PATTERNS[one.pattern] };
  });
}
