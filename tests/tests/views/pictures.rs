//! What pictures say: pages, graphs, flame graphs. The page's numbers are those that it draws from,
//! asked in a real browser.

use std::path::Path;

use serde_json::Value;
use tests::browser::{Browser, chromium};
use tests::perfetto::{ask, trace_processor};
use tests::program::run;
use tests::tracer;

use super::{Facts, output};

/// The sums of what the page draws; nothing where there is no browser.
pub(crate) fn html(file: &Path) -> Option<Facts> {
    let program = chromium()?;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let page = dir.path().join("page.html");
    let written = run(tracer().arg("export").arg(file).arg("-o").arg(&page)).succeeded();
    assert_eq!(written.stdout, "");
    let mut browser = Browser::open(&program, &page, [1400, 900], false);
    let mut facts = Facts::new();
    for sums in browser.ask("tracer.sums()").as_array().expect("sums") {
        for (state, ns) in sums["states_ns"].as_object().expect("states") {
            let ns = ns.as_u64().expect("a number");
            if ns > 0 {
                facts.insert(format!("ns {} {state}", sums["tid"]), ns);
            }
        }
    }
    assert_eq!(browser.complaints, Vec::<Value>::new());
    Some(facts)
}

/// Boxes and the lines from creators.
pub(crate) fn dot(file: &Path) -> Facts {
    let graph = output(file, &["export", "-f", "dot", "--inactive"]);
    let count = |is: fn(&&str) -> bool| graph.lines().filter(is).count() as u64;
    let task = |line: &&str| line.trim_start().starts_with('t') && !line.contains("->");
    let created = |line: &&str| line.contains("-> t") && !line.contains("dashed");
    Facts::from([("tasks".to_owned(), count(task)), ("created".to_owned(), count(created))])
}

/// The width of the whole.
pub(crate) fn flamegraph(file: &Path) -> Facts {
    let svg = output(file, &["export", "-f", "flamegraph", "--inactive"]);
    let (_, all) = svg.split_once("<title>all (").expect("the whole");
    let (ns, _) = all.split_once(" ns").expect("its unit");
    Facts::from([("off-cpu-sum".to_owned(), ns.replace(',', "").parse().expect("a number"))])
}

/// What Perfetto's own reader counts and sums; nothing where it is not here.
pub(crate) fn perfetto(file: &Path) -> Option<Facts> {
    let reader = trace_processor()?;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let trace = dir.path().join("trace.pftrace");
    let written = run(tracer().arg("export").arg(file).arg("-o").arg(&trace)).succeeded();
    assert_eq!(written.stdout, "");
    let queries = [
        "select tid, state, sum(dur) from thread_state join thread using (utid)
         where dur > 0 and state != 'X' group by 1, 2",
        "select count(distinct utid) from thread_state where utid > 0",
        "select (select count(*) from slice where category = 'clone'),
         (select count(*) from slice where category = 'exit')",
    ];
    let [states, tasks, ends] = &ask(&reader, &trace, &queries.map(str::to_owned))[..] else {
        unreachable!("an answer to each query")
    };
    let number = |value: &Value| value.as_u64().expect("a number");
    let mut facts = Facts::from([
        ("tasks".to_owned(), number(&tasks[0][0])),
        ("born".to_owned(), number(&ends[0][0])),
        ("exits".to_owned(), number(&ends[0][1])),
    ]);
    for row in states {
        let state = match row[1].as_str().expect("a state") {
            "Running" => "running",
            "R" | "R+" => "runnable",
            "S" | "I" | "P" => "sleeping",
            "D" => "uninterruptible",
            "T" => "stopped",
            "t" => "traced",
            "Z" => "zombie",
            _ => "unknown",
        };
        *facts.entry(format!("ns {} {state}", row[0])).or_default() += number(&row[2]);
    }
    Some(facts)
}
