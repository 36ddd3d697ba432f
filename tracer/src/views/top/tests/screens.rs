//! What is on the screen.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Cell;
use ratatui::style::Color;

use super::super::{Details, batch, draw};
use super::*;

fn drawn(app: &App) -> TestBackend {
    let (width, height) = app.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw::draw(app, frame.area(), frame.buffer_mut())).unwrap();
    terminal.backend().clone()
}

fn lines(app: &App) -> Vec<String> {
    let backend = drawn(app);
    let cells = backend.buffer().content().chunks(usize::from(app.size.0));
    let line = |cells: &[Cell]| cells.iter().map(Cell::symbol).collect();
    cells.map(line).map(|line: String| line.trim_end().to_owned()).collect()
}

#[test]
fn tasks_and_cpus_of_an_interval() {
    let mut app = app(three());
    app.resize((100, 10));
    let expected = [
        "tracer top: all tasks  at 2.000s, 1.000s long  3 tasks, 0 ended  1234 events/s  tracer 2.0% of a CPU",
        "no records lost",
        "   0[||||||||||||ii..........] busy 50.0  irq 10.0  softirq    -  idle 40.0",
        "   1[ii......................] busy    -  irq 10.0  softirq    -  idle 90.0",
        "    TID S vRUN%  RDY%  SLP%  DSK%  STP%  TRC%  ZOM%  UNK% GONE%   DELAY    VOL COMM",
        "     20 S  70.0     -  30.0     -     -     -     -     -     - 4.500us     20 cc1",
        "     21 S   2.0     -  98.0     -     -     -     -     -     - 4.500us     21 cc1",
        "     10 S   0.1     -  99.9     -     -     -     -     -     - 4.500us     10 make",
        "",
        "q quit  ? help  Enter details  / filter  s sort  t tree  1/3",
    ];
    assert_eq!(lines(&app), expected);
}

#[test]
fn loss_is_on_the_screen_in_red() {
    let mut app = app(three());
    let lossy = Interval { lost: 77, losing: 5, lost_in_all: 177, ..interval(three()) };
    app.interval(lossy);
    let shown = lines(&app);
    assert!(shown[1].starts_with("LOST 77 records of this interval, 177 in all"), "{shown:?}");
    assert_eq!(drawn(&app).buffer()[(0, 1)].bg, Color::Red);
    app.interval(Interval { losing: 5, lost_in_all: 182, ..interval(three()) });
    assert!(lines(&app)[1].starts_with("LOSING: 5 records could not be sent, 182 in all"));
    app.interval(Interval { lost_in_all: 182, ..interval(three()) });
    assert_eq!(lines(&app)[1], "no records lost in this interval, 182 before");
}

#[test]
fn eighty_columns_have_room_for_all_shares_and_the_name() {
    let mut app = app(three());
    app.resize((80, 24));
    let shown = lines(&app);
    let heading = "    TID S vRUN%  RDY%  SLP%  DSK%  STP%  TRC%  ZOM%  UNK% GONE% COMM";
    assert_eq!(shown[4], heading);
    assert!(shown[5].ends_with("cc1"));
}

#[test]
fn many_cpus_have_narrow_bars_and_very_many_one() {
    let mut app = app(three());
    let cpus = |count: u16| {
        let busy_ns = 500_000_000;
        let one = |number| CpuRow { number, busy_ns, idle_ns: busy_ns, ..CpuRow::default() };
        (0..count).map(one).collect()
    };
    app.interval(Interval { cpus: cpus(16), ..interval(three()) });
    app.resize((110, 30));
    let shown = lines(&app);
    for line in &shown[2..6] {
        assert_eq!((line.matches('[').count(), line.matches("50.0").count()), (4, 4), "{shown:?}");
    }
    assert!(shown[6].starts_with("    TID"), "{shown:?}");
    app.interval(Interval { cpus: cpus(500), ..interval(three()) });
    assert!(lines(&app)[2].starts_with(" all[||||||||||||............] busy 50.0"));
}

#[test]
fn details_of_a_task_and_that_it_is_gone() {
    let mut app = app(three());
    app.watched = Some(LifeId::made_up(20));
    let sections = vec![("Woken by", vec!["21 cc1  3 times".to_owned()]), ("Sleeps in", vec![])];
    let title = "20 cc1".to_owned();
    app.details(Details { id: LifeId::made_up(20), title, sections });
    let shown = lines(&app);
    assert_eq!(shown[4..9], ["20 cc1", "Woken by", "    21 cc1  3 times", "Sleeps in", "    -"]);
    app.interval(interval(vec![]));
    assert_eq!(lines(&app)[4], "20 cc1  GONE");
}

#[test]
fn a_name_cannot_move_the_cursor() {
    let rows = vec![task(5, "a\x1b[2Jb\nc", 1)];
    let mut text = Vec::new();
    let order = Order::default();
    batch::screen(&mut text, &interval(rows.clone()), (&about(), &order), None).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("a?[2Jb?c\n"), "{text}");
    assert!(lines(&app(rows))[5].ends_with("a?[2Jb?c"));
}

#[test]
fn any_size_can_be_drawn() {
    let mut app = app(three());
    for size in [(0, 0), (1, 1), (5, 3), (300, 2), (2, 100)] {
        for help in [false, true] {
            app.help = help;
            app.resize(size);
            drawn(&app);
        }
    }
}

#[test]
fn text_has_all_columns_and_says_what_is_left_out() {
    let mut text = Vec::new();
    let order = Order::default();
    batch::screen(&mut text, &interval(three()), (&about(), &order), Some(1)).unwrap();
    let text = String::from_utf8(text).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[2], "cpu 0    busy 50.0  irq 10.0  softirq    -  idle 40.0");
    assert!(lines[4].contains("UNK%") && lines[4].ends_with("CPU COMM"), "{text}");
    assert!(lines[5].starts_with("     20      20 S  70.0"), "{text}");
    assert_eq!(lines[6..], ["  … 2 more, --top", ""]);
}
