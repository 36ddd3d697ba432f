//! The page of `tracer export -f html` leads from who waits to whom it waits for, and from who took a
//! signal to who sent it.

use serde_json::Value;
use tests::browser::{Browser, chromium};
use tests::program::run;
use tests::{Trace, can_trace, tracer};

/// The page of a workload's trace, and its report. None if this machine has no browser, or does not
/// let us trace.
fn show(workload: &str, options: &[&str]) -> Option<(Browser, Value)> {
    let browser = chromium()?;
    if !can_trace() {
        return None;
    }
    let traced = Trace::of_workload(workload, options).run().exited(0);
    let dir = tempfile::tempdir().expect("a temporary directory");
    let page = dir.path().join("page.html");
    let export = run(tracer().arg("export").arg(traced.file()).arg("-o").arg(&page)).succeeded();
    assert_eq!(export.stdout, "");
    let json = run(tracer().args(["report", "--json"]).arg(traced.file())).succeeded();
    let report = serde_json::from_str(&json.stdout).expect("its JSON");
    Some((Browser::open(&browser, &page, [1400, 900], true), report))
}

#[test]
fn a_finding_leads_to_its_wait_and_that_to_who_has_the_lock() {
    let options = ["--deadlock", "--philosophers", "3", "--watchdog", "50ms"];
    let Some((mut browser, report)) = show("philosophers", &options) else { return };
    let findings = report["findings"].as_array().expect("findings");
    let place = findings.iter().position(|one| one["about"] == "deadlock").expect("a deadlock");
    let lock = &findings[place];
    browser.ask(&format!("document.querySelector('a[data-finding=\"{place}\"]').click()"));
    assert_eq!(browser.ask("tracer.app.pick.node.task.tid"), lock["tid"]);
    let details = browser.ask("document.getElementById('details').textContent");
    let who = lock["by_comm"].as_str().expect("a name");
    let holder = format!("{who} {} (owner-field)", lock["by_tid"]);
    assert!(details.as_str().expect("text").contains(&holder), "{details}");
    assert!(details.as_str().expect("text").contains(lock["what"].as_str().expect("a futex")));
    let from = browser.ask("tracer.app.data.starts[tracer.app.pick.i]");
    browser.ask("document.querySelector('button[data-do=holder]').click()");
    assert_eq!(browser.ask("tracer.app.pick.node.task.tid"), lock["by_tid"]);
    let then = browser.ask(
        "(({ pick: { track, i }, data }) => [data.starts[i], data.starts[i + 1]])(tracer.app)",
    );
    assert!(then[0].as_f64() <= from.as_f64() && from.as_f64() < then[1].as_f64(), "{then} {from}");
    assert_eq!(browser.complaints, Vec::<Value>::new());
}

/// Shows a signal that one task sent to another, and tells where its sign is, and who sent it.
const A_SIGNAL: &str = "(() => {
    const { app } = tracer;
    for (const node of app.rows.filter((row) => row.kind === 'task')) {
        for (const instant of node.instants) {
            const { signal, at } = instant;
            if (!signal?.sender || signal.sender === node.task.tid) continue;
            tracer.setView(at - 1e5, at + 1e5);
            app.scroller.scrollTop = node.row * app.tall - 100;
            app.scroll = app.scroller.scrollTop;
            tracer.draw();
            const sign = app.signs.find((sign) => sign.instant === instant);
            if (!sign) continue;
            const { left, top } = app.canvas.getBoundingClientRect();
            const { name, fate } = signal.row;
            return { x: left + sign.x, y: top + tracer.rowTop(sign.row) + 7, by: signal.sender, name, fate };
        }
    }
})()";

#[test]
fn a_click_on_a_signal_tells_who_sent_it() {
    let Some((mut browser, _)) = show("signals", &[]) else { return };
    let signal = browser.ask(A_SIGNAL);
    let place = |name: &str| signal[name].as_f64().expect("a signal that is drawn");
    browser.click(place("x"), place("y"));
    let details = browser.ask("document.getElementById('details').textContent");
    for part in ["name", "fate"] {
        let part = signal[part].as_str().expect("text");
        assert!(details.as_str().expect("text").contains(part), "{part}: {details}");
    }
    browser.ask("document.querySelector('button[data-do=sender]').click()");
    assert_eq!(browser.ask("tracer.app.pick.node.task.tid"), signal["by"]);
    assert_eq!(browser.complaints, Vec::<Value>::new());
}
