// The whole trace in one strip: how busy the CPUs are, and which part of it is shown below.

const BINS = 1000;

// The share of busy CPUs in each bin, computed once.
function buildOverview(data, end) {
  const bins = new Float64Array(BINS);
  for (const cpu of data.cpus) {
    let before = 0;
    let run = -1;
    for (let bin = 0; bin < BINS; bin++) {
      const at = (end * (bin + 1)) / BINS;
      run = runAt(data, cpu, at, run);
      const busy = busyUntil(data, cpu, run, at);
      bins[bin] += busy - before;
      before = busy;
    }
  }
  const whole = (end / BINS) * Math.max(1, data.cpus.length);
  return bins.map((busy) => Math.min(1, busy / whole));
}

function overview() {
  const { strip, look, view, end } = app;
  const ratio = window.devicePixelRatio || 1;
  const [wide, high] = [strip.clientWidth, strip.clientHeight];
  if (strip.width !== Math.round(wide * ratio)) strip.width = Math.round(wide * ratio);
  if (strip.height !== Math.round(high * ratio)) strip.height = Math.round(high * ratio);
  const ctx = strip.getContext("2d");
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.fillStyle = look.panel;
  ctx.fillRect(0, 0, wide, high);
  const body = wide - GUTTER - 12;
  ctx.fillStyle = look.faint;
  ctx.font = "12px system-ui, 'DejaVu Sans', sans-serif";
  ctx.textBaseline = "middle";
  ctx.fillText(`all: ${length(end)}, CPUs busy`, 10, high / 2);
  ctx.fillStyle = look.accent;
  ctx.beginPath();
  ctx.moveTo(GUTTER, high);
  app.bins.forEach((share, n) => {
    const y = high - 1 - share * (high - 4);
    ctx.lineTo(GUTTER + (n / BINS) * body, y);
    ctx.lineTo(GUTTER + ((n + 1) / BINS) * body, y);
  });
  ctx.lineTo(GUTTER + body, high);
  ctx.fill();
  const [x0, x1] = [view.from, view.to].map((at) => GUTTER + (at / end) * body);
  ctx.fillStyle = look.shade;
  ctx.fillRect(GUTTER, 0, x0 - GUTTER, high);
  ctx.fillRect(x1, 0, GUTTER + body - x1, high);
  ctx.strokeStyle = look.ink;
  ctx.lineWidth = 1.5;
  ctx.strokeRect(x0 + 0.75, 0.75, Math.max(3, x1 - x0 - 1.5), high - 1.5);
}

function overviewTime(x) {
  return ((x - GUTTER) / (app.strip.clientWidth - GUTTER - 12)) * app.end;
}
