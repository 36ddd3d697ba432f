//! What `tracer doctor` prints.

use std::io::{self, Write};

use serde::Serialize;

use crate::probe::doctor::{Check, Examination, State};

/// Where lines are broken.
const WIDTH: usize = 100;

/// How the state of a check is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    /// One sign each, for terminals: ✓ ! ✗ ·
    Signs,
    /// Words, for everything else.
    Words,
}

impl Marks {
    /// All of the same width.
    fn of(self, state: State) -> &'static str {
        match (self, state) {
            (Self::Signs, State::Ok) => "✓",
            (Self::Signs, State::Warning) => "!",
            (Self::Signs, State::Failed) => "✗",
            (Self::Signs, State::Off) => "·",
            (Self::Words, State::Ok) => "ok  ",
            (Self::Words, State::Warning) => "warn",
            (Self::Words, State::Failed) => "FAIL",
            (Self::Words, State::Off) => "off ",
        }
    }
}

/// Prints it for people.
///
/// # Errors
/// `out` cannot be written.
pub fn text(found: &Examination, marks: Marks, out: &mut dyn Write) -> io::Result<()> {
    let Examination { version, kernel, machine, checks, .. } = found;
    writeln!(out, "tracer {version} on Linux {kernel} {machine}\n")?;
    let names = checks.iter().map(|check| check.name.chars().count()).max().unwrap_or(0);
    for check in checks {
        one(check, marks, names, out)?;
    }
    writeln!(out, "\n{}", verdict(found))
}

/// Writes it as one JSON object.
///
/// # Errors
/// `out` cannot be written.
pub fn json(found: &Examination, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        schema: u32,
        #[serde(flatten)]
        found: &'a Examination,
    }
    serde_json::to_writer_pretty(&mut *out, &Document { schema: 1, found })?;
    writeln!(out)
}

fn one(check: &Check, marks: Marks, names: usize, out: &mut dyn Write) -> io::Result<()> {
    let mark = marks.of(check.state);
    let indent = mark.chars().count() + names + 3;
    let room = WIDTH.saturating_sub(indent + 2);
    let mut head = format!("{mark} {:names$}  ", check.name);
    for line in wrapped(&check.detail, room) {
        writeln!(out, "{head}{line}")?;
        head = " ".repeat(indent);
    }
    let Some(remedy) = &check.remedy else { return Ok(()) };
    let mut arrow = if marks == Marks::Signs { "→ " } else { "> " };
    for line in wrapped(remedy, room) {
        writeln!(out, "{:indent$}{arrow}{line}", "")?;
        arrow = "  ";
    }
    Ok(())
}

fn verdict(found: &Examination) -> String {
    let count = |state| found.checks.iter().filter(|check| check.state == state).count();
    let plural = |count| if count == 1 { "" } else { "s" };
    let (failed, warnings) = (count(State::Failed), count(State::Warning));
    match (found.usable, warnings) {
        (true, 0) => "tracer works here.".to_owned(),
        (true, _) => format!("tracer works here, with {warnings} warning{}.", plural(warnings)),
        (false, _) => {
            format!("tracer does not work here: {failed} check{} failed.", plural(failed))
        }
    }
}

/// A text in lines of at most so many characters, but for words that are longer.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            lines.push(String::new());
            used = 0;
        }
        let Some(line) = lines.last_mut() else { continue };
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += length;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, state: State, detail: &str, remedy: Option<&str>) -> Check {
        let (name, detail) = (name.to_owned(), detail.to_owned());
        Check { name, state, detail, remedy: remedy.map(str::to_owned) }
    }

    fn found() -> Examination {
        Examination {
            usable: false,
            version: "1.0",
            kernel: "6.1.0".to_owned(),
            machine: "x86_64".to_owned(),
            checks: vec![
                check("kernel", State::Ok, "new enough", None),
                check("privileges", State::Failed, "none", Some("sudo tracer doctor")),
                check("clock", State::Warning, "hpet", None),
                check("costs", State::Off, "not measured", Some("sysctl -w a=1")),
            ],
            trial: None,
        }
    }

    fn shown(found: &Examination, marks: Marks) -> String {
        let mut out = Vec::new();
        text(found, marks, &mut out).expect("memory can be written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn columns_are_aligned_with_words() {
        let expected = "\
tracer 1.0 on Linux 6.1.0 x86_64

ok   kernel      new enough
FAIL privileges  none
                 > sudo tracer doctor
warn clock       hpet
off  costs       not measured
                 > sysctl -w a=1

tracer does not work here: 1 check failed.
";
        assert_eq!(shown(&found(), Marks::Words), expected);
    }

    #[test]
    fn columns_are_aligned_with_signs() {
        let shown = shown(&found(), Marks::Signs);
        let expected = "✗ privileges  none\n              → sudo tracer doctor\n! clock ";
        assert!(shown.contains(expected), "{shown}");
    }

    #[test]
    fn the_verdict_counts() {
        let mut found = found();
        found.checks.remove(1);
        found.usable = true;
        assert_eq!(verdict(&found), "tracer works here, with 1 warning.");
        found.checks.remove(1);
        assert_eq!(verdict(&found), "tracer works here.");
    }

    #[test]
    fn long_lines_are_broken_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("incomprehensible", 7), ["incomprehensible"]);
        assert_eq!(wrapped("", 7), [""]);
    }

    #[test]
    fn json_has_a_schema_and_plain_words() {
        let mut out = Vec::new();
        json(&found(), &mut out).expect("memory can be written");
        let value: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        assert_eq!(value["schema"], 1);
        assert_eq!(value["checks"][1]["state"], "failed");
        assert_eq!(value["checks"][0]["remedy"], serde_json::Value::Null);
        assert_eq!(value["trial"], serde_json::Value::Null);
    }
}
