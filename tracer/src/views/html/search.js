// Search: words that all have to fit name, numbers, program or state of a task. Enter goes from one
// match to the next; a state is looked for from the selected moment on.

function matches(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  return app.tree.nodes.filter((node) => words.every((word) => fits(node, word)));
}

function fits({ task, track }, word) {
  if (/^\d+$/.test(word)) return [task.tid, task.tgid, task.old_tid].includes(Number(word)) || task.comm.includes(word);
  if (task.comm.toLowerCase().includes(word)) return true;
  if (task.execs?.some((exec) => exec.filename?.toLowerCase().includes(word))) return true;
  return CODES.some(([, name], code) => name.includes(word) && track.parts[code] > 0);
}

// The next stretch of a task in a state that one of the words names.
function stretchNamed(track, words, after) {
  const { data } = app;
  const codes = new Set([...CODES.keys()].filter((code) => words.some((word) => word.length > 3 && CODES[code][1].includes(word))));
  if (!codes.size) return -1;
  for (let i = Math.max(after, track.first); i < track.end; i++) if (codes.has(data.codes[i])) return i;
  return -1;
}

// Goes to the next match; gives how many there are.
function search(query, next = false) {
  const found = matches(query);
  const output = document.getElementById("found");
  if (!found.length) {
    output.textContent = query.trim() ? "none" : "";
    return 0;
  }
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const here = next && app.pick ? found.indexOf(app.pick.track?.node) : -1;
  if (here >= 0) {
    const again = stretchNamed(app.pick.track, words, app.pick.i + 1);
    if (again >= 0) {
      visit(app.pick.track, again);
      return found.length;
    }
  }
  const node = found[(here + 1) % found.length];
  output.textContent = `${((here + 1) % found.length) + 1} of ${found.length}`;
  if (!node.track.count) return found.length;
  const at = clamp(app.view.from, node.track.from, node.track.to - 1);
  const begin = stretchAt(app.data, node.track, at);
  let named = stretchNamed(node.track, words, begin);
  if (named < 0) named = stretchNamed(node.track, words, node.track.first);
  visit(node.track, named < 0 ? begin : named);
  return found.length;
}

function listenToSearch() {
  const box = document.getElementById("search");
  box.addEventListener("input", () => search(box.value));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") search(box.value, true);
  });
}
