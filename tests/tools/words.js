// The words that the page of an HTML export shows, by where it shows them: an object of lists of
// texts. It is run in the page, and does what a reader would: it opens every table, goes to a
// stretch of every kind and to every row, measures, and points everywhere.
//
// Names are data, and left out here: of tasks, programs, functions, and interrupts.
(() => {
  const ROWS = 60;
  const { app } = tracer;
  const { data } = app;
  const found = {};
  const add = (place, texts) => (found[place] ??= []).push(...[texts].flat().filter(Boolean));
  const all = (css) => [...document.querySelectorAll(css)];
  const own = (node) => node.firstChild?.textContent.trim() ?? "";
  const key = (name) => document.dispatchEvent(new KeyboardEvent("keydown", { key: name }));
  // A name, and what is drawn of it where there is little room.
  const names = new Set(app.tree.nodes.flatMap(({ track }) => [track.name, track.name.replace(/ \d+$/, "")]));
  // Folded, a row has behind its name how many it hides.
  const isName = (text) => names.has(text.split("  +")[0]);

  // The legend: a letter, and what it stands for.
  for (const entry of all("#legend span")) {
    add("legend", [...entry.querySelectorAll("b")].map((letter) => letter.textContent));
    add("legend", entry.lastChild.textContent.replace("▲", "").split(":")[0].trim());
  }
  add("buttons", all("header button, dialog button").map(own));

  for (const tab of all("#tabs button")) {
    add("tables", own(tab));
    tab.click();
    add("columns", all("#table th").map((heading) => heading.textContent));
  }

  // The box of details.
  const details = () => {
    add("labels", all("#details dt").map((label) => label.textContent));
    add("buttons", all("#details button").map((button) => button.textContent.split(",")[0]));
    for (const label of all("#details dt")) {
      const text = label.nextSibling.textContent;
      if (isName(text)) continue;
      if (label.textContent === "state") add("kinds", text.split(" on CPU")[0]);
      if (["woken by", "task"].includes(label.textContent)) add("kinds", text.split(", ").at(-1));
    }
  };
  details();
  if (!app.idle) key("i");
  const seen = new Set();
  for (const { track } of app.tree.nodes) {
    for (let i = track.first; i < track.end; i++) {
      const kind = `${data.codes[i]} ${Math.min(data.waker[i], 4)}`;
      if (seen.has(kind)) continue;
      seen.add(kind);
      app.pick = { node: track.node, track, i: i + 1 };
      key(",");
      details();
    }
  }
  for (const node of app.tree.nodes) {
    for (const instant of node.instants) {
      if (!instant.signal || seen.has(instant.text)) continue;
      seen.add(instant.text);
      tracer.pickSignal(node, instant);
      details();
    }
  }
  key("Escape");
  for (const { kind } of app.rows.slice(0, ROWS)) {
    key("ArrowDown");
    if (kind === "cpu") details();
  }
  app.measure = { from: 0, to: app.end };
  key("ArrowUp");
  details();
  key("Escape");

  // What the picture has, and what is said of a place of it. A line is a label and what it is, or
  // what is so; the first is whose row it is.
  const fillText = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
    // The letters of states are in the legend; others are the first ones of names.
    if (text.length > 1 && !isName(text)) add("picture", text);
    return fillText.call(this, text, ...at);
  };
  const hint = (line) => {
    const [label] = line.split(": ");
    if (/^(irq|softirq|vector) /.test(line)) return line.split(" ")[0];
    return label === line && !/^(not there|no task|at )/.test(line) ? "" : label;
  };
  for (const part of [1, 0.2, 0.02, 0.002]) {
    tracer.setView(app.end * 0.4, app.end * (0.4 + 0.6 * part));
    for (let row = 0; row < Math.min(app.rows.length, ROWS); row += 10) {
      app.scroller.scrollTop = row * app.tall;
      app.scroll = app.scroller.scrollTop;
      tracer.draw();
      for (let x = 255; x < app.size.wide; x += 30) {
        for (let y = 26; y < app.size.high; y += 5) {
          add("hints", tracer.factsAt(x, y).split("\n").slice(1).map(hint));
        }
      }
    }
  }
  CanvasRenderingContext2D.prototype.fillText = fillText;
  for (const place in found) found[place] = [...new Set(found[place])];
  return found;
})()
