// The tables of the report, from the very JSON of `tracer report --json`: every array of rows is a
// tab, every field a column.

// Cells that are made at a time: further rows come as the table is scrolled.
const CELLS = 8000;
const FIRST_TABS = ["findings", "tasks", "processes", "cpus", "wakeups", "longest_waits", "futexes", "signals"];

// Paths of all arrays of objects in the report that have rows.
function arraysOf(value, path = [], found = []) {
  for (const [key, inner] of Object.entries(value)) {
    if (Array.isArray(inner)) {
      if (inner.length && typeof inner[0] === "object") found.push({ name: [...path, key].join("."), rows: inner });
    } else if (inner && typeof inner === "object") arraysOf(inner, [...path, key], found);
  }
  return found;
}

// A row as one level of fields; what is deeper gets a name with dots.
function flat(row, prefix = "", out = {}) {
  for (const [key, value] of Object.entries(row)) {
    if (value && typeof value === "object" && !Array.isArray(value)) flat(value, `${prefix}${key}.`, out);
    else out[prefix + key] = value;
  }
  return out;
}

function buildTables(report) {
  const place = ({ name }) => (FIRST_TABS.includes(name) ? FIRST_TABS.indexOf(name) : FIRST_TABS.length);
  app.tables = arraysOf(report).sort((a, b) => place(a) - place(b));
  const tabs = document.getElementById("tabs");
  for (const table of app.tables) {
    const tab = document.createElement("button");
    tab.setAttribute("role", "tab");
    tab.innerHTML = `${escaped(table.name.replaceAll("_", " "))} <small>${table.rows.length}</small>`;
    tab.onclick = () => showTable(table.name);
    table.tab = tab;
    tabs.append(tab);
  }
  document.getElementById("filter").addEventListener("input", () => fillTable());
  document.getElementById("table").addEventListener("click", onTableClick);
  document.getElementById("table").addEventListener("scroll", onTableScroll);
  const first = app.tables.find((table) => table.name === "tasks") ?? app.tables[0];
  if (first) showTable(first.name);
}

function showTable(name) {
  app.table = app.tables.find((table) => table.name === name);
  for (const table of app.tables) table.tab.setAttribute("aria-selected", String(table === app.table));
  const { table } = app;
  if (!table.flat) {
    table.flat = table.rows.map((row) => flat(row));
    const columns = new Set();
    const telling = new Set();
    for (const row of table.flat) {
      for (const column in row) {
        columns.add(column);
        if (tells(row[column])) telling.add(column);
      }
    }
    table.columns = [...columns].filter((column) => telling.has(column));
    table.silent = columns.size - telling.size;
    table.columns.sort((a, b) => rank(a) - rank(b));
    table.sort = table.columns.includes("states_ns.running") ? { column: "states_ns.running", down: true } : null;
  }
  fillTable();
}

// Whether a value says anything: columns of nothing but zeros are left out.
function tells(value) {
  return value != null && value !== 0 && value !== false && value !== "" && !(Array.isArray(value) && !value.length);
}

// What says who it is comes first, then where the time went, then the rest.
function rank(column) {
  const first = ["comm", "tid", "tgid", "kind", "exit.code"].indexOf(column);
  if (first >= 0) return first;
  return column.startsWith("states_ns.") ? 10 : /^(own_running_ns|runnable_ns|run_delay_ns|switches|migrations)/.test(column) ? 11 : 12;
}

function sortTable(column) {
  const { table } = app;
  const down = table.sort?.column === column ? !table.sort.down : isNumber(column);
  table.sort = { column, down };
  fillTable();
}

function fillTable() {
  const { table } = app;
  const words = document.getElementById("filter").value.toLowerCase();
  let rows = table.flat;
  if (words) rows = rows.filter((row) => table.columns.some((column) => cell(row[column], column).toLowerCase().includes(words)));
  if (table.sort) {
    const { column, down } = table.sort;
    rows = rows.slice().sort((a, b) => (down ? -1 : 1) * compare(a[column], b[column]));
  }
  const shown = `${rows.length} rows`;
  document.getElementById("count").textContent = table.silent ? `${shown}; ${table.silent} columns are zero or empty` : shown;
  const head = table.columns.map((column) => `<th data-column="${escaped(column)}"${sorted(column)}${isNumber(column) ? ' class="number"' : ""} title="${escaped(column)}">${escaped(title(column))}</th>`);
  document.getElementById("table").innerHTML = `<table><thead><tr>${head.join("")}</tr></thead><tbody></tbody></table>`;
  table.left = rows;
  moreRows();
}

// Adds the next rows of those that are left.
function moreRows() {
  const { table } = app;
  const count = Math.max(20, Math.ceil(CELLS / Math.max(1, table.columns.length)));
  const next = table.left.slice(0, count);
  table.left = table.left.slice(count);
  const body = next.map((row) => `<tr>${table.columns.map((column) => td(row, column)).join("")}</tr>`);
  document.querySelector("#table tbody").insertAdjacentHTML("beforeend", body.join(""));
}

function onTableScroll({ target }) {
  if (app.table?.left.length && target.scrollTop + target.clientHeight > target.scrollHeight - 400) moreRows();
}

function sorted(column) {
  const { sort } = app.table;
  return sort?.column === column ? ` aria-sort="${sort.down ? "descending" : "ascending"}"` : "";
}

function isNumber(column) {
  return typeof app.table.flat.find((row) => row[column] != null)?.[column] === "number";
}

function compare(a, b) {
  if (a == null || b == null) return Number(a != null) - Number(b != null);
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b));
}

function title(column) {
  return column.replace(/_ns\b/g, "").replaceAll("_", " ");
}

// Names of fields that hold moments; other fields in ns are durations.
const MOMENT = /(^|\.)(at|from|to|start|end|dead|reaped|released|last_switch|created|woken|run|exit|begin|generated|delivered)_ns$/;

function cell(value, column) {
  if (value == null) return "";
  if (Array.isArray(value)) return value.map((one) => (typeof one === "object" ? JSON.stringify(one) : one)).join(" ");
  if (typeof value !== "number") return String(value);
  if (!/_ns(\.|$)/.test(column) || /count$/.test(column)) return String(value);
  if (MOMENT.test(column) && value >= 1e6) return `${((value - app.report.capture.start_ns) / 1e9).toFixed(6)} s`;
  return length(value);
}

function td(row, column) {
  const value = row[column];
  const text = escaped(cell(value, column));
  const tid = /(^|\.)(\w+_)?(tid|tgid)$/.test(column) && value;
  const inner = tid ? `<a data-tid="${value}" data-at="${row.from_ns ?? row.at_ns ?? ""}">${text}</a>` : text;
  const exact = typeof value === "number" && /_ns/.test(column) ? ` title="${value} ns"` : "";
  return `<td${typeof value === "number" ? ' class="number"' : ""}${exact}>${inner}</td>`;
}

function onTableClick(event) {
  const column = event.target.closest("th")?.dataset.column;
  if (column) return sortTable(column);
  const link = event.target.closest("a");
  if (!link) return;
  const at = Number(link.dataset.at) - app.report.capture.start_ns;
  goToTask(Number(link.dataset.tid), link.dataset.at ? at : app.view.from);
}

// Shows the task with this number, at a time if it was there then.
function goToTask(tid, at) {
  const track = lifeOf(tid, at);
  if (track) visit(track, stretchAt(app.data, track, clamp(at, track.from, track.to - 1)));
}
