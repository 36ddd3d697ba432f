//! What keys do.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::super::{Action, Column};
use super::*;

fn press(app: &mut App, keys: &str) -> Option<Action> {
    let codes = keys.chars().map(|key| match key {
        '\n' => KeyCode::Enter,
        '\x1b' => KeyCode::Esc,
        '\x08' => KeyCode::Backspace,
        letter => KeyCode::Char(letter),
    });
    codes.map(|code| app.key(KeyEvent::from(code))).last().flatten()
}

fn control(letter: char) -> KeyEvent {
    KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL)
}

fn tids(app: &App) -> Vec<u32> {
    app.placed.iter().map(|placed| app.interval.rows[placed.row].task.tid).collect()
}

#[test]
fn the_busiest_come_first_and_any_column_sorts() {
    let mut app = app(three());
    assert_eq!(tids(&app), [20, 21, 10]);
    press(&mut app, "stid\n");
    assert_eq!(tids(&app), [10, 20, 21]);
    press(&mut app, "r");
    assert_eq!(tids(&app), [21, 20, 10]);
    press(&mut app, "V");
    assert_eq!(tids(&app), [21, 20, 10]);
    press(&mut app, "sslp%\n");
    assert_eq!(tids(&app), [10, 21, 20]);
    press(&mut app, "snonsense\n");
    assert!(app.message.contains("no column 'nonsense'"), "{}", app.message);
    assert_eq!(app.order.column, Column::Share(2));
    press(&mut app, "<");
    assert_eq!(app.order.column, Column::Share(1));
    press(&mut app, ">>");
    assert_eq!(app.order.column, Column::Share(3));
}

#[test]
fn every_column_is_found_by_its_name_and_heading() {
    for column in Column::ALL {
        assert_eq!(Column::named(column.name()), Some(column));
        assert_eq!(Column::named(column.heading()), Some(column));
    }
    assert_eq!(Column::named("inv"), Some(Column::Involuntary));
    assert_eq!(Column::named("unk"), Some(Column::Share(7)));
    assert_eq!(Column::named("s"), Some(Column::State));
    assert_eq!(Column::named("z"), Some(Column::Share(6)));
    assert_eq!(Column::named(""), None);
    assert_eq!(Column::named("t"), None);
}

#[test]
fn a_filter_is_a_name_or_a_number() {
    let mut app = app(three());
    for (typed, left) in [
        ("/CC\n", vec![20, 21]),
        ("/\x08\x08\x0820\n", vec![20, 21]),
        ("/\x08\x08tid:20\n", vec![20]),
        ("/\x08\x08\x08\x08\x08\x08pid:20,make\n", vec![20, 21, 10]),
        ("\x1b", vec![20, 21, 10]),
        ("/comm:cc\n", vec![]),
    ] {
        press(&mut app, typed);
        assert_eq!(tids(&app), left, "{typed:?}");
    }
    // It is seen while it is typed, and letters are not commands meanwhile.
    press(&mut app, "\x1b/mak");
    assert_eq!(tids(&app), [10]);
    app.key(control('u'));
    assert_eq!(press(&mut app, "q"), None);
    assert_eq!(tids(&app), Vec::<u32>::new());
}

#[test]
fn a_tree_has_threads_under_processes_under_parents() {
    let mut rows = three();
    rows[1].task.parent_tgid = 10;
    let mut app = app(rows);
    press(&mut app, "t");
    let depths: Vec<usize> = app.placed.iter().map(|placed| placed.depth).collect();
    assert_eq!((tids(&app), depths), (vec![10, 20, 21], vec![0, 1, 2]));
    press(&mut app, "/tid:21\n");
    assert_eq!(tids(&app), [10, 20, 21]);
}

#[test]
fn a_tree_shows_everybody_once_whatever_the_parents_are() {
    let mut random = crate::testing::Random(5);
    for _ in 0..300 {
        let rows = (0..12).map(|slot| {
            let mut row = task(1 + slot, "x", random.below(1000));
            row.task.tgid = 1 + u32::try_from(random.below(12)).unwrap();
            row.task.parent_tgid = u32::try_from(random.below(14)).unwrap();
            row.task.ended = random.below(4) == 0;
            row
        });
        let mut app = app(rows.collect());
        press(&mut app, "t");
        let mut shown = tids(&app);
        shown.sort_unstable();
        assert_eq!(shown, (1..13).collect::<Vec<u32>>());
    }
}

#[test]
fn a_held_screen_shows_the_newest_afterwards() {
    let mut app = app(three());
    press(&mut app, " ");
    let newer = Interval { to_ns: 3_000_000_000, ..interval(vec![]) };
    app.interval(newer);
    assert_eq!((app.held, app.interval.to_ns), (true, 2_000_000_000));
    press(&mut app, " ");
    assert_eq!((app.held, app.interval.to_ns, app.placed.len()), (false, 3_000_000_000, 0));
}

#[test]
fn keys_ask_for_things() {
    let mut app = app(three());
    assert_eq!(press(&mut app, "+"), Some(Action::Length(2_000_000_000)));
    assert_eq!(press(&mut app, "d250ms\n"), Some(Action::Length(250_000_000)));
    assert_eq!(press(&mut app, "-----"), Some(Action::Length(100_000_000)));
    assert_eq!(press(&mut app, "dsoon\n"), None);
    assert!(app.message.contains("'soon'"));
    assert_eq!(app.key(control('c')), Some(Action::Quit));
    assert_eq!(app.key(control('z')), Some(Action::Suspend));
    let watched = Some(LifeId::made_up(21));
    assert_eq!(press(&mut app, "j\n"), Some(Action::Watch(watched)));
    assert_eq!(press(&mut app, "?"), None);
    // First out of help, then out of the details.
    assert_eq!(press(&mut app, "\x1b"), None);
    assert_eq!(press(&mut app, "\x1b"), Some(Action::Watch(None)));
    assert_eq!(press(&mut app, "q"), Some(Action::Quit));
}

#[test]
fn the_marked_line_stays_in_sight() {
    let rows: Vec<Row> = (1..200).map(|tid| task(tid, "many", u64::from(tid))).collect();
    let mut app = app(rows);
    for code in [KeyCode::End, KeyCode::PageUp, KeyCode::Down, KeyCode::Home, KeyCode::PageDown] {
        app.key(KeyEvent::from(code));
        let page = super::super::draw::page(&app);
        assert!((app.first..app.first + page).contains(&app.cursor), "{code:?}");
    }
    app.key(KeyEvent::from(KeyCode::End));
    app.interval(interval(three()));
    assert_eq!((app.cursor, app.first), (2, 0));
    app.resize((1, 1));
    app.key(KeyEvent::from(KeyCode::Up));
}
