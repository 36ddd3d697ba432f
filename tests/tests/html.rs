//! The page of `tracer export -f html` in a real browser: it shows the report's numbers, draws,
//! and does what it is asked to.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::browser::{Browser, chromium};
use tests::program::run;
use tests::{Trace, can_trace, tracer};

/// A page, its browser, and the report that it has to agree with.
struct Shown {
    browser: Browser,
    report: Value,
    _dir: TempDir,
}

fn page(file: &Path, options: &[&str], dir: &Path) -> PathBuf {
    let page = dir.join("page.html");
    let export =
        run(tracer().arg("export").args(options).arg(file).arg("-o").arg(&page)).succeeded();
    assert_eq!(export.stdout, "");
    page
}

fn report(file: &Path, options: &[&str]) -> Value {
    let json = run(tracer().args(["report", "--json"]).args(options).arg(file)).succeeded();
    serde_json::from_str(&json.stdout).expect("its JSON")
}

/// None if this machine has no browser, or does not let us trace.
fn show(workload: &str, options: &[&str], dark: bool) -> Option<Shown> {
    let browser = chromium()?;
    if !can_trace() {
        return None;
    }
    let traced = Trace::of_workload(workload, &[]).run().exited(0);
    let dir = tempfile::tempdir().expect("a temporary directory");
    let page = page(&traced.file(), options, dir.path());
    let browser = Browser::open(&browser, &page, [1400, 900], dark);
    Some(Shown { browser, report: report(&traced.file(), options), _dir: dir })
}

/// Numbers of an object, without zeros.
fn numbers(object: &Value) -> Vec<(String, u64)> {
    let fields = object.as_object().expect("an object").iter();
    let numbers = fields.map(|(name, value)| (name.clone(), value.as_u64().expect("a number")));
    numbers.filter(|(_, number)| *number > 0).collect()
}

/// Whether both are the same JSON, as JavaScript reads numbers.
#[track_caller]
fn same(path: &str, one: &Value, other: &Value) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            assert!(one.keys().eq(other.keys()), "{path}");
            one.iter().for_each(|(key, value)| same(&format!("{path}.{key}"), value, &other[key]));
        }
        (Value::Array(one), Value::Array(other)) => {
            assert_eq!(one.len(), other.len(), "{path}");
            one.iter().zip(other).for_each(|(one, other)| same(&format!("{path}[]"), one, other));
        }
        _ => assert!(one == other || one.as_f64() == other.as_f64(), "{path}: {one} {other}"),
    }
}

/// A row of interrupts on one CPU.
#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Interrupt {
    row: String,
    id: u64,
    name: String,
    cpu: u64,
    count: u64,
    total_ns: u64,
}

/// The page's sums are the report's, and its tables are made of the same JSON.
#[track_caller]
fn agree(Shown { browser, report, .. }: &mut Shown) {
    let tasks = report["tasks"].as_array().expect("tasks");
    let drawn = browser.ask("tracer.sums()");
    let drawn = drawn.as_array().expect("sums");
    // A task can be in the report of a part without any time in it.
    let silent = tasks.iter().filter(|task| numbers(&task["states_ns"]).is_empty()).count();
    let missing = tasks.len() - drawn.len();
    assert!(missing <= silent, "{missing} of {}, {silent} without time", tasks.len());
    for sums in drawn {
        let task = &tasks[usize::try_from(sums["task"].as_u64().expect("a place")).expect("one")];
        assert_eq!(sums["tid"], task["tid"]);
        for field in ["states_ns", "runnable_ns", "cpus"] {
            assert_eq!(numbers(&sums[field]), numbers(&task[field]), "{field} of {}", task["tid"]);
        }
    }
    let drawn = browser.ask("tracer.interruptSums()");
    let mut drawn: Vec<Interrupt> = serde_json::from_value(drawn).expect("sums");
    let mut told = Vec::new();
    for (table, id) in [("irqs", "irq"), ("softirqs", "vec"), ("vectors", "vector")] {
        told.extend(report[table].as_array().expect("rows").iter().map(|row| Interrupt {
            row: table.to_owned(),
            id: row[id].as_u64().expect("a number"),
            name: row["name"].as_str().expect("a name").to_owned(),
            cpu: row["cpu"].as_u64().expect("a number"),
            count: row["count"].as_u64().expect("a number"),
            total_ns: row["total_ns"].as_u64().expect("a number"),
        }));
    }
    drawn.sort();
    told.sort();
    assert_eq!(drawn, told);
    let json = browser.ask("JSON.stringify(tracer.app.report)");
    let shown: Value = serde_json::from_str(json.as_str().expect("text")).expect("JSON");
    same("", &shown, report);
    assert_eq!(browser.complaints, Vec::<Value>::new());
}

#[test]
fn the_page_has_the_numbers_of_the_report() {
    let Some(mut shown) = show("prodcons", &[], false) else { return };
    agree(&mut shown);
    let rows = shown.browser.ask("document.querySelectorAll('#table tbody tr').length");
    assert_eq!(rows.as_u64(), shown.report["tasks"].as_array().map(|tasks| tasks.len() as u64));
}

#[test]
fn the_page_has_the_interrupts_of_the_report() {
    let Some(mut shown) = show("irqload", &[], false) else { return };
    agree(&mut shown);
    assert!(!shown.report["vectors"].as_array().expect("rows").is_empty(), "no timer hit it");
}

#[test]
fn the_page_of_a_part_has_the_numbers_of_that_part() {
    let Some(mut shown) = show("tree", &["--time", "20%,70%"], true) else { return };
    agree(&mut shown);
}

/// How many colours the picture's part beside the names has, and a sum over its pixels.
const PICTURE: &str = "(() => {
    tracer.draw();
    const { canvas } = tracer.app;
    const { data } = canvas.getContext('2d').getImageData(250, 24, canvas.width - 250, canvas.height - 24);
    const pixels = new Uint32Array(data.buffer);
    return [new Set(pixels).size, pixels.reduce((sum, pixel, n) => (sum * 31 + pixel + n) % 1e9, 7)];
})()";

#[test]
fn the_page_draws_and_zooms() {
    let Some(Shown { mut browser, .. }) = show("prodcons", &[], false) else { return };
    let whole = browser.ask(PICTURE);
    assert!(whole[0].as_u64() >= Some(5), "{whole}");
    browser.ask("tracer.app.canvas.focus()");
    for key in ["w", "w", "d"] {
        browser.press(key);
    }
    let near = browser.ask(PICTURE);
    assert_ne!(near[1], whole[1]);
    let shown = browser.ask("(tracer.app.view.to - tracer.app.view.from) / tracer.app.end");
    assert!((shown.as_f64().expect("a share") - 0.36).abs() < 1e-6, "{shown}");
    browser.press("t");
    assert_ne!(browser.ask(PICTURE)[1], near[1]);
    assert_eq!(browser.ask("document.documentElement.dataset.theme"), "dark");
    browser.press("t");
    browser.press("0");
    assert_eq!(browser.ask(PICTURE), whole);
    assert_eq!(browser.complaints, Vec::<Value>::new());
}

/// Shows a waking by a task of the page, and tells where its mark is, and who the waker is and when.
const A_WAKING: &str = "(() => {
    const { app } = tracer;
    const { data } = app;
    for (const { track } of app.rows.filter((row) => row.kind === 'task')) {
        for (let i = track.first; i < track.end; i++) {
            const waker = data.tracks[(data.waker[i] - 3) / 2];
            if (data.waker[i] < 3 || data.waker[i] % 2 === 0 || !waker.node || waker === track) continue;
            const at = data.starts[i];
            if (at < 1e5 || data.early[i] > 0) continue;
            tracer.setView(at - 1e5, at + 1e5);
            app.scroller.scrollTop = track.node.row * app.tall - 100;
            app.scroll = app.scroller.scrollTop;
            tracer.draw();
            const mark = app.marks.find((mark) => mark.i === i);
            if (!mark) continue;
            const { left, top } = app.canvas.getBoundingClientRect();
            const y = top + tracer.rowTop(mark.row) + app.tall - 4;
            return { x: left + mark.x, y, waker: waker.name, at };
        }
    }
})()";

#[test]
fn a_click_on_a_waking_goes_to_the_waker() {
    let Some(Shown { mut browser, .. }) = show("prodcons", &[], false) else { return };
    let waking = browser.ask(A_WAKING);
    let place = |name: &str| waking[name].as_f64().expect("a waking that is drawn");
    browser.click(place("x"), place("y"));
    let picked = browser.ask(
        "(({ pick: { track, i }, data: { starts, codes } }) =>
            ({ waker: track.name, code: codes[i], from: starts[i], to: starts[i + 1] }))(tracer.app)",
    );
    assert_eq!(picked["waker"], waking["waker"]);
    assert_eq!(picked["code"], 0, "it ran then: {picked}");
    let at = place("at");
    assert!(picked["from"].as_f64() <= Some(at) && picked["to"].as_f64() >= Some(at), "{picked}");
    let details = browser.ask("document.getElementById('details').textContent");
    assert!(details.as_str().expect("text").contains("running on CPU"), "{details}");
    browser.press("Backspace");
    assert_ne!(browser.ask("tracer.app.pick.track.name"), waking["waker"]);
    assert_eq!(browser.complaints, Vec::<Value>::new());
}

#[test]
fn search_folding_and_tables_work() {
    let Some(Shown { mut browser, report, .. }) = show("prodcons", &[], false) else { return };
    browser.ask("tracer.app.canvas.focus()");
    browser.press("/");
    browser.type_in("consumer");
    let named = report["tasks"].as_array().expect("tasks").iter();
    let named =
        named.filter(|task| task["comm"].as_str().is_some_and(|comm| comm.contains("consumer")));
    let found = browser.ask("document.getElementById('found').textContent");
    assert_eq!(found, format!("1 of {}", named.count()));
    let name = "tracer.app.pick.track.name";
    let first = browser.ask(name);
    browser.press("Enter");
    assert_ne!(browser.ask(name), first);
    browser.press("Escape");
    let rows = browser.ask("tracer.app.rows.length").as_u64();
    browser.ask("tracer.app.pick = { node: tracer.app.tree.heads[1] }; 0");
    browser.press(" ");
    assert!(browser.ask("tracer.app.rows.length").as_u64() < rows);
    browser.press("Escape");
    browser.ask("document.querySelector('th[data-column=tid]').click()");
    let cells = "[...document.querySelectorAll('#table tbody tr')].map((row) => Number(row.cells[1].textContent))";
    let down = browser.ask(cells);
    let down: Vec<u64> = serde_json::from_value(down).expect("numbers");
    assert!(down.is_sorted_by(|a, b| a >= b) && down.len() > 2, "{down:?}");
    browser.ask("document.querySelector('#table tbody a').click()");
    assert_eq!(browser.ask("tracer.app.pick.node.task.tid"), down[0]);
    assert_eq!(browser.complaints, Vec::<Value>::new());
}

/// Shows the longest interrupt of a CPU, and tells what a hint at its place says.
const AN_INTERRUPT: &str = "(() => {
    const { app } = tracer;
    const [cpu, lane] = [...app.interrupts.cpus].find(([, lane]) => lane.count > 0);
    const i = lane.own.indexOf(Math.max(...lane.own));
    const whole = lane.ends[i] - lane.begins[i];
    tracer.setView(lane.begins[i] - whole, lane.ends[i] + whole);
    app.scroller.scrollTop = 0;
    app.scroll = 0;
    tracer.draw();
    const node = app.rows.find((node) => node.kind === 'cpu' && node.cpu.number === cpu);
    const x = tracer.xOf(lane.begins[i] + whole / 2);
    const y = tracer.rowTop(node.row) + 3;
    const { data } = app.canvas.getContext('2d').getImageData(Math.round(x), Math.round(y), 1, 1);
    const looks = app.look.lanes.includes(new Uint32Array(data.buffer)[0]);
    return { hint: tracer.factsAt(x, y), name: app.interrupts.kinds[lane.kind[i]].name, looks };
})()";

#[test]
fn an_interrupt_is_drawn_and_named() {
    let Some(Shown { mut browser, .. }) = show("prodcons", &[], false) else { return };
    let shown = browser.ask(AN_INTERRUPT);
    let [hint, name] = ["hint", "name"].map(|key| shown[key].as_str().expect("text"));
    assert!(hint.starts_with("CPU ") && hint.contains(name) && hint.contains("\nfor: "), "{shown}");
    assert_eq!(shown["looks"], true, "its colour is where it is: {shown}");
    assert_eq!(browser.complaints, Vec::<Value>::new());
}

/// What a hint says of the longest sleep that has stacks, and what the details say of it.
const A_SLEEP: &str = "(() => {
    const { app } = tracer;
    const { data } = app;
    let best = null;
    for (const { track } of app.rows.filter((row) => row.kind === 'task')) {
        for (let i = track.first; i < track.end; i++) {
            const ns = data.starts[i + 1] - data.starts[i];
            if (data.codes[i] === 5 && tracer.stacksOf(i) && ns > (best?.ns ?? 0)) best = { track, i, ns };
        }
    }
    const { track, i, ns } = best;
    tracer.setView(data.starts[i] - ns, data.starts[i + 1] + ns);
    app.scroller.scrollTop = track.node.row * app.tall - 100;
    app.scroll = app.scroller.scrollTop;
    tracer.draw();
    const [x, y] = [tracer.xOf(data.starts[i] + ns / 2), tracer.rowTop(track.node.row) + app.tall / 2];
    const { left, top } = app.canvas.getBoundingClientRect();
    const [kernel, user] = tracer.stacksOf(i);
    return { hint: tracer.factsAt(x, y), tid: track.node.task.tid, ns, kernel, user, x: left + x, y: top + y };
})()";

#[test]
fn a_sleep_shows_its_stacks() {
    let Some(program) = chromium() else { return };
    if !can_trace() {
        return;
    }
    let traced = Trace::of_workload("lock", &["--case", "all"]).with(["--stacks"]);
    let traced = traced.run().exited(0);
    let dir = tempfile::tempdir().expect("a temporary directory");
    let page = page(&traced.file(), &[], dir.path());
    let mut browser = Browser::open(&program, &page, [1400, 900], false);
    let shown = browser.ask(A_SLEEP);
    let hint = shown["hint"].as_str().expect("text");
    assert!(hint.contains("kernel stack: futex_") || hint.contains("kernel stack: do_"), "{hint}");
    // The same functions, of the same task, as the report has them.
    let report = report(&traced.file(), &[]);
    let mut rows = report["stacks"].as_array().expect("rows").iter();
    let is = |row: &Value, key: &str| {
        row[key] == shown[key] || row[key].is_null() && shown[key] == json!([])
    };
    let row = rows.find(|row| row["tid"] == shown["tid"] && is(row, "kernel") && is(row, "user"));
    let max_ns = row.and_then(|row| row["max_ns"].as_u64());
    assert!(max_ns >= shown["ns"].as_u64() && max_ns.is_some(), "{row:?} {shown}");
    browser.click(shown["x"].as_f64().expect("a place"), shown["y"].as_f64().expect("a place"));
    let details = browser.ask("document.getElementById('details').textContent");
    assert!(details.as_str().expect("text").contains("kernel stack"), "{details}");
    assert_eq!(browser.complaints, Vec::<Value>::new());
}
