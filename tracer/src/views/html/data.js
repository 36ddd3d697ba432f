// From the compressed blocks of the page to typed arrays.
//
// A stretch is a time in one state. Those of a track, which is a task, follow each other without
// holes, so only begins are kept, in ns since the begin of the trace, and one more for the end of the
// last: stretch i of a track lasts from starts[i] to starts[i + 1].

const BLOCK = 64;

// In a code: a number of stacks follows. Without it a stretch off a CPU has those of the one before.
const STACKED = 16;

async function inflate(id) {
  const node = document.getElementById(id);
  const text = node.textContent.trim();
  node.remove();
  const bytes = Uint8Array.fromBase64
    ? Uint8Array.fromBase64(text)
    : Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// LEB128, up to 2^53.
class Varints {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  next() {
    let byte = this.bytes[this.at++];
    let value = byte & 0x7f;
    let unit = 128;
    while (byte > 0x7f) {
      byte = this.bytes[this.at++];
      value += (byte & 0x7f) * unit;
      unit *= 128;
    }
    return value;
  }
}

function decode(bytes) {
  const from = new Varints(bytes);
  const version = from.next();
  if (version !== 2) throw new Error(`intervals of version ${version}`);
  const tracks = [];
  let slots = 0;
  for (let left = from.next(); left > 0; left--) {
    const track = { task: from.next() - 1, from: from.next(), count: from.next() };
    track.first = slots;
    track.end = slots + track.count;
    slots += track.count + 1;
    tracks.push(track);
  }
  const data = {
    tracks,
    starts: new Float64Array(slots),
    codes: new Uint8Array(slots),
    cpu: new Uint16Array(slots),
    // 0 not known, 1 a hard interrupt, 2 a softirq; from 3 on twice a track, from 4 on twice the
    // number of a task that has no track.
    waker: new Int32Array(slots),
    // How long before the stretch's begin the waking came, ns.
    early: new Float32Array(slots),
    // The number of the stacks with which the task left its CPU; zero if none were told. Made by the
    // first that were.
    stack: null,
    stretches: slots - tracks.length,
  };
  for (const track of tracks) decodeTrack(data, track, from);
  data.cpus = decodeCpus(data, from);
  return data;
}

function decodeTrack(data, track, from) {
  const { starts, codes, cpu, waker, early } = data;
  let at = track.from;
  let stack = 0;
  for (let i = track.first; i < track.end; i++) {
    const first = from.next();
    const code = first & ~STACKED;
    starts[i] = at;
    codes[i] = code;
    at += from.next();
    if (first & STACKED) {
      stack = from.next();
      data.stack ??= new Uint32Array(starts.length);
    } else if (code === 0 || code > 10) {
      stack = 0;
    }
    if (stack) data.stack[i] = stack;
    if (code === 0) {
      cpu[i] = from.next();
    } else if (code === 2 || code === 3) {
      waker[i] = from.next();
      if (waker[i] > 0) early[i] = from.next();
    }
  }
  starts[track.end] = at;
  codes[track.end] = 13;
  track.to = at;
}

// For each CPU the tracks that ran there, in the order in which they did.
function decodeCpus(data, from) {
  const cpus = [];
  for (let left = from.next(); left > 0; left--) {
    const number = from.next();
    const runs = from.next();
    const cpu = { number, at: new Uint32Array(runs), track: new Uint32Array(runs) };
    const next = data.tracks.map((track) => track.first);
    for (let run = 0; run < runs; run++) {
      const track = from.next();
      let i = next[track];
      while (data.codes[i] !== 0 || data.cpu[i] !== number) i++;
      next[track] = i + 1;
      cpu.at[run] = i;
      cpu.track[run] = track;
    }
    sortRuns(data, cpu);
    cpus.push(cpu);
  }
  return cpus;
}

// They come in the order of their ends; where records were lost, begins can be out of order.
function sortRuns(data, cpu) {
  const { starts } = data;
  const out = (run) => run > 0 && starts[cpu.at[run]] < starts[cpu.at[run - 1]];
  if (!cpu.at.some((_, run) => out(run))) return;
  const order = Array.from(cpu.at.keys()).sort((a, b) => starts[cpu.at[a]] - starts[cpu.at[b]]);
  cpu.at = Uint32Array.from(order, (run) => cpu.at[run]);
  cpu.track = Uint32Array.from(order, (run) => cpu.track[run]);
}
