//! How long a page of `tracer export -f html` takes to open in a real browser and to answer a zoom:
//! `cargo run -p tests --example page PAGE`. `cargo xtask bench --page` makes a large one for it.

use std::io::{self, Write as _, stdout};
use std::path::Path;

use serde_json::Value;
use tests::browser::{Browser, chromium};

/// Zooms from the whole trace to a millionth of it, at three places, and draws each: the times of
/// these, shortest first, ms.
const ZOOMS: &str = "(() => {
    const { app, setView, draw } = tracer;
    const times = [];
    for (const place of [0.1, 0.5, 0.9]) {
        for (let width = 1; width > 1e-6; width /= 1.5) {
            const at = app.end * place, half = app.end * width / 2;
            const before = performance.now();
            setView(Math.max(0, at - half), Math.min(app.end, at + half));
            draw();
            times.push(performance.now() - before);
        }
    }
    return times.sort((one, other) => one - other);
})()";

/// The most that opening may take, ms, and a zoom.
const MOST_MS: (f64, f64) = (3000.0, 100.0);

fn main() -> io::Result<()> {
    let mut out = stdout();
    let Some(page) = std::env::args().nth(1) else {
        return Err(io::Error::other("which page? write: page PAGE.html"));
    };
    let Some(chromium) = chromium() else { return Ok(()) };
    let mut browser = Browser::open(&chromium, Path::new(&page), [1400, 900], false);
    // Since the page was asked for: it has just said that it is ready.
    let opened = browser.ask("performance.now()").as_f64().unwrap_or(f64::INFINITY);
    let intervals = browser.ask("tracer.app.data.starts.length");
    let zooms = browser.ask(ZOOMS);
    let zooms: Vec<f64> =
        zooms.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    let (median, longest) = (zooms[zooms.len() / 2], zooms[zooms.len() - 1]);
    writeln!(
        out,
        "page of {intervals} intervals: opens in {opened:.0} ms (most {:.0}); {} zooms: \
         median {median:.1} ms, longest {longest:.1} ms (most {:.0})",
        MOST_MS.0,
        zooms.len(),
        MOST_MS.1
    )?;
    if opened > MOST_MS.0 || longest > MOST_MS.1 || !browser.complaints.is_empty() {
        return Err(io::Error::other(format!(
            "too slow, or it complains: {:?}",
            browser.complaints
        )));
    }
    Ok(())
}
