// What stands out, as the report has it: each finding leads to where it is in the picture.

// What the task of `by` has to do with it, where that is not "by".
const BY = {
  crashed: "for a fault of", run_delay: "had it meanwhile:", sleep: "woken by", uninterruptible: "woken by",
  lock: "for", deadlock: "for", still_waiting: "for", blocked: "from",
};

function findingsHtml() {
  const { findings } = app.report;
  if (!findings.length) return "<p>Nothing.</p>";
  const rows = findings.map((finding, n) => {
    const who = finding.tid ? `<a data-finding="${n}" href="#">${escaped(`${finding.comm ?? "?"} ${finding.tid}`)}</a>` : "";
    const by = finding.by_tid ? `${BY[finding.about] ?? "by"} ${finding.by_comm ?? "?"} ${finding.by_tid}` : "";
    const texts = [finding.max_ns ? length(finding.max_ns) : "", finding.what, by].filter(Boolean).map(escaped);
    return `<dt>${escaped(finding.about.replaceAll("_", " "))}</dt><dd>${[who, ...texts].filter(Boolean).join(", ")}</dd>`;
  });
  return `<dl>${rows.join("")}</dl>`;
}

// Shows the task of a finding where it is: the wait for its futex, or its longest stretch of the kind.
function goToFinding({ about, tid, what }) {
  const kind = { run_delay: 1, sleep: SLEEPING, uninterruptible: 3 }[about];
  const wait = (app.waits.get(tid) ?? []).find(({ key }) => key === what);
  if (wait) goToTask(tid, wait.from);
  else if (kind === undefined) return goToTask(tid, app.view.from);
  const lives = app.tree.nodes.filter(({ task, track }) => task.tid === tid && track.count).map(({ track }) => track);
  if (!wait) {
    const best = longest(lives, kind);
    if (best) visit(best.track, best.i);
  } else if (lockOf(app.pick.track, app.pick.i) === null && app.pick.i + 1 < app.pick.track.end) {
    // The call began, and its task slept a moment later.
    const next = Math.min(app.pick.track.end - 1, app.pick.i + 1);
    pickStretch(app.pick.node, app.pick.track, lockOf(app.pick.track, next) ? next : app.pick.i);
  }
  fitWide();
}

// The longest stretch of a class in any of these tracks.
function longest(tracks, kind) {
  const { data } = app;
  let best = null;
  for (const track of tracks) {
    for (let i = track.first; i < track.end; i++) {
      const ns = data.starts[i + 1] - data.starts[i];
      if (CLASS_OF[data.codes[i]] === kind && ns > (best?.ns ?? 0)) best = { track, i, ns };
    }
  }
  return best;
}

// Half of the picture is what is selected: what was before and after tells why.
function fitWide() {
  const { pick, data } = app;
  if (!pick?.track) return;
  const [from, to] = [data.starts[pick.i], data.starts[pick.i + 1]];
  setView(from - (to - from) / 2, to + (to - from) / 2);
}
