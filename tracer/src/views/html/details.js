// The facts of what is pointed at, and of what is selected.

function showDetails() {
  const box = document.getElementById("details");
  box.innerHTML = detailsHtml();
  for (const button of box.querySelectorAll("button[data-do]")) {
    button.onclick = () => ACTIONS[button.dataset.do]();
  }
  for (const link of box.querySelectorAll("a[data-finding]")) {
    link.onclick = (event) => {
      event.preventDefault();
      goToFinding(app.report.findings[link.dataset.finding]);
    };
  }
}

const ACTIONS = {
  waker: () => jumpToWaker(),
  holder: () => jumpToHolder(),
  sender: () => jumpToSender(),
  task: () => visit(app.pick.track, app.pick.i),
  cpu: () => toCpu(),
  back: () => goBack(),
  fit: () => fitPick(),
};

// Facts are pairs of a name and a text.
function list(facts) {
  const rows = facts.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return `<dl>${rows.map(([key, value]) => `<dt>${escaped(key)}</dt><dd>${escaped(value)}</dd>`).join("")}</dl>`;
}

function detailsHtml() {
  const { pick, measure } = app;
  if (measure) return measureHtml();
  if (!pick) return `<h2>What stands out</h2>${findingsHtml()}<p>Click on a bar, or press <kbd>↓</kbd>. <kbd>?</kbd> lists the keys.</p>`;
  const { node, track, i } = pick;
  if (!track) {
    if (node.kind === "cpu") return `<h2>CPU ${node.cpu.number}</h2>${list(cpuFacts(node.cpu))}`;
    return `<h2>${escaped(node.label ?? node.track.name)}</h2>`;
  }
  const buttons = [];
  const near = wakingNear(track, i);
  const waking = near < 0 ? null : wakingOf(near);
  if (waking?.track) buttons.push(`<button data-do="waker">go to the waker, ${escaped(waking.by)}</button>`);
  const holder = lockOf(track, i)?.holder;
  if (holder) buttons.push(`<button data-do="holder">go to ${escaped(holder.name)}, for whom it waits</button>`);
  const sender = pick.signal && lifeOf(pick.signal.sender, pick.signal.sent);
  if (sender) buttons.unshift(`<button data-do="sender">go to the sender, ${escaped(sender.name)}</button>`);
  if (node.kind === "cpu") buttons.push(`<button data-do="task">show in its task's row</button>`);
  else if (app.data.codes[i] === 0) buttons.push(`<button data-do="cpu">show on CPU ${app.data.cpu[i]}</button>`);
  buttons.push(`<button data-do="fit">fit</button>`);
  if (app.past.length) buttons.push(`<button data-do="back">back</button>`);
  return `<h2>${escaped(track.name)}</h2>${pick.signal ? list(signalFacts(pick.signal)) : ""}${list(stretchFacts(track, i, LONG))}${buttons.join("")}${list(taskFacts(track))}`;
}

function stretchFacts(track, i, most) {
  const { data } = app;
  const code = data.codes[i];
  const [from, to] = [data.starts[i], data.starts[i + 1]];
  const near = wakingNear(track, i);
  const waking = near < 0 ? null : wakingOf(near);
  return [
    ["state", CODES[code][1] + (code === 0 ? ` on CPU ${data.cpu[i]}` : "")],
    ["for", length(to - from)],
    ...lockFacts(track, i),
    ...stackFacts(i, most),
    ["from", moment(from)],
    ["to", moment(to)],
    ["woken by", waking && waking.by],
    ["woken at", waking && waking.at !== from ? moment(waking.at) : ""],
    ["then waited", near >= 0 && near !== i ? length(data.starts[near + 1] - data.starts[near]) : ""],
  ];
}

function taskFacts(track) {
  const { task } = track.node;
  const whole = task.to_ns - task.from_ns;
  const states = CLASSES.map(({ key }) => [key, task.states_ns[key]]).filter(([, ns]) => ns > 0);
  const exit = task.exit;
  return [
    ["task", `${task.tid} of process ${task.tgid}, ${task.kind}`],
    ["program", task.execs?.at(-1)?.filename],
    ["observed", length(whole)],
    ...states.map(([key, ns]) => [key, `${length(ns)}, ${percent(ns, whole)}`]),
    ["switches", `${task.switches.voluntary} voluntary, ${task.switches.involuntary} not`],
    ["migrations", task.migrations],
    ["run delay", task.run_delay_ns?.count ? `max ${length(task.run_delay_ns.max ?? 0)}` : ""],
    ["created by", task.creator_tid],
    ["policy", `${task.policy}, prio ${task.prio}`],
    ["exit", exit && exitWords(exit)],
    ["sure", task.exact ? "" : "no: records are missing, these are lower bounds"],
  ];
}

function cpuFacts(cpu) {
  return [
    ["running followed tasks", `${length(cpu.busy[cpu.at.length])}, ${percent(cpu.busy[cpu.at.length], app.end)}`],
    ["stints", cpu.at.length],
    ["lost", (app.gaps.get(cpu.number) ?? []).reduce((sum, gap) => sum + gap.count, 0) || ""],
  ];
}

function measureHtml() {
  const { measure, pick, data } = app;
  const whole = measure.to - measure.from;
  const tracks = pick?.track ? [pick.track] : data.tracks;
  const sums = new Float64Array(KINDS);
  for (const track of tracks) sumsBetween(data, track, measure.from, measure.to).forEach((ns, kind) => (sums[kind] += ns));
  const all = CLASSES.map(({ key }, kind) => [key, sums[kind] > 0.5 ? `${length(sums[kind])}${pick?.track ? `, ${percent(sums[kind], whole)}` : ""}` : ""]);
  const who = pick?.track ? pick.track.name : "all tasks";
  return `<h2>${escaped(who)} in ${length(whole)}</h2>${list([["from", moment(measure.from)], ["to", moment(measure.to)], ...all])}`;
}

// What is at a place of the picture, in lines; empty if nothing is.
function factsAt(x, y) {
  const node = app.rows[Math.floor((y - RULER + app.scroll) / app.tall)];
  if (!node || y < RULER) return "";
  if (x < GUTTER) return node.kind === "task" ? `${node.track.name}\nprocess ${node.task.tgid}, ${node.task.kind}` : "";
  const mark = markAt(x, y);
  if (mark) return `woken by ${wakingOf(mark.i).by}\nat ${moment(wakingOf(mark.i).at)}\nclick to go there`;
  const sign = signAt(x, y);
  if (sign) return `${sign.text}\nat ${moment(sign.at)}${sign.signal ? "\nclick for where it came from" : ""}`;
  const [from, to] = [timeAt(x), timeAt(x + 1)];
  if (node.kind === "cpu") return laneAt(node, y, from, to) || cpuAt(node.cpu, from);
  if (node.kind !== "task" || !node.track.count) return "";
  const { track } = node;
  if (from < track.from || from >= track.to) return `${track.name}\nnot there`;
  const i = stretchAt(app.data, track, from);
  if (app.data.starts[i + 1] - app.data.starts[i] >= (to - from) / 2) {
    return [track.name, ...stretchFacts(track, i).filter(([, v]) => v).map(([k, v]) => `${k}: ${v}`)].join("\n");
  }
  const sums = sumsBetween(app.data, track, from, to);
  const parts = CLASSES.map(({ key }, kind) => [key, sums[kind]]).filter(([, ns]) => ns > 0);
  return [`${track.name}, in ${length(to - from)} here`, ...parts.map(([key, ns]) => `${key}: ${percent(ns, to - from)}`)].join("\n");
}

// What is in the lane of interrupts, near enough to point at.
function laneAt(node, y, from, to) {
  if (y - rowTop(node.row) > LANE + 4) return "";
  return interruptsAt(node.cpu, from, to) || interruptsAt(node.cpu, from - (to - from), to + (to - from));
}

function cpuAt(cpu, at) {
  const { data } = app;
  const gap = (app.gaps.get(cpu.number) ?? []).find((one) => one.from <= at && at < one.to);
  if (gap) return `CPU ${cpu.number}\n${gap.count} records are missing in ${length(gap.to - gap.from)}`;
  const run = runAt(data, cpu, at);
  const i = run < 0 ? -1 : cpu.at[run];
  if (i < 0 || data.starts[i + 1] <= at) return `CPU ${cpu.number}\nno task that is followed`;
  const track = data.tracks[cpu.track[run]];
  return [`CPU ${cpu.number}: ${track.name}`, ...stretchFacts(track, i).filter(([, v]) => v).map(([k, v]) => `${k}: ${v}`)].join("\n");
}

function markAt(x, y) {
  const row = Math.floor((y - RULER + app.scroll) / app.tall);
  const near = app.marks.filter((mark) => mark.row === row && Math.abs(mark.x - x) <= 5);
  return near.length && (y - RULER + app.scroll) % app.tall > app.tall / 3 ? near[0] : null;
}
