//! Command lines, good and bad.

use alloc::string::ToString as _;
use core::time::Duration;

use super::*;

static PROGRAM: Program = Program {
    name: "sample",
    about: "Does this and that.",
    options: &[
        Opt { name: "threads", value: "N", default: "4", help: "Threads" },
        Opt { name: "hold", value: "TIME", default: "2ms", help: "How long" },
        Opt { name: "by", value: "HOW", default: "futex", help: "futex or pipe" },
        Opt { name: "quiet", value: "", default: "", help: "Say nothing" },
    ],
    examples: &["--threads 8", "--quiet"],
};

fn args(words: &[&'static str]) -> Result<Args, String> {
    match parse(&PROGRAM, words.iter().copied()) {
        Ok(Asked::Run(args)) => Ok(args),
        Ok(Asked::Help) => Err("help".to_owned()),
        Err(failure) => {
            assert_eq!(failure.status(), 2, "{failure}");
            Err(failure.to_string())
        }
    }
}

#[test]
fn what_is_not_given_has_its_default() {
    let args = args(&[]).unwrap();
    assert_eq!(args.number("threads", 1..=9), Ok(4));
    assert_eq!(args.time("hold", Duration::ZERO..=Duration::MAX), Ok(Duration::from_millis(2)));
    assert_eq!(args.choice("by", &[("pipe", 1), ("futex", 2)]), Ok(2));
    assert!(!args.is_on("quiet"));
    assert_eq!(args.truth(), None);
}

#[test]
fn what_is_given_counts() {
    let words = ["--threads", "9", "--hold=3us", "--by", "pipe", "--quiet", "--truth", "/t"];
    let args = args(&words).unwrap();
    assert_eq!(args.count("threads", 1..=9), Ok(9));
    assert_eq!(args.time("hold", Duration::ZERO..=Duration::MAX), Ok(Duration::from_micros(3)));
    assert_eq!(args.choice("by", &[("pipe", 1), ("futex", 2)]), Ok(1));
    assert!(args.is_on("quiet"));
    assert_eq!(args.truth(), Some("/t"));
}

#[test]
fn command_lines_that_are_wrong_are_refused_with_the_word() {
    for (words, says) in [
        (&["--thread", "2"][..], "unexpected --thread; `sample --help` lists the options"),
        (&["-t"], "unexpected -t; `sample --help` lists the options"),
        (&["two"], "unexpected two; `sample --help` lists the options"),
        (&["--threads"], "option requires a value: --threads"),
        (&["--quiet=no"], "option does not require a value: --quiet"),
        (&["--by", "pipe", "--by", "futex"], "--by is given twice"),
        (&["--truth"], "option requires a value: --truth"),
    ] {
        assert_eq!(args(words).err().as_deref(), Some(says), "{words:?}");
    }
}

#[test]
fn numbers_outside_their_range_are_refused() {
    for word in ["0", "10", "-1", "4.0", "4x", "", " 4", "99999999999999999999"] {
        let args = args(&["--threads", word]).unwrap();
        let refused = args.number("threads", 1..=9).unwrap_err();
        let says = format!("--threads {word}: not a whole number from 1 to 9");
        assert_eq!(refused, Failure::Usage(says));
    }
}

#[test]
fn times_need_a_unit_and_their_range() {
    let range = Duration::from_micros(1)..=Duration::from_secs(1);
    for word in ["3", "ms", "-3ms", "3 ms", "3m", "0us", "999ns", "2s", "3.5ms"] {
        let args = args(&["--hold", word]).unwrap();
        assert!(matches!(args.time("hold", range.clone()), Err(Failure::Usage(_))), "{word}");
    }
}

#[test]
fn choices_are_listed_when_another_is_made() {
    let args = args(&["--by", "mail"]).unwrap();
    let refused = args.choice("by", &[("pipe", 1), ("futex", 2)]).unwrap_err();
    assert_eq!(refused, Failure::Usage("--by mail: not one of pipe, futex".to_owned()));
}

#[test]
fn help_lists_everything() {
    assert_eq!(args(&["--threads", "0", "--help"]).err().as_deref(), Some("help"));
    let help = PROGRAM.to_string();
    for word in ["sample", "--threads N", "[default: 4]", "--truth FILE", "sample --quiet"] {
        assert!(help.contains(word), "{word} in\n{help}");
    }
}
