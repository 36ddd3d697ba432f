// The page: opens the data, wires everything, and answers to `window.tracer`, which tests and
// consoles may use.

const app = {
  view: { from: 0, to: 1 }, scroll: 0, pick: null, measure: null, pointer: null, past: [], rows: [],
  idle: false, tall: 20, dark: false, draws: 0, labels: [], marks: [], signs: [], gaps: new Map(),
};

function setTheme(dark) {
  app.dark = dark;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  app.look = {
    back: of("--back"), panel: of("--panel"), ink: of("--ink"), faint: of("--faint"), line: of("--line"),
    accent: of("--accent"), warn: of("--warn"), pickColour: of("--pick"), shade: dark ? "rgb(0 0 0 / 45%)" : "rgb(60 80 110 / 14%)",
    ground: pixel(of("--back")), edge: pixel(of("--back")), states: paints(dark),
    lanes: INTERRUPTS.map((one) => pixel(dark ? one.dark : one.light)),
    hues: PROCESS_COLOURS.map(pixel), inks: PROCESS_INKS, lost: { ...paints(dark)[7], ground: pixel("#d55e00"), mark: pixel("#000") },
  };
  legend();
  if (app.ready) redraw();
}

// Each state with its colour, pattern and letter, drawn by the same code as the bars.
function legend() {
  const box = document.getElementById("legend");
  box.replaceChildren();
  app.look.states.forEach((paint, kind) => {
    const pixels = new Pixels(26, 14, app.look.ground);
    pixels.bar(0, 26, 0, 14, paint);
    const canvas = Object.assign(document.createElement("canvas"), { width: 26, height: 14 });
    const ctx = canvas.getContext("2d");
    ctx.putImageData(pixels.image, 0, 0);
    const entry = document.createElement("span");
    entry.append(canvas);
    entry.insertAdjacentHTML("beforeend", `<b>${CLASSES[kind].letter}</b> ${CLASSES[kind].key}`);
    box.append(entry);
  });
  INTERRUPTS.forEach(({ key, light, dark }) => {
    box.insertAdjacentHTML("beforeend", `<span><i class="lane" style="background:${app.dark ? dark : light}"></i> ${key}</span>`);
  });
  box.insertAdjacentHTML("beforeend", "<span>▲ woken: click to go to the waker</span><span><i>e</i> exec</span><span><i>!</i> signal: click for its sender</span><span><i>x</i> exit</span>");
}

function setIdle(idle) {
  app.idle = idle;
  document.getElementById("idle").setAttribute("aria-pressed", String(idle));
  relist();
}

// Lists the rows anew, after a fold or a resize.
function relist() {
  const before = app.pick ? rowTop(app.pick.node.row) : 0;
  app.rows = visibleRows(app.tree, app.idle);
  // A few rows may be taller.
  app.tall = clamp(Math.floor((app.canvas.clientHeight - RULER) / app.rows.length), 20, 32);
  document.getElementById("extent").style.height = `${app.rows.length * app.tall + RULER}px`;
  // What is selected stays where it is.
  const seen = app.pick?.node.row >= 0 && before > 0 && before < app.canvas.clientHeight;
  if (seen) app.scroller.scrollTop += rowTop(app.pick.node.row) - before;
  app.scroll = app.scroller.scrollTop;
  redraw();
}

function head(report) {
  const { capture } = report;
  const lost = capture.lost.total;
  document.title = `${capture.host}: ${app.tree.nodes.length} tasks in ${length(app.end)}`;
  document.getElementById("facts").textContent =
    `${capture.host}, Linux ${capture.kernel}, ${capture.events} events in ${length(app.end)}, ${app.data.stretches} stretches`;
  const box = document.getElementById("lost");
  box.hidden = lost === 0 && !capture.truncated && app.differs === 0;
  box.textContent = [
    lost ? `${lost} records LOST` : "", capture.truncated ? "recording cut off" : "",
    app.differs ? `${app.differs} tasks differ from the report` : "",
  ].filter(Boolean).join(", ");
}

// How many tasks have other sums in the picture than in the report: none.
function differing(data, report) {
  const wrong = ({ sums, parts, task }) => {
    const { states_ns: states, runnable_ns: runnable } = report.tasks[task];
    return CLASSES.some(({ key }, kind) => sums[kind] !== states[key])
      || Object.entries(PARTS).some(([key, code]) => parts[code] !== runnable[key]);
  };
  return data.tracks.filter((track) => track.task >= 0 && wrong(track)).length;
}

async function open() {
  const begin = performance.now();
  app.canvas = document.getElementById("canvas");
  app.strip = document.getElementById("overview");
  app.scroller = document.getElementById("scroller");
  app.tip = document.getElementById("tip");
  const blocks = ["report-data", "interval-data", "stack-data", "interrupt-data"];
  const [text, bytes, stacks, interrupts] = await Promise.all(blocks.map(inflate));
  app.report = JSON.parse(new TextDecoder().decode(text));
  app.data = decode(bytes);
  app.stacks = decodeStacks(stacks);
  app.interrupts = decodeInterrupts(interrupts);
  addCpus(app.data, app.interrupts);
  buildTracks();
  setTheme(matchMedia("(prefers-color-scheme: dark)").matches);
  head(app.report);
  listen();
  app.ready = true;
  relist();
  draw();
  showDetails();
  app.drawnMs = performance.now() - begin;
  buildTables(app.report);
  app.openMs = performance.now() - begin;
}

function buildTracks() {
  const { data, report } = app;
  const begin = report.window?.from_ns ?? report.capture.start_ns;
  app.end = Math.max(1, (report.window?.to_ns ?? report.capture.end_ns) - begin);
  for (const gap of report.capture.lost.gaps) {
    push(app.gaps, gap.cpu, { from: gap.from_ns - begin, to: gap.to_ns - begin, count: gap.count });
  }
  for (const track of data.tracks) trackLevels(data, track);
  app.tree = buildTree(data, report);
  buildInstants(app.tree, report, begin);
  buildWaits(report, begin);
  for (const cpu of data.cpus) cpuLevels(data, cpu);
  app.bins = buildOverview(data, app.end);
  app.differs = differing(data, report);
  app.view = { from: 0, to: app.end };
}

function listen() {
  listenToPointer();
  listenToSearch();
  document.addEventListener("keydown", onKey);
  new ResizeObserver(() => relist()).observe(app.canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => setTheme(event.matches));
  const on = (id, what) => document.getElementById(id).addEventListener("click", what);
  on("fit", () => setView(0, app.end));
  on("theme", () => setTheme(!app.dark));
  on("idle", () => setIdle(!app.idle));
  on("ask", () => document.getElementById("help").showModal());
}

// The time of each task in each state, as drawn, by the names of the report.
function sums() {
  const { data, report } = app;
  const cpus = new Map();
  for (const cpu of data.cpus) {
    for (let run = 0; run < cpu.at.length; run++) {
      const key = `${cpu.track[run]} ${cpu.number}`;
      cpus.set(key, (cpus.get(key) ?? 0) + cpu.busy[run + 1] - cpu.busy[run]);
    }
  }
  return [...data.tracks.entries()].filter(([, track]) => track.task >= 0).map(([place, track]) => {
    const ran = data.cpus.map(({ number }) => [number, cpus.get(`${place} ${number}`) ?? 0]);
    return {
      task: track.task,
      tid: report.tasks[track.task].tid,
      states_ns: Object.fromEntries(CLASSES.map(({ key }, kind) => [key, track.sums[kind]])),
      runnable_ns: Object.fromEntries(Object.entries(PARTS).map(([key, code]) => [key, track.parts[code]])),
      cpus: Object.fromEntries(ran.filter(([, ns]) => ns > 0)),
    };
  });
}

window.tracer = { app, sums, interruptSums, interruptsAt, stacksOf, factsAt, search, jumpToWaker, pickStretch, pickSignal, setView, zoom, draw, xOf, rowTop, setTheme };
window.tracer.ready = open().catch((error) => {
  document.getElementById("facts").textContent = `This page cannot be shown: ${error.message}`;
  throw error;
});
