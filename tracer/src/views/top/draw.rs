//! The screen, drawn: only what is seen of it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::views::{duration, units::percent};

use super::app::{App, Typing};
use super::bars::{self, Piece};
use super::columns::{self, Column};
use super::help;
use super::order::Placed;
use super::rows::{CpuRow, Interval, Row};

/// Lines above the bars: what is shown, and what is missing.
const HEAD: usize = 2;

/// Characters of a bar that has words beside it.
const BAR: usize = 24;

/// Width of a CPU that has a bar and its busy share only.
const NARROW: usize = 27;

/// How many lines of the table, of the details, or of the help are seen at a time.
pub fn page(app: &App) -> usize {
    let height = usize::from(app.size.1);
    let above = if app.help { 1 } else { HEAD + bar_lines(app) + 1 };
    height.saturating_sub(above + 1)
}

/// How many lines there are to scroll through.
pub fn lines(app: &App) -> usize {
    if app.help {
        help::lines().len()
    } else if app.watched.is_some() {
        detail_lines(app).len()
    } else {
        app.placed.len()
    }
}

/// Draws it.
pub fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let mut canvas = Canvas { area, buffer, row: 0 };
    if app.help {
        canvas.line("tracer top: help", bold());
        for line in help::lines().iter().skip(app.first).take(page(app)) {
            canvas.line(line, Style::new());
        }
    } else {
        head(app, &mut canvas);
        cpus(app, &mut canvas);
        if app.watched.is_some() {
            details(app, &mut canvas);
        } else {
            table(app, &mut canvas);
        }
    }
    foot(app, &mut canvas);
}

/// Where lines go, one after the other.
struct Canvas<'a> {
    area: Rect,
    buffer: &'a mut Buffer,
    row: u16,
}

impl Canvas<'_> {
    fn line(&mut self, text: &str, style: Style) {
        let row = self.row;
        self.row = self.row.saturating_add(1);
        self.put(row, 0, text, style);
        if style != Style::new() && row < self.area.height {
            let line = Rect { y: self.area.y + row, height: 1, ..self.area };
            self.buffer.set_style(line, style);
        }
    }

    fn put(&mut self, row: u16, column: usize, text: &str, style: Style) {
        let width = usize::from(self.area.width);
        if let Ok(x) = u16::try_from(column)
            && row < self.area.height
            && column < width
        {
            let (x, y) = (self.area.x + x, self.area.y + row);
            self.buffer.set_stringn(x, y, text, width - column, style);
        }
    }
}

fn bold() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

fn alarm() -> Style {
    Style::new().fg(Color::White).bg(Color::Red).add_modifier(Modifier::BOLD)
}

fn head(app: &App, canvas: &mut Canvas<'_>) {
    if !app.begun {
        canvas.line(&format!("tracer top: {}", app.about.whom), bold());
        canvas.line("", Style::new());
        return;
    }
    canvas.line(&summary(&app.interval, &app.about.whom, app.held), bold());
    let (text, lossy) = loss(&app.interval);
    canvas.line(&text, if lossy { alarm() } else { Style::new() });
}

/// The first line.
pub fn summary(interval: &Interval, whom: &str, held: bool) -> String {
    let length_ns = interval.length_ns().max(1);
    let per_second = u128::from(interval.events) * 1_000_000_000 / u128::from(length_ns);
    let own = u128::from(interval.own_ns) * 1000 / u128::from(length_ns);
    let own = percent(u64::try_from(own).unwrap_or(u64::MAX));
    let alive = interval.rows.iter().filter(|row| !row.task.ended).count();
    let ended = interval.rows.len() - alive;
    let held = if held { "  HELD" } else { "" };
    format!(
        "tracer top: {whom}  at {}, {} long  {alive} tasks, {ended} ended  {per_second} events/s  \
         tracer {own}% of a CPU{held}",
        duration(interval.to_ns),
        duration(interval.length_ns()),
    )
}

/// The second line, and whether it is alarming.
pub fn loss(interval: &Interval) -> (String, bool) {
    let Interval { lost, losing, lost_in_all, .. } = *interval;
    if interval.is_lossy() {
        let missing = if lost > 0 {
            format!("LOST {lost} records of this interval")
        } else {
            format!("LOSING: {losing} records could not be sent")
        };
        let text = format!(
            "{missing}, {lost_in_all} in all (--realtime 1 helps): counts are at least, UNK% is not known"
        );
        return (text, true);
    }
    match lost_in_all {
        0 => ("no records lost".to_owned(), false),
        _ => (format!("no records lost in this interval, {lost_in_all} before"), false),
    }
}

/// Lines of bars: at most a third of the window.
fn bar_lines(app: &App) -> usize {
    let (count, most) = (app.interval.cpus.len(), (usize::from(app.size.1) / 3).max(1));
    if count <= most {
        return count;
    }
    let narrow = count.div_ceil((usize::from(app.size.0) / NARROW).max(1));
    if narrow <= most { narrow } else { 1 }
}

fn cpus(app: &App, canvas: &mut Canvas<'_>) {
    let (cpus, lines) = (&app.interval.cpus, bar_lines(app));
    let top = canvas.row;
    canvas.row += u16::try_from(lines).unwrap_or_default();
    let words = |cpu: &CpuRow| bars::words(cpu, app.about.irqs, app.about.all);
    if lines == cpus.len() {
        for (row, cpu) in (top..).zip(cpus) {
            one_bar(canvas, (row, 0), &format!("{:>4}", cpu.number), BAR, cpu);
            canvas.put(row, 4 + BAR + 3, &words(cpu), Style::new());
        }
    } else if lines == 1 {
        let sum = bars::sum(cpus);
        one_bar(canvas, (top, 0), " all", BAR, &sum);
        canvas.put(top, 4 + BAR + 3, &words(&sum), Style::new());
    } else {
        let columns = cpus.len().div_ceil(lines);
        for (place, cpu) in cpus.iter().enumerate() {
            let row = top + u16::try_from(place / columns).unwrap_or_default();
            let column = place % columns * NARROW;
            one_bar(canvas, (row, column), &format!("{:>4}", cpu.number), NARROW - 13, cpu);
            let busy = percent(bars::tenths(cpu)[0]);
            canvas.put(row, column + NARROW - 6, &format!("{busy:>5}"), Style::new());
        }
    }
}

fn one_bar(
    canvas: &mut Canvas<'_>,
    (row, column): (u16, usize),
    name: &str,
    width: usize,
    cpu: &CpuRow,
) {
    canvas.put(row, column, name, Style::new());
    canvas.put(row, column + 4, "[", Style::new());
    for (place, piece) in bars::bar(cpu, width).into_iter().enumerate() {
        let style = match piece {
            Piece::Busy => Style::new().fg(Color::Green),
            Piece::Irq => Style::new().fg(Color::Red),
            Piece::Softirq => Style::new().fg(Color::Magenta),
            Piece::Other => Style::new().fg(Color::DarkGray),
            Piece::Unknown => Style::new().fg(Color::Yellow).add_modifier(Modifier::REVERSED),
            Piece::Idle => Style::new().add_modifier(Modifier::DIM),
        };
        canvas.put(row, column + 5 + place, piece.letter().encode_utf8(&mut [0; 4]), style);
    }
    canvas.put(row, column + 5 + width, "]", Style::new());
}

fn table(app: &App, canvas: &mut Canvas<'_>) {
    let columns = Column::fitting(usize::from(app.size.0));
    let headings: Vec<String> = columns.iter().map(|&column| heading(app, column)).collect();
    canvas.line(&columns::line(&headings, &columns), Style::new().add_modifier(Modifier::REVERSED));
    if !app.begun {
        let first = duration(app.length_ns);
        canvas.line(&format!("the first interval is not over yet: {first} long"), Style::new());
    } else if app.placed.is_empty() {
        canvas.line("no such task", Style::new());
    }
    for (place, placed, row) in seen(app) {
        let mut cells = columns::cells(row, &columns, app.about.irqs);
        if placed.depth > 0
            && let Some(name) = cells.last_mut()
        {
            name.insert_str(0, &format!("{}`- ", "   ".repeat(placed.depth.min(20) - 1)));
        }
        let style = match () {
            () if place == app.cursor => bold().bg(Color::Blue).fg(Color::White),
            () if row.task.ended => Style::new().add_modifier(Modifier::DIM),
            () => Style::new(),
        };
        canvas.line(&columns::line(&cells, &columns), style);
    }
}

/// The rows that are in sight, with their places: all that is put into words of however many.
pub(super) fn seen(app: &App) -> impl Iterator<Item = (usize, &Placed, &Row)> {
    let places = app.placed.iter().enumerate().skip(app.first).take(page(app));
    places.filter_map(|(place, placed)| Some((place, placed, app.interval.rows.get(placed.row)?)))
}

/// The one that is sorted by is marked.
fn heading(app: &App, column: Column) -> String {
    if column != app.order.column {
        return column.heading().to_owned();
    }
    let mark = if column.descends() == app.order.turned { '^' } else { 'v' };
    let heading = format!("{mark}{}", column.heading());
    // Where there is no room for the mark, it takes that of the percent sign.
    if heading.len() > column.width() { heading.trim_end_matches('%').to_owned() } else { heading }
}

fn detail_lines(app: &App) -> Vec<(String, bool)> {
    let Some(details) = &app.details else { return Vec::new() };
    let mut lines = Vec::new();
    for (heading, texts) in &details.sections {
        lines.push(((*heading).to_owned(), true));
        let texts = if texts.is_empty() { vec!["-".to_owned()] } else { texts.clone() };
        lines.extend(texts.into_iter().map(|text| (format!("    {text}"), false)));
    }
    lines
}

fn details(app: &App, canvas: &mut Canvas<'_>) {
    let of_it = |row: &&Row| Some(row.task.id) == app.watched;
    let row = app.interval.rows.iter().find(of_it);
    let gone = if app.begun && row.is_none_or(|row| row.task.ended) { "  GONE" } else { "" };
    let title = app.details.as_ref().map_or("one moment", |details| &details.title);
    canvas.line(&format!("{title}{gone}"), Style::new().add_modifier(Modifier::REVERSED));
    for (line, heading) in detail_lines(app).iter().skip(app.first).take(page(app)) {
        canvas.line(line, if *heading { bold() } else { Style::new() });
    }
}

fn foot(app: &App, canvas: &mut Canvas<'_>) {
    canvas.row = canvas.area.height.saturating_sub(1);
    let text = match &app.typing {
        Some((Typing::Filter, text)) => {
            format!("filter (NAME, N, tid:N, pid:N, comm:NAME): {text}_")
        }
        Some((Typing::Sort, text)) => format!("sort by column: {text}_"),
        Some((Typing::Length, text)) => format!("interval (2s, 500ms): {text}_"),
        None if !app.message.is_empty() => app.message.clone(),
        None if app.help || app.watched.is_some() => "Esc back  q quit".to_owned(),
        None => {
            let mut text = String::from("q quit  ? help  Enter details  / filter  s sort  t tree");
            if !app.order.filter.is_empty() {
                text.extend(["  [filter: ", app.order.filter.words(), "]"]);
            }
            if app.order.only_active {
                text.push_str("  [active only]");
            }
            let (at, of) = (app.cursor + usize::from(!app.placed.is_empty()), app.placed.len());
            format!("{text}  {at}/{of}")
        }
    };
    canvas.line(&text, Style::new().add_modifier(Modifier::DIM));
}
