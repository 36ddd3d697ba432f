//! Screens, keys and sums of `tracer top`.

mod keys;
mod light;
mod many;
mod screens;
mod sums;

use crate::model::Model;
use crate::model::lives::LifeId;
use crate::model::state::{Sleep, State};
use crate::model::tests::script::Script;
use crate::model::watch::{Figures, Glimpse};

use super::rows::{CpuRow, GONE, PARTS, Row};
use super::{About, App, Interval, Order, Rows};

/// A task that ran for `run_ns` of a second and slept for the rest.
fn task(tid: u32, comm: &str, run_ns: u64) -> Row {
    let mut parts = [0; PARTS];
    (parts[0], parts[2]) = (run_ns, 1_000_000_000 - run_ns);
    let figures =
        Figures { voluntary: u64::from(tid), delays: 2, delay_ns: 9_000, ..Figures::default() };
    let task = Glimpse {
        id: LifeId::made_up(tid),
        tid,
        tgid: tid,
        parent_tgid: 1,
        kernel: false,
        comm: comm.to_owned(),
        state: State::Sleeping(Sleep::Interruptible),
        cpu: Some(1),
        ended: false,
        figures,
    };
    Row { task, parts }
}

fn thread(tid: u32, leader: u32, comm: &str, run_ns: u64) -> Row {
    let mut row = task(tid, comm, run_ns);
    row.task.tgid = leader;
    row
}

fn about() -> About {
    About { whom: "all tasks".to_owned(), all: true, irqs: true, futexes: false }
}

/// A second with these tasks, and two CPUs.
fn interval(rows: Vec<Row>) -> Interval {
    let cpu = |number, busy_ns| CpuRow {
        number,
        busy_ns,
        irq_ns: 100_000_000,
        idle_ns: 900_000_000 - busy_ns,
        ..CpuRow::default()
    };
    Interval {
        from_ns: 1_000_000_000,
        to_ns: 2_000_000_000,
        events: 1234,
        own_ns: 20_000_000,
        cpus: vec![cpu(0, 500_000_000), cpu(1, 0)],
        rows,
        ..Interval::default()
    }
}

fn three() -> Vec<Row> {
    vec![
        task(10, "make", 1_000_000),
        task(20, "cc1", 700_000_000),
        thread(21, 20, "cc1", 20_000_000),
    ]
}

fn app(rows: Vec<Row>) -> App {
    let mut app = App::new(about(), Order::default(), 1_000_000_000, (120, 20));
    app.interval(interval(rows));
    app
}

/// The model after all events of a script.
fn after(script: &Script) -> Model {
    let mut model = Model::new(&script.start);
    model.watch();
    script.events.iter().for_each(|event| model.apply(event));
    model
}
