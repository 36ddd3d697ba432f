//! Times by the program's own clock that the report has in its own terms.
//!
//! Only a zombie's: `zombie` is from before its end until after the wait for it, `zombie_least` is
//! when it certainly was one. What else a program measured has no row of its own; its tests look.

use workloads::truth::Span;

use super::Differences;
use super::pairs::Pair;

/// Compares the spans that have a counterpart.
pub(super) fn compare(spans: &[Span], pairs: &[Pair<'_>], found: &mut Differences) {
    for span in spans {
        // A number can be used again: then it is the last of its tasks that was there by then.
        let is = |pair: &&Pair<'_>| {
            u64::from(pair.truth.tid) == span.of && pair.report.from_ns <= span.from_ns
        };
        let of = |what: &str| pairs.iter().rfind(is).filter(|_| span.what == what);
        if let Some(pair) = of("zombie") {
            all(span, pair, found);
        }
        if let Some(pair) = of("zombie_least") {
            let zombie = pair.report.states_ns.get("zombie").copied();
            let least = Some(span.to_ns - span.from_ns);
            found.at_most(pair, "a zombie for at least its time", [least, zombie]);
        }
    }
}

fn all(span: &Span, pair: &Pair<'_>, found: &mut Differences) {
    let exit = pair.report.exit.as_ref();
    let began = exit.map(|exit| exit.at_ns);
    found.at_most(pair, "ended after its time as a zombie began", [Some(span.from_ns), began]);
    let reaped = exit.and_then(|exit| exit.reaped_ns);
    found.equal(pair, "was waited for", true, reaped.is_some());
    found.at_most(pair, "waited for before its time as a zombie ended", [reaped, Some(span.to_ns)]);
}
