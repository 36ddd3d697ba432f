//! What pictures say: pages, graphs, flame graphs. The page's numbers are those that it draws from,
//! asked in a real browser.

use std::path::Path;

use serde_json::Value;
use tests::browser::{Browser, chromium};
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
