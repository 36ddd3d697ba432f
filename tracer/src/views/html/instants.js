// What happens to a task in a moment: programs that it starts, signals, its exit. Each is a small
// sign on its row.

const SIGNS = { exec: "e", signal: "!", exit: "x" };

// Fills `node.instants`, in the order of time.
function buildInstants(tree, report, begin) {
  const byTid = new Map();
  for (const node of tree.nodes) {
    node.instants = [];
    push(byTid, node.task.tid, node);
    const { execs, exit, comm } = node.task;
    const add = (kind, at, text) => node.instants.push({ kind, at: at - begin, text });
    for (const exec of execs ?? []) add("exec", exec.at_ns, `exec of ${exec.filename}`);
    if (exit) add("exit", exit.at_ns, `exit of ${comm}, ${exitWords(exit)}`);
  }
  for (const signal of report.signals) {
    const at = signal.delivered_ns ?? signal.generated_ns;
    const tid = signal.delivered_tid ?? signal.target_tid;
    const node = (byTid.get(tid) ?? []).find(({ task }) => task.from_ns <= at && at <= task.to_ns);
    const from = signal.sender_tid ? ` from ${signal.sender_comm ?? "task"} ${signal.sender_tid}` : "";
    const way = { row: signal, sender: signal.sender_tid, sent: signal.generated_ns - begin, taken: at - begin };
    node?.instants.push({ kind: "signal", at: at - begin, signal: way, text: `${signal.name}${from}, ${signal.fate}` });
  }
  for (const node of tree.nodes) node.instants.sort((a, b) => a.at - b.at);
}

function exitWords(exit) {
  return exit.signal_name ? `killed by ${exit.signal_name}` : `status ${exit.code}`;
}

// Notes the signs of a row that there is room for.
function instantsOf(node, row) {
  const { view } = app;
  let free = -Infinity;
  for (const instant of node.instants) {
    if (instant.at < view.from || instant.at > view.to) continue;
    const x = xOf(instant.at);
    if (x < free) continue;
    free = x + 13;
    app.signs.push({ x, row, instant });
  }
}

function drawSigns(ctx) {
  const { look } = app;
  ctx.save();
  ctx.font = "700 10px system-ui, 'DejaVu Sans', sans-serif";
  ctx.textAlign = "center";
  for (const { x, row, instant } of app.signs) {
    const y = rowTop(row) + 7;
    ctx.beginPath();
    ctx.arc(x, y, 6, 0, 7);
    ctx.fillStyle = look.back;
    ctx.fill();
    ctx.strokeStyle = look.ink;
    ctx.lineWidth = 1;
    ctx.stroke();
    ctx.fillStyle = look.ink;
    ctx.fillText(SIGNS[instant.kind], x, y + 0.5);
  }
  ctx.restore();
}

function signAt(x, y) {
  return app.signs.find((sign) => Math.hypot(sign.x - x, rowTop(sign.row) + 7 - y) <= 7)?.instant;
}
