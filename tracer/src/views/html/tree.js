// Rows from top to bottom: the CPUs, then the tasks as a tree. Threads hang on the leader of their
// process, processes on their parent.

function buildTree(data, report) {
  const nodes = [];
  const leaders = new Map();
  for (const track of data.tracks) {
    if (track.task < 0) continue;
    const task = report.tasks[track.task];
    const node = { kind: "task", track, task, children: [], parent: null, folded: false };
    track.node = node;
    track.name = `${task.comm} ${task.tid}`;
    nodes.push(node);
    if (task.kind !== "thread") push(leaders, task.tgid, node);
  }
  nodes.sort((a, b) => a.track.task - b.track.task);
  const roots = [];
  for (const node of nodes) {
    node.parent = parentOf(node, leaders);
    (node.parent ? node.parent.children : roots).push(node);
  }
  let hue = 0;
  for (const node of nodes) if (node.task.kind !== "thread") node.track.hue = hue++;
  for (const node of nodes) {
    const leader = node.task.kind === "thread" && leaderOf(node, leaders);
    node.track.hue ??= leader ? leader.track.hue : hue++;
  }
  const cpus = data.cpus.map((cpu) => ({ kind: "cpu", cpu, children: [], parent: null }));
  const head = { kind: "head", label: "CPUs", children: cpus, parent: null, folded: false };
  for (const cpu of cpus) cpu.parent = head;
  const tasks = { kind: "head", label: "Tasks", children: roots, parent: null, folded: false };
  for (const root of roots) root.parent = tasks;
  for (const node of nodes) node.own = isActive(node);
  return { heads: [head, tasks], nodes };
}

function push(map, key, value) {
  if (map.has(key)) map.get(key).push(value);
  else map.set(key, [value]);
}

// The newest process of this number that was there when the task came.
function newest(leaders, tgid, node) {
  const all = (leaders.get(tgid) ?? []).filter((one) => one !== node);
  return all.filter((one) => one.task.from_ns <= node.task.from_ns).pop() ?? all[0] ?? null;
}

function leaderOf(node, leaders) {
  return newest(leaders, node.task.tgid, node);
}

function parentOf(node, leaders) {
  if (node.task.kind === "thread") return leaderOf(node, leaders);
  const parent = newest(leaders, node.task.parent_tid, node);
  // Where numbers were used again, a task could seem to be its own ancestor.
  for (let up = parent; up; up = up.parent) if (up === node) return null;
  return parent;
}

function isActive({ track, task }) {
  return track.sums[RUNNING] > 0 || track.count > 1 || task.born;
}

// Marks what is shown, and gives the rows in order.
function visibleRows(tree, withIdle) {
  const rows = [];
  const shown = (node) => {
    let any = withIdle || node.kind !== "task" || node.own;
    for (const child of node.children) any = shown(child) || any;
    node.shown = any;
    return any;
  };
  const add = (node, depth) => {
    if (!node.shown) return;
    node.depth = depth;
    node.row = rows.length;
    rows.push(node);
    if (!node.folded) for (const child of node.children) add(child, depth + 1);
  };
  for (const node of tree.nodes) node.row = -1;
  for (const cpu of tree.heads[0].children) cpu.row = -1;
  for (const head of tree.heads) shown(head);
  for (const head of tree.heads) add(head, 0);
  return rows;
}

// Opens everything above a row, so that it can be seen.
function reveal(node) {
  for (let up = node.parent; up; up = up.parent) up.folded = false;
}
