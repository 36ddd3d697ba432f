// The bars of the timeline, written pixel by pixel. A stretch that fills at least a column of pixels
// is drawn as it is; a column with several is filled by the share of each, from the levels.

// The area that bars are drawn in, in device pixels.
class Pixels {
  constructor(width, height, ground) {
    this.width = width;
    this.height = height;
    this.image = new ImageData(width, height);
    this.data = new Uint32Array(this.image.data.buffer);
    this.clear(ground);
  }

  clear(ground) {
    this.data.fill(ground);
  }

  fill(x0, x1, y0, y1, colour) {
    for (let y = Math.max(0, y0); y < Math.min(y1, this.height); y++) {
      this.data.fill(colour, y * this.width + x0, y * this.width + x1);
    }
  }

  // One column of a pattern whose rows begin at `top`.
  dot(x, y0, y1, top, paint) {
    for (let y = Math.max(0, y0); y < Math.min(y1, this.height); y++) {
      this.data[y * this.width + x] = paint.test(x, y - top) ? paint.mark : paint.ground;
    }
  }

  bar(x0, x1, y0, y1, paint) {
    if (x1 - x0 < 4) return this.fill(x0, x1, y0, y1, paint.ground);
    for (let y = Math.max(0, y0); y < Math.min(y1, this.height); y++) {
      const line = y * this.width;
      for (let x = x0; x < x1; x++) {
        this.data[line + x] = paint.test(x, y - y0) ? paint.mark : paint.ground;
      }
    }
    this.fill(x0, x0 + 1, y0, y1, paint.mark);
  }
}

const before = new Float64Array(KINDS);
const after = new Float64Array(KINDS);

// From the bottom up: what is wrong is not hidden behind what is usual.
const STACK = [0, 1, 3, 4, 5, 6, 7];

// A task's bars between y0 and y1. `each(x0, x1, stretch)` is told of those drawn as they are.
function paintTrack(pixels, data, track, view, y0, y1, colours, each) {
  const { starts, codes } = data;
  const scale = (view.to - view.from) / pixels.width;
  if (track.to <= view.from || track.from >= view.to) return;
  let x = Math.max(0, Math.floor((track.from - view.from) / scale));
  let i = stretchAt(data, track, Math.max(track.from, view.from + x * scale));
  let known = false;
  while (x < pixels.width) {
    const left = view.from + x * scale;
    if (left >= track.to) break;
    if (starts[i + 1] <= left) i = stretchAt(data, track, left, i);
    const right = Math.floor((Math.min(starts[i + 1], view.to) - view.from) / scale + 1e-9);
    if (right > x && starts[i] <= left) {
      const kind = CLASS_OF[codes[i]];
      if (kind < CLASSES.length) pixels.bar(x, right, y0, y1, colours[kind]);
      each(x, right, i);
      x = right;
      known = false;
      continue;
    }
    if (!known) until(data, track, i, Math.max(left, track.from), before);
    i = stretchAt(data, track, left + scale, i);
    until(data, track, i, Math.min(left + scale, track.to), after);
    stackColumn(pixels, x, y0, y1, scale, colours);
    before.set(after);
    known = true;
    x++;
  }
}

function stackColumn(pixels, x, y0, y1, scale, colours) {
  let low = y1;
  pixels.fill(x, x + 1, y0, y1, colours[SLEEPING].ground);
  for (const kind of STACK) {
    const share = (after[kind] - before[kind]) / scale;
    if (share <= 0) continue;
    const high = Math.max(y0, low - Math.max(1, Math.round(share * (y1 - y0))));
    pixels.dot(x, high, low, y0, colours[kind]);
    low = high;
  }
}

// A CPU's bars: who ran, by the colour of the process.
function paintCpu(pixels, data, cpu, view, y0, y1, hues, each) {
  const { starts } = data;
  const scale = (view.to - view.from) / pixels.width;
  let run = runAt(data, cpu, view.from);
  let x = 0;
  while (x < pixels.width) {
    const left = view.from + x * scale;
    run = runAt(data, cpu, left, run);
    const i = run < 0 ? -1 : cpu.at[run];
    const running = i >= 0 && starts[i + 1] > left;
    const next = run + 1 < cpu.at.length ? starts[cpu.at[run + 1]] : Infinity;
    const sure = Math.min(running ? starts[i + 1] : next, view.to);
    const right = Math.floor((sure - view.from) / scale + 1e-9);
    if (right > x) {
      if (running) {
        pixels.fill(x, right, y0, y1, hues[data.tracks[cpu.track[run]].hue % hues.length]);
        if (right - x > 3) pixels.fill(right - 1, right, y0, y1, pixels.edge);
        each(x, right, run);
      }
      x = right;
      continue;
    }
    const last = runAt(data, cpu, left + scale, run);
    const busy = busyUntil(data, cpu, last, left + scale) - busyUntil(data, cpu, run, left);
    if (busy > 0) {
      const hue = mostBetween(data, cpu, Math.max(run, 0), last);
      const tall = Math.max(1, Math.round((busy / scale) * (y1 - y0)));
      pixels.fill(x, x + 1, Math.max(y0, y1 - tall), y1, hues[hue % hues.length]);
    }
    x++;
  }
}
