// Mouse, touch and keys.

const KEYS = {
  w: () => zoom(0.6), "+": () => zoom(0.6), "=": () => zoom(0.6),
  s: () => zoom(1 / 0.6), "-": () => zoom(1 / 0.6),
  a: () => pan(-0.2), ArrowLeft: () => pan(-0.2), d: () => pan(0.2), ArrowRight: () => pan(0.2),
  ArrowUp: () => stepRow(-1), ArrowDown: () => stepRow(1),
  ",": () => stepStretch(-1), ".": () => stepStretch(1),
  PageUp: () => scrollBy(-app.size.high * 0.8), PageDown: () => scrollBy(app.size.high * 0.8),
  Enter: () => jumpToWaker(), Backspace: () => goBack(), " ": () => app.pick && fold(app.pick.node),
  f: () => fitPick(), 0: () => setView(0, app.end), Home: () => setView(0, app.end),
  "/": () => document.getElementById("search").focus(),
  i: () => setIdle(!app.idle), t: () => setTheme(!app.dark),
  "?": () => document.getElementById("help").showModal(), Escape: () => letGo(),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.getElementById("help").open) return;
  const typing = event.target instanceof HTMLInputElement;
  if (typing) {
    if (event.key === "Escape") app.canvas.focus();
    return;
  }
  const button = event.target instanceof HTMLButtonElement && (event.key === "Enter" || event.key === " ");
  const scrolls = event.target.id === "table" && event.key.startsWith("Arrow");
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const what = KEYS[key];
  if (!what || button || scrolls) return;
  event.preventDefault();
  what();
}

// Zooms around what is pointed at, or what is selected, or the middle.
function zoom(factor, around = zoomCentre()) {
  const { view, end } = app;
  const span = clamp((view.to - view.from) * factor, 100, end);
  const share = (around - view.from) / (view.to - view.from);
  setView(around - span * share, around + span * (1 - share));
}

function zoomCentre() {
  const { view, pointer } = app;
  if (pointer && pointer.x > GUTTER) return timeAt(pointer.x);
  return (view.from + view.to) / 2;
}

function pan(share) {
  const { view } = app;
  const by = (view.to - view.from) * share;
  setView(view.from + by, view.to + by);
}

function setView(from, to) {
  const span = Math.min(to - from, app.end);
  const begin = clamp(from, 0, app.end - span);
  app.view = { from: begin, to: begin + span };
  app.tip.hidden = true;
  redraw();
}

function fitPick() {
  const { pick, data, measure } = app;
  if (measure) return setView(measure.from, measure.to);
  if (!pick?.track) return;
  const [from, to] = [data.starts[pick.i], data.starts[pick.i + 1]];
  setView(from - (to - from) * 0.2, to + (to - from) * 0.2);
}

function scrollBy(by) {
  app.scroller.scrollTop = app.scroll + by;
  app.scroll = app.scroller.scrollTop;
  redraw();
}

function scrollTo(row) {
  const high = app.canvas.clientHeight - RULER;
  const top = row * app.tall;
  if (top < app.scroll || top + app.tall > app.scroll + high) scrollBy(top - high / 2 - app.scroll);
}

function stepRow(by) {
  const at = app.pick ? app.pick.node.row : -1;
  const row = clamp(at + by, 0, app.rows.length - 1);
  scrollTo(row);
  pickNode(app.rows[row]);
}

function stepStretch(by) {
  const { pick } = app;
  if (!pick?.track) return;
  const { node, track } = pick;
  if (node.kind === "cpu") {
    const run = runAt(app.data, node.cpu, app.data.starts[pick.i]) + by;
    if (run >= 0 && run < node.cpu.at.length) pickStretch(node, app.data.tracks[node.cpu.track[run]], node.cpu.at[run]);
  } else {
    pickStretch(node, track, clamp(pick.i + by, track.first, track.end - 1));
  }
  const at = app.data.starts[app.pick.i];
  const { view } = app;
  if (at < view.from || at > view.to) setView(at - (view.to - view.from) / 2, at + (view.to - view.from) / 2);
}

function toCpu() {
  const { pick, data } = app;
  const node = app.tree.heads[0].children.find((one) => one.cpu.number === data.cpu[pick.i]);
  reveal(node);
  relist();
  scrollTo(node.row);
  pickStretch(node, pick.track, pick.i);
}

function fold(node) {
  if (!node.children.length) return;
  node.folded = !node.folded;
  relist();
}

function onClick(x, y) {
  const node = app.rows[Math.floor((y - RULER + app.scroll) / app.tall)];
  if (y < RULER || !node) return letGo();
  app.measure = null;
  if (x < GUTTER) {
    if (x < indent(node) + 12 || node.kind === "head") fold(node);
    else pickNode(node);
    return;
  }
  const sign = node.kind === "task" && signAt(x, y);
  if (sign?.signal) return pickSignal(node, sign);
  const mark = markAt(x, y);
  if (mark) {
    app.pick = { node: mark.track.node, track: mark.track, i: mark.i };
    if (!jumpToWaker()) pickStretch(mark.track.node, mark.track, mark.i);
    return;
  }
  const at = timeAt(x);
  if (node.kind === "cpu") {
    const run = runAt(app.data, node.cpu, at);
    if (run >= 0) return pickStretch(node, app.data.tracks[node.cpu.track[run]], node.cpu.at[run]);
  } else if (node.kind === "task" && node.track.count && at >= node.track.from && at < node.track.to) {
    return pickStretch(node, node.track, stretchAt(app.data, node.track, at));
  }
  pickNode(node);
}
