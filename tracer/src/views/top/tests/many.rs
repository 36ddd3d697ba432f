//! Ten thousand tasks: what is put into words is what is in sight, and what is remembered goes with
//! the tasks.

use crossterm::event::{KeyCode, KeyEvent};

use crate::model::tests::script::{DEAD, IDLE, SLEEP, Script};

use super::super::draw;
use super::*;

const TASKS: u32 = 10_000;

/// Processes of ten threads each; the higher its number, the longer a task ran.
fn many() -> Vec<Row> {
    let run_ns = |tid: u32| u64::from(tid) * 10;
    let of = |tid: u32| thread(tid, tid - (tid - 1) % 10, "worker", run_ns(tid));
    (1..=TASKS).map(of).collect()
}

/// The numbers of the tasks in sight.
fn tids(app: &App) -> Vec<u32> {
    draw::seen(app).map(|(_, _, row)| row.task.tid).collect()
}

#[test]
fn only_rows_in_sight_are_put_into_words_wherever_one_looks() {
    let mut app = App::new(about(), Order::default(), 1_000_000_000, (200, 60));
    app.interval(interval(many()));
    let page = u32::try_from(draw::page(&app)).unwrap();
    assert!((50..60).contains(&page), "{page}");
    let down = |from: u32, count: u32| (0..count).map(|step| from - step).collect::<Vec<_>>();
    assert_eq!(tids(&app), down(TASKS, page));
    app.key(KeyEvent::from(KeyCode::End));
    assert_eq!(tids(&app), down(page, page));
    app.key(KeyEvent::from(KeyCode::Char('t')));
    app.key(KeyEvent::from(KeyCode::Home));
    assert_eq!(
        tids(&app)[..3],
        [1, TASKS - 9, TASKS],
        "the first process, a child of it, a thread of that"
    );
    assert_eq!(tids(&app).len(), page as usize);
    for height in [24, 5, 3, 0] {
        app.resize((80, height));
        assert_eq!(tids(&app).len(), draw::page(&app));
    }
}

/// Each task runs for two ns, one after the other, and every second one dies of it.
fn script() -> Script {
    let mut script = Script::new();
    script.asleep(&(1..=TASKS).collect::<Vec<u32>>());
    for tid in 1..=TASKS {
        let at = u64::from(tid) * 10;
        script.waking(at, 0, tid).switch(at + 1, 0, (IDLE, 0), tid);
        if tid % 2 == 0 {
            script.exit(at + 2, 0, tid, 0).switch(at + 3, 0, (tid, DEAD), IDLE).free(at + 4, tid);
        } else {
            script.switch(at + 3, 0, (tid, SLEEP), IDLE);
        }
    }
    script
}

#[test]
fn ten_thousand_rows_add_up_and_the_dead_are_forgotten() {
    let mut model = after(&script());
    let mut rows = Rows::new(0);
    let end = u64::from(TASKS) * 10 + 100;
    let first = rows.take(&mut model, end);
    assert_eq!(first.rows.len(), TASKS as usize);
    assert_eq!(first.rows.iter().filter(|row| row.task.ended).count(), TASKS as usize / 2);
    for row in &first.rows {
        assert_eq!((row.parts[0], row.parts.iter().sum()), (2, end), "{row:?}");
    }
    assert_eq!(rows.remembered(), TASKS as usize / 2);
    assert_eq!(rows.take(&mut model, end + 100).rows.len(), TASKS as usize / 2);
}
