// From one task to another: from who waits for a lock to whose it is, and from who took a signal to
// who sent it. Drawn as lines from row to row.

// Waits for futexes of which the report knows each by itself: the longest for each futex, and those
// that nothing ended. By the waiter's number.
function buildWaits(report, begin) {
  app.waits = new Map();
  const note = (tid, key, wait, to) =>
    push(app.waits, tid, { key, from: wait.from_ns - begin, to: to - begin, by: wait.blocked_by, how: wait.how });
  for (const { key, longest } of report.futexes) {
    if (longest) note(longest.tid, key, longest, longest.from_ns + longest.waited_ns);
  }
  for (const wait of report.stuck) note(wait.tid, wait.key, wait, wait.killed_ns ?? report.capture.end_ns);
}

// The life that a number had at a time, or else any that it had.
function lifeOf(tid, at) {
  const lives = app.tree.nodes.filter(({ task, track }) => (task.tid === tid || task.old_tid === tid) && track.count);
  return (lives.find(({ track }) => track.from <= at && at < track.to) ?? lives[0])?.track ?? null;
}

// The wait for a futex that this stretch is a part of, and for whom, if the report tells it.
function lockOf(track, i) {
  if (CLASS_OF[app.data.codes[i]] !== SLEEPING) return null;
  const [from, to] = [app.data.starts[i], app.data.starts[i + 1]];
  const wait = (app.waits.get(track.node.task.tid) ?? []).find((one) => one.from < to && from < one.to);
  return wait ? { ...wait, holder: wait.by ? lifeOf(wait.by, Math.max(from, wait.from)) : null } : null;
}

function lockFacts(track, i) {
  const lock = lockOf(track, i);
  return lock ? [["futex", lock.key], ["waits for", lock.holder && `${lock.holder.name} (${lock.how})`]] : [];
}

// Shows what whom the selected task waits for did then.
function jumpToHolder() {
  const { track, i } = app.pick;
  const lock = lockOf(track, i);
  if (!lock?.holder) return;
  const at = Math.max(lock.from, app.data.starts[i], lock.holder.from);
  visit(lock.holder, stretchAt(app.data, lock.holder, at), at);
}

function jumpToSender() {
  const { signal } = app.pick;
  const track = lifeOf(signal.sender, signal.sent);
  if (track) visit(track, stretchAt(app.data, track, clamp(signal.sent, track.from, track.to - 1)), signal.sent);
}

// A signal's sign was clicked on: what its task did then, and the signal.
function pickSignal(node, instant) {
  const { track } = node;
  const i = stretchAt(app.data, track, clamp(instant.at, track.from, track.to - 1));
  app.pick = { node, track, i, signal: instant.signal };
  showDetails();
  redraw();
}

function signalFacts({ row, sent }) {
  const from = row.sender_tid ? `${row.sender_comm ?? "task"} ${row.sender_tid}` : "the kernel";
  return [
    ["signal", row.name],
    ["sent by", row.sync ? `${from}, a fault of its own` : from],
    ["sent to", row.group ? "the process" : "this thread"],
    ["sent at", moment(sent)],
    ["while it was", row.target_state],
    ["fate", row.fate],
    ["blocked for", row.blocked_ns ? length(row.blocked_ns) : ""],
    ["on its way for", row.waiting_ns == null ? "" : length(row.waiting_ns)],
    ["action", row.action],
    ["handled in", row.handler_ns == null ? "" : length(row.handler_ns)],
  ];
}

// The lines of what is selected: to whom it waits for, and whom that one waits for meanwhile, and so
// on; or from a signal's sender.
function links(ctx) {
  const { pick, data, view } = app;
  if (pick.signal) {
    const { sender, sent, taken } = pick.signal;
    const track = sender && lifeOf(sender, sent);
    if (track && track !== pick.track && track.node.row >= 0) arrow(ctx, track.node.row, sent, pick.track.node.row, taken);
    return;
  }
  const seen = new Set();
  const shown = [Math.max(view.from, data.starts[pick.i]), Math.min(view.to, data.starts[pick.i + 1])];
  const at = (shown[0] + shown[1]) / 2;
  let { track, i } = pick;
  for (let x = xOf(at); track && at >= shown[0] && !seen.has(track); x += 16) {
    seen.add(track);
    const holder = lockOf(track, i)?.holder;
    if (!holder || holder === track || holder.from > at || holder.to <= at) return;
    if (track.node.row >= 0 && holder.node.row >= 0) waitLine(ctx, x, track.node.row, holder.node.row);
    [track, i] = [holder, stretchAt(data, holder, at)];
  }
}

// Dashed, from the waiter's row to the holder's.
function waitLine(ctx, x, from, to) {
  const down = to > from;
  const [y0, y1] = [rowTop(from) + app.tall / 2, rowTop(to) + (down ? 3 : app.tall - 3)];
  ctx.save();
  const line = (colour, wide) => {
    ctx.strokeStyle = ctx.fillStyle = colour;
    ctx.lineWidth = wide;
    ctx.beginPath();
    ctx.moveTo(x, y0);
    ctx.lineTo(x, y1 + (down ? -7 : 7));
    ctx.stroke();
  };
  // With a border, against the colours of the rows between.
  line(app.look.back, 5);
  ctx.setLineDash([5, 3]);
  line(app.look.warn, 2);
  ctx.beginPath();
  ctx.arc(x, y0, 3.5, 0, 7);
  ctx.moveTo(x, y1);
  ctx.lineTo(x - 5, y1 + (down ? -8 : 8));
  ctx.lineTo(x + 5, y1 + (down ? -8 : 8));
  ctx.fill();
  ctx.restore();
}
