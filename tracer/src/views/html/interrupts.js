// Interrupts: a thin lane on top of each CPU's row.

const LANE = 5;

// By class, as interrupts.rs numbers them: the words of the report, and colours in light and dark that
// differ in how bright they are.
const INTERRUPTS = [
  { key: "irq", row: "irqs", id: "irq", light: "#000000", dark: "#ffffff" },
  { key: "softirq", row: "softirqs", id: "vec", light: "#56b4e9", dark: "#56b4e9" },
  { key: "vector", row: "vectors", id: "vector", light: "#7a5200", dark: "#c79a3a" },
];

function decodeInterrupts(bytes) {
  const from = new Varints(bytes);
  const kinds = [];
  const utf8 = new TextDecoder();
  for (let left = from.next(); left > 0; left--) {
    const kind = { class: from.next(), id: from.next() };
    const size = from.next();
    kind.name = utf8.decode(bytes.subarray(from.at, (from.at += size)));
    kind.label = `${INTERRUPTS[kind.class].key} ${kind.class === 0 ? `${kind.id} ` : ""}${kind.name}`;
    kinds.push(kind);
  }
  const cpus = new Map();
  for (let left = from.next(); left > 0; left--) {
    const number = from.next();
    cpus.set(number, decodeLane(from, kinds));
  }
  return { kinds, cpus };
}

// In the order of begins. `until` is the latest end so far, so that one that others are nested in is
// found; `busy` the time of all before, without what is nested.
function decodeLane(from, kinds) {
  const count = from.next();
  const lane = {
    count, kind: new Uint16Array(count), begins: new Float64Array(count), ends: new Float64Array(count),
    own: new Float64Array(count), until: new Float64Array(count), busy: new Float64Array(count + 1),
    hard: new Float64Array(count + 1),
  };
  let at = 0;
  let latest = 0;
  for (let i = 0; i < count; i++) {
    lane.kind[i] = from.next();
    at += from.next();
    const ns = from.next();
    const own = Math.max(0, ns - from.next());
    lane.begins[i] = at;
    lane.ends[i] = at + ns;
    lane.own[i] = own;
    latest = lane.until[i] = Math.max(latest, at + ns);
    lane.busy[i + 1] = lane.busy[i] + own;
    lane.hard[i + 1] = lane.hard[i] + (kinds[lane.kind[i]].class === 1 ? 0 : own);
  }
  return lane;
}

// How many begin at or before a time.
function begunAt(lane, at, low = 0) {
  let high = lane.count;
  for (let step = 1; low + step < high; step *= 2) {
    if (lane.begins[low + step] > at) {
      high = low + step;
      break;
    }
  }
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lane.begins[middle] <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The lane of a CPU in the top rows of its bars: what fills a column of pixels as it is, and nested
// ones over those that they interrupted; of a column with several which kind had most, and by height
// how much of the time that was.
function paintLane(pixels, lane, view, y0, colours) {
  const scale = (view.to - view.from) / pixels.width;
  const tall = Math.max(2, Math.round(LANE * app.size.ratio));
  const { kinds } = app.interrupts;
  // With an edge below, against the colour of whoever runs there.
  const bar = (x0, x1, high, of) => {
    pixels.fill(x0, x1, y0, y0 + high, colours[of]);
    pixels.fill(x0, x1, y0 + high, y0 + high + 1, pixels.edge);
  };
  const columnOf = (at) => Math.floor((at - view.from) / scale);
  let i = begunAt(lane, view.from);
  while (i > 0 && lane.until[i - 1] > view.from) i--;
  while (i < lane.count && lane.begins[i] < view.to) {
    const x0 = columnOf(lane.begins[i]);
    const x1 = columnOf(lane.ends[i]);
    if (x1 > x0) {
      const [left, right] = [Math.max(0, x0), Math.min(pixels.width, x1)];
      if (right > left) bar(left, right, tall, kinds[lane.kind[i]].class);
      i++;
      continue;
    }
    const edge = view.from + (x0 + 1) * scale;
    const next = Math.max(i + 1, begunAt(lane, edge - scale * 1e-9, i));
    const busy = lane.busy[next] - lane.busy[i];
    const hard = lane.hard[next] - lane.hard[i];
    const most = hard * 2 >= busy ? kinds[lane.kind[i]].class === 1 ? 2 : kinds[lane.kind[i]].class : 1;
    const high = clamp(Math.round((busy / scale) * tall), Math.ceil(tall / 2), tall);
    if (x0 >= 0 && x0 < pixels.width) bar(x0, x0 + 1, high, most);
    // One that began here with others and goes on.
    for (let j = lane.until[next - 1] >= edge ? i : next; j < next; j++) {
      const end = Math.min(pixels.width, columnOf(lane.ends[j]));
      if (end > Math.max(0, x0)) bar(Math.max(0, x0), end, tall, kinds[lane.kind[j]].class);
    }
    i = next;
  }
}

// What is in the lane of a CPU between two times, in lines; empty if nothing is.
function interruptsAt(cpu, from, to) {
  const lane = app.interrupts.cpus.get(cpu.number);
  if (!lane) return "";
  const last = begunAt(lane, to);
  let first = last;
  while (first > 0 && lane.until[first - 1] > from) first--;
  const found = [];
  for (let i = first; i < last; i++) if (lane.ends[i] > from) found.push(i);
  if (!found.length) return "";
  const { kinds } = app.interrupts;
  const head = `CPU ${cpu.number}`;
  if (found.length > 3) {
    const sums = new Map();
    for (const i of found) {
      const sum = sums.get(lane.kind[i]) ?? { count: 0, ns: 0 };
      sums.set(lane.kind[i], { count: sum.count + 1, ns: sum.ns + lane.own[i] });
    }
    const rows = [...sums].sort(([, a], [, b]) => b.ns - a.ns);
    return [`${head}, in ${length(to - from)} here`, ...rows.map(([kind, { count, ns }]) => `${kinds[kind].label}: ${count}, ${length(ns)}`)].join("\n");
  }
  return found.reverse().map((i) => {
    const whole = lane.ends[i] - lane.begins[i];
    const nested = whole > lane.own[i] ? `, ${length(whole - lane.own[i])} of it in others` : "";
    return `${head}: ${kinds[lane.kind[i]].label}\nfor: ${length(whole)}${nested}\nfrom: ${moment(lane.begins[i])}`;
  }).join("\n");
}

// Count and time of each interrupt on each CPU, without what is nested, as the report's rows have
// them.
function interruptSums() {
  const { kinds, cpus } = app.interrupts;
  const rows = [];
  for (const [cpu, lane] of cpus) {
    const sums = kinds.map(() => ({ count: 0, ns: 0 }));
    for (let i = 0; i < lane.count; i++) {
      sums[lane.kind[i]].count++;
      sums[lane.kind[i]].ns += lane.own[i];
    }
    kinds.forEach((kind, n) => {
      const { row } = INTERRUPTS[kind.class];
      if (sums[n].count) rows.push({ row, id: kind.id, name: kind.name, cpu, count: sums[n].count, total_ns: sums[n].ns });
    });
  }
  return rows;
}

// CPUs on which no followed task ran have a row too if interrupts did.
function addCpus(data, interrupts) {
  const known = new Set(data.cpus.map((cpu) => cpu.number));
  for (const number of interrupts.cpus.keys()) {
    if (!known.has(number)) data.cpus.push({ number, at: new Uint32Array(0), track: new Uint32Array(0) });
  }
  data.cpus.sort((a, b) => a.number - b.number);
}
