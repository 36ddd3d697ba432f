// One picture: ruler, names, bars, marks, and what is selected.

const RULER = 24;
const GUTTER = 250;
const MARK_APART = 12;

// What is drawn next frame, once.
function redraw() {
  if (app.frame) return;
  app.frame = requestAnimationFrame(() => {
    app.frame = 0;
    draw();
  });
}

function resize() {
  const { canvas } = app;
  const ratio = window.devicePixelRatio || 1;
  const [wide, high] = [canvas.clientWidth, canvas.clientHeight];
  app.size = { wide, high, ratio, body: Math.max(1, wide - GUTTER) };
  if (canvas.width !== Math.round(wide * ratio) || canvas.height !== Math.round(high * ratio)) {
    canvas.width = Math.max(1, Math.round(wide * ratio));
    canvas.height = Math.max(1, Math.round(high * ratio));
    app.pixels = null;
  }
}

function draw() {
  const begin = performance.now();
  resize();
  const { canvas, size, view, rows } = app;
  const ctx = canvas.getContext("2d");
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  const wide = Math.max(1, Math.round(size.body * size.ratio));
  const high = Math.max(1, Math.round((size.high - RULER) * size.ratio));
  const { ground, edge } = app.look;
  if (app.pixels?.width !== wide || app.pixels?.height !== high) app.pixels = new Pixels(wide, high, ground);
  else app.pixels.clear(ground);
  app.pixels.edge = edge;
  app.labels = [];
  app.marks = [];
  app.signs = [];
  const first = Math.max(0, Math.floor(app.scroll / app.tall));
  const last = Math.min(rows.length - 1, Math.floor((app.scroll + size.high - RULER) / app.tall));
  for (let row = first; row <= last; row++) bars(rows[row], row);
  ctx.fillStyle = app.look.back;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.putImageData(app.pixels.image, canvas.width - wide, canvas.height - high);
  ctx.setTransform(size.ratio, 0, 0, size.ratio, 0, 0);
  ctx.font = "12px system-ui, 'DejaVu Sans', sans-serif";
  ctx.textBaseline = "middle";
  words(ctx);
  ruler(ctx);
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, RULER, size.wide, size.high - RULER);
  ctx.clip();
  for (let row = first; row <= last; row++) nameRow(ctx, rows[row], row);
  marks(ctx);
  drawSigns(ctx);
  chosen(ctx);
  ctx.restore();
  overview();
  app.drawMs = performance.now() - begin;
  app.draws += 1;
}

function rowTop(row) {
  return RULER + row * app.tall - app.scroll;
}

function xOf(at) {
  return GUTTER + ((at - app.view.from) / (app.view.to - app.view.from)) * app.size.body;
}

function timeAt(x) {
  return app.view.from + ((x - GUTTER) / app.size.body) * (app.view.to - app.view.from);
}

function bars(node, row) {
  const { data, pixels, size, look, view } = app;
  const ratio = size.ratio;
  const y0 = Math.round((rowTop(row) - RULER + 2) * ratio);
  const y1 = Math.round((rowTop(row) - RULER + app.tall - 2) * ratio);
  const label = (texts, look, x0, x1) => {
    if ((x1 - x0) / ratio >= 12) app.labels.push([GUTTER + x0 / ratio, x1 / ratio + GUTTER, row, texts, look]);
  };
  if (node.kind === "task" && node.track.count) {
    paintTrack(pixels, data, node.track, view, y0, y1, look.states, (x0, x1, i) => {
      const kind = CLASS_OF[data.codes[i]];
      if (kind >= CLASSES.length) return;
      const { letter } = CLASSES[kind];
      const long = kind === RUNNING ? `CPU ${data.cpu[i]}` : CODES[data.codes[i]][1];
      const texts = kind === SLEEPING && x1 - x0 < 240 * ratio ? [letter] : [long, letter];
      label(texts, look.states[kind], x0, x1);
    });
    wakings(node.track, row);
    instantsOf(node, row);
  } else if (node.kind === "cpu") {
    paintCpu(pixels, data, node.cpu, view, y0, y1, look.hues, (x0, x1, run) => {
      const track = data.tracks[node.cpu.track[run]];
      label([track.name, track.node?.task.comm, track.name.slice(0, 1)].filter(Boolean), { ink: look.inks[track.hue % look.inks.length] }, x0, x1);
    });
    const lane = app.interrupts.cpus.get(node.cpu.number);
    if (lane) paintLane(pixels, lane, view, y0, look.lanes);
    lostSpans(node.cpu, y0, y1);
  }
}

// Where records of a CPU are missing.
function lostSpans(cpu, y0, y1) {
  const { pixels, look, view } = app;
  const scale = pixels.width / (view.to - view.from);
  for (const gap of app.gaps.get(cpu.number) ?? []) {
    const x0 = Math.max(0, Math.floor((gap.from - view.from) * scale));
    const x1 = Math.min(pixels.width, Math.ceil((gap.to - view.from) * scale));
    if (x1 > x0) pixels.bar(x0, Math.max(x1, x0 + 1), y0, y1, look.lost);
  }
}

// Marks of wakings, where there is room for them.
function wakings(track, row) {
  const { data, view, size } = app;
  const first = stretchAt(data, track, Math.max(view.from, track.from));
  const last = stretchAt(data, track, Math.min(view.to, track.to), first);
  if (last - first > size.body) return;
  let free = -Infinity;
  for (let i = first; i <= last; i++) {
    if (!WOKEN.has(data.codes[i]) || data.waker[i] === 0 || i >= track.end) continue;
    const x = xOf(data.starts[i]);
    if (x < Math.max(free, GUTTER) || x > size.wide) continue;
    free = x + MARK_APART;
    app.marks.push({ x, row, track, i });
  }
}

function words(ctx) {
  const signs = new Map();
  for (const { x, row } of app.signs) push(signs, row, x);
  for (const [x0, x1, row, texts, look] of app.labels) {
    const begin = Math.max(x0, GUTTER);
    for (const text of texts) {
      const { width } = ctx.measureText(text);
      let from = begin;
      // Beside the signs that are where it would be.
      for (const x of signs.get(row) ?? []) if (x + 7 > from && x - 9 < from + width) from = x + 6;
      if (width > x1 - from - 6) continue;
      if (look.patterned) {
        ctx.fillStyle = look.css;
        ctx.fillRect(from + 2, rowTop(row) + 4, width + 4, app.tall - 8);
      }
      ctx.fillStyle = look.ink;
      ctx.fillText(text, from + 4, rowTop(row) + app.tall / 2 + 0.5);
      break;
    }
  }
}

function ruler(ctx) {
  const { view, size, look } = app;
  const step = tickStep(((view.to - view.from) / size.body) * 110);
  ctx.fillStyle = look.panel;
  ctx.fillRect(0, 0, size.wide, RULER);
  ctx.fillStyle = look.faint;
  ctx.fillText(`${length(view.to - view.from)} shown`, 10, RULER / 2);
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) {
    const x = Math.round(xOf(at)) + 0.5;
    ctx.fillRect(x - 0.5, RULER - 6, 1, 6);
    const label = tickLabel(at, step, view.to);
    if (x + 4 + ctx.measureText(label).width < size.wide) ctx.fillText(label, x + 4, RULER / 2);
  }
  ctx.fillStyle = look.line;
  ctx.fillRect(0, RULER - 1, size.wide, 1);
}

function nameRow(ctx, node, row) {
  const { size, look, pick } = app;
  const y = rowTop(row);
  const picked = pick && pick.node === node;
  ctx.fillStyle = picked ? look.pickColour : node.kind === "head" ? look.panel : look.back;
  ctx.fillRect(0, y, GUTTER, app.tall);
  if (node.kind === "head") ctx.fillRect(GUTTER, y, size.wide - GUTTER, app.tall);
  ctx.fillStyle = look.line;
  ctx.fillRect(0, y + app.tall - 1, GUTTER, 1);
  ctx.fillRect(GUTTER - 1, y, 1, app.tall);
  const x = indent(node);
  ctx.fillStyle = look.ink;
  if (node.children.length) ctx.fillText(node.folded ? "▸" : "▾", x - 1, y + app.tall / 2);
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, y, GUTTER - 4, app.tall);
  ctx.clip();
  const thread = node.kind === "task" && node.task.kind === "thread";
  ctx.font = `${thread || node.kind === "cpu" ? "" : "600 "}12px system-ui, 'DejaVu Sans', sans-serif`;
  ctx.fillText(rowName(node), x + 13, y + app.tall / 2 + 0.5);
  ctx.restore();
  ctx.font = "12px system-ui, 'DejaVu Sans', sans-serif";
}

// Where a name begins: deep down in the tree the steps are smaller.
function indent(node) {
  return 8 + Math.min(node.depth, 4) * 12 + clamp(node.depth - 4, 0, 12) * 4;
}

function rowName(node) {
  if (node.kind === "head") return `${node.label} (${node.kind === "head" && node.label === "CPUs" ? node.children.length : app.tree.nodes.length})`;
  if (node.kind === "cpu") return `CPU ${node.cpu.number}  ${percent(node.cpu.busy[node.cpu.at.length], app.end)}`;
  const hidden = node.folded ? `  +${countBelow(node)}` : "";
  return node.track.name + hidden;
}

function countBelow(node) {
  return node.children.reduce((sum, child) => sum + 1 + countBelow(child), 0);
}

function marks(ctx) {
  const { look } = app;
  for (const { x, row } of app.marks) {
    const y = rowTop(row) + app.tall - 2;
    ctx.beginPath();
    ctx.moveTo(x, y - 7);
    ctx.lineTo(x + 4, y);
    ctx.lineTo(x - 4, y);
    ctx.closePath();
    ctx.fillStyle = look.ink;
    ctx.fill();
    ctx.strokeStyle = look.back;
    ctx.lineWidth = 1;
    ctx.stroke();
  }
}
