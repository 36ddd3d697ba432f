//! Events as they happen.

use tests::program::{Ended, run};
use tests::{can_trace, skip, tracer};

/// What `tracer live --json` says of a command; `None` if this tracer has no such command.
fn live(command: &[&str]) -> Option<Ended> {
    if !can_trace() {
        return None;
    }
    if run(tracer().args(["live", "--help"])).code != 0 {
        skip("this tracer has no live command");
        return None;
    }
    Some(run(tracer().args(["live", "--json", "--"]).args(command)))
}

#[test]
fn every_line_is_an_object_and_the_life_of_a_child_is_told() {
    let Some(ended) = live(&["sh", "-c", "/bin/true; exit 6"]) else { return };
    assert_eq!(ended.code, 6, "{ended:?}");
    let lines: Result<Vec<serde_json::Value>, _> =
        ended.stdout.lines().map(serde_json::from_str).collect();
    let lines = lines.expect("JSON on every line");
    assert!(lines.iter().all(serde_json::Value::is_object));
    for word in ["newtask", "exec", "exit"] {
        let named = |value: &serde_json::Value| value.as_str().is_some_and(|text| text == word);
        let told = lines.iter().any(|line| line.as_object().is_some_and(|o| o.values().any(named)));
        assert!(told, "no {word} in {}", ended.stdout);
    }
}
