// What is selected: a stretch of a task, seen in its own row or in that of its CPU; and the way from
// a waking to who woke.

function pickStretch(node, track, i) {
  app.pick = { node, track, i };
  showDetails();
  redraw();
}

function pickNode(node) {
  if (node.kind === "task" && node.track.count) {
    const middle = (Math.max(app.view.from, node.track.from) + Math.min(app.view.to, node.track.to)) / 2;
    return pickStretch(node, node.track, stretchAt(app.data, node.track, clamp(middle, node.track.from, node.track.to)));
  }
  app.pick = { node };
  showDetails();
  redraw();
}

function letGo() {
  app.pick = null;
  app.measure = null;
  showDetails();
  redraw();
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

// Who woke the task into this stretch, and when.
function wakingOf(i) {
  const { data } = app;
  if (!WOKEN.has(data.codes[i])) return null;
  const waker = data.waker[i];
  const at = data.starts[i] - data.early[i];
  if (waker < 3) return { by: ["not told", "a hard interrupt", "a softirq"][waker], track: null, at };
  if (waker % 2 === 0) return { by: `task ${(waker - 4) / 2}, not followed`, track: null, at };
  const track = data.tracks[(waker - 3) / 2];
  if (!track.node) return { by: "a task that is not in the report", track: null, at };
  return { by: track.name, track, at };
}

// The waking that ended the wait of this stretch, or that it is itself: a task that runs was woken
// in the stretch before.
function wakingNear(track, i) {
  if (WOKEN.has(app.data.codes[i])) return i;
  return app.data.codes[i] === 0 && i > track.first && WOKEN.has(app.data.codes[i - 1]) ? i - 1 : -1;
}

// Goes to the waker at the moment of the waking. False if there is none to go to.
function jumpToWaker() {
  const { pick, data } = app;
  if (!pick?.track) return false;
  const near = wakingNear(pick.track, pick.i);
  const waking = near < 0 ? null : wakingOf(near);
  if (!waking?.track) return false;
  const { track, at } = waking;
  if (!track.count) return false;
  let i = stretchAt(data, track, clamp(at, track.from, track.to - 1));
  // Its stint can begin or end in the very moment of the waking.
  for (const other of [i - 1, i + 1]) {
    const touches = data.starts[other] <= at && data.starts[other + 1] >= at;
    const inside = other >= track.first && other < track.end;
    if (data.codes[i] !== 0 && inside && touches && data.codes[other] === 0) i = other;
  }
  visit(track, i, at);
  return true;
}

// Selects a stretch of a task and shows it, with the way back remembered.
function visit(track, i, at = app.data.starts[i]) {
  if (app.pick) app.past.push({ pick: app.pick, view: { ...app.view }, scroll: app.scroll });
  reveal(track.node);
  if (!track.node.own && !app.idle) setIdle(true);
  relist();
  const { view } = app;
  if (at < view.from || at > view.to) {
    const half = (view.to - view.from) / 2;
    setView(at - half, at + half);
  }
  scrollTo(track.node.row);
  pickStretch(track.node, track, i);
}

function goBack() {
  const last = app.past.pop();
  if (!last) return;
  app.pick = last.pick;
  setView(last.view.from, last.view.to);
  scrollBy(last.scroll - app.scroll);
  showDetails();
}

// Draws what is selected: its frame, and the arrow of its waking.
function chosen(ctx) {
  const { pick, data, look, measure, size } = app;
  if (measure) {
    const [x0, x1] = [xOf(measure.from), xOf(measure.to)].map((x) => Math.max(GUTTER, x));
    ctx.fillStyle = look.shade;
    ctx.fillRect(GUTTER, RULER, x0 - GUTTER, size.high);
    ctx.fillRect(x1, RULER, size.wide - x1, size.high);
    ctx.fillStyle = look.accent;
    for (const x of [x0, x1]) ctx.fillRect(x - 0.5, RULER, 1, size.high);
  }
  if (!pick?.track) return;
  const [from, to] = [data.starts[pick.i], data.starts[pick.i + 1]];
  const x0 = Math.max(GUTTER, xOf(from));
  const x1 = Math.min(size.wide, Math.max(xOf(to), x0 + 2));
  ctx.strokeStyle = look.accent;
  ctx.lineWidth = 2;
  if (x1 > x0 && pick.node.row >= 0) ctx.strokeRect(x0, rowTop(pick.node.row) + 1.5, x1 - x0, app.tall - 3);
  const near = wakingNear(pick.track, pick.i);
  const waking = near < 0 ? null : wakingOf(near);
  if (waking?.track?.node.row >= 0 && pick.track.node.row >= 0) {
    arrow(ctx, waking.track.node.row, waking.at, pick.track.node.row, data.starts[near]);
  }
  links(ctx);
}

// From a row at a time to another at another.
function arrow(ctx, from, at, row, then) {
  const { look } = app;
  const [x0, x1] = [xOf(at), xOf(then)];
  if (x0 < GUTTER || x1 < GUTTER) return;
  const y0 = rowTop(from) + app.tall / 2;
  const down = from < row;
  const y1 = rowTop(row) + (down ? 2 : app.tall - 2);
  ctx.strokeStyle = look.accent;
  ctx.fillStyle = look.accent;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.bezierCurveTo(x0 - 24, y0, x1 - 24, y1 + (down ? -12 : 12), x1, y1);
  ctx.stroke();
  ctx.beginPath();
  ctx.arc(x0, y0, 3, 0, 7);
  ctx.moveTo(x1, y1);
  ctx.lineTo(x1 - 7, y1 + (down ? -5 : 5));
  ctx.lineTo(x1 - 1, y1 + (down ? -8 : 8));
  ctx.fill();
}
