//! What is on the screen, and what keys do to it: no terminal, no clock.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::model::lives::LifeId;
use crate::views::duration;

use super::columns::Column;
use super::details::Details;
use super::draw;
use super::filter::Filter;
use super::order::{Order, Placed};
use super::rows::{About, Interval};

/// The shortest interval, ns.
pub const SHORTEST_NS: u64 = 100_000_000;

/// The longest, ns.
pub const LONGEST_NS: u64 = 3_600_000_000_000;

/// What a key asks of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The end.
    Quit,
    /// Stop the process, as the terminal would at `^Z`.
    Suspend,
    /// Intervals of this length, ns.
    Length(u64),
    /// Details of this task from now on, or of none.
    Watch(Option<LifeId>),
}

/// What is being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    /// The filter.
    Filter,
    /// The column to sort by.
    Sort,
    /// The length of the interval.
    Length,
}

/// The state of the screen.
#[derive(Clone, Debug)]
pub struct App {
    /// What is true of all intervals.
    pub about: About,
    /// What is shown.
    pub interval: Interval,
    /// The newest, while the screen is held.
    newest: Option<Interval>,
    /// Whether there has been any.
    pub begun: bool,
    /// Which rows, and how.
    pub order: Order,
    /// The rows in their order.
    pub placed: Vec<Placed>,
    /// The line that is marked, of `placed`.
    pub cursor: usize,
    /// The first line that is seen, of whatever is seen.
    pub first: usize,
    /// Whether the screen is held.
    pub held: bool,
    /// Whether the help page is shown.
    pub help: bool,
    /// The task that is looked at.
    pub watched: Option<LifeId>,
    /// What is known of it, or was last.
    pub details: Option<Details>,
    /// What is being typed.
    pub typing: Option<(Typing, String)>,
    /// What went wrong with what was typed.
    pub message: String,
    /// Length of the intervals to come, ns.
    pub length_ns: u64,
    /// Width and height.
    pub size: (u16, u16),
}

impl App {
    /// Nothing has happened yet.
    pub fn new(about: About, order: Order, length_ns: u64, size: (u16, u16)) -> Self {
        Self {
            about,
            interval: Interval::default(),
            newest: None,
            begun: false,
            order,
            placed: Vec::new(),
            cursor: 0,
            first: 0,
            held: false,
            help: false,
            watched: None,
            details: None,
            typing: None,
            message: String::new(),
            length_ns,
            size,
        }
    }

    /// An interval is over.
    pub fn interval(&mut self, interval: Interval) {
        if self.held && self.begun {
            self.newest = Some(interval);
        } else {
            self.show(interval);
        }
    }

    /// What is known of the task that is looked at, without waiting for the interval's end.
    pub fn details(&mut self, details: Details) {
        if self.watched == Some(details.id) {
            self.details = Some(details);
        }
    }

    /// The window has another size.
    pub fn resize(&mut self, size: (u16, u16)) {
        self.size = size;
        self.keep_in_sight();
    }

    /// A key was pressed.
    pub fn key(&mut self, key: KeyEvent) -> Option<Action> {
        self.message.clear();
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return match key.code {
                KeyCode::Char('c') => Some(Action::Quit),
                KeyCode::Char('z') => Some(Action::Suspend),
                KeyCode::Char('u') => {
                    if let Some((_, text)) = &mut self.typing {
                        text.clear();
                    }
                    None
                }
                _ => None,
            };
        }
        if self.typing.is_some() {
            return self.typed(key.code);
        }
        if self.moved(key.code) {
            return None;
        }
        match key.code {
            KeyCode::Char('q') => return Some(Action::Quit),
            KeyCode::Char('h' | '?') => self.turn_page(!self.help),
            KeyCode::Esc => return self.back(),
            KeyCode::Enter => return self.look(),
            KeyCode::Char(' ') => self.hold(),
            KeyCode::Char('/') => {
                self.typing = Some((Typing::Filter, self.order.filter.words().to_owned()));
            }
            KeyCode::Char('s') => self.typing = Some((Typing::Sort, String::new())),
            KeyCode::Char('d') => self.typing = Some((Typing::Length, String::new())),
            KeyCode::Char('+') => return Some(self.length(self.length_ns.saturating_mul(2))),
            KeyCode::Char('-') => return Some(self.length(self.length_ns / 2)),
            KeyCode::Char(letter) => self.reorder(letter),
            _ => {}
        }
        None
    }

    fn show(&mut self, interval: Interval) {
        if let Some(details) = &interval.details {
            self.details(details.clone());
        }
        self.interval = interval;
        self.begun = true;
        self.place();
    }

    fn hold(&mut self) {
        self.held = !self.held;
        if let Some(newest) = self.newest.take() {
            self.show(newest);
        }
    }

    fn turn_page(&mut self, help: bool) {
        self.help = help;
        self.first = 0;
        self.keep_in_sight();
    }

    fn back(&mut self) -> Option<Action> {
        if self.help {
            self.turn_page(false);
        } else if self.watched.take().is_some() {
            self.details = None;
            self.turn_page(false);
            return Some(Action::Watch(None));
        } else if !self.order.filter.is_empty() {
            self.order.filter = Filter::default();
            self.place();
        }
        None
    }

    fn look(&mut self) -> Option<Action> {
        if self.help || self.watched.is_some() {
            return None;
        }
        let row = self.placed.get(self.cursor)?.row;
        let id = self.interval.rows.get(row)?.task.id;
        self.watched = Some(id);
        self.details = None;
        self.first = 0;
        Some(Action::Watch(Some(id)))
    }

    fn length(&mut self, ns: u64) -> Action {
        self.length_ns = ns.clamp(SHORTEST_NS, LONGEST_NS);
        self.message = format!("intervals of {}", duration(self.length_ns));
        Action::Length(self.length_ns)
    }

    fn reorder(&mut self, letter: char) {
        let order = &mut self.order;
        match letter {
            't' => order.tree = !order.tree,
            'i' => order.only_active = !order.only_active,
            'r' => order.turned = !order.turned,
            '<' => self.neighbour(-1),
            '>' => self.neighbour(1),
            'P' => self.sort(Column::Share(0)),
            'D' => self.sort(Column::Delay),
            'V' => self.sort(Column::Voluntary),
            'M' => self.sort(Column::Migrations),
            'W' => self.sort(Column::Wakeups),
            'G' => self.sort(Column::Signals),
            _ => return,
        }
        self.place();
    }

    fn sort(&mut self, column: Column) {
        self.order.column = column;
        self.order.turned = false;
    }

    /// Sorts by the next column that is seen, to the left or to the right.
    fn neighbour(&mut self, step: isize) {
        let columns = Column::fitting(usize::from(self.size.0));
        let now = columns.iter().position(|&column| column == self.order.column).unwrap_or(0);
        let next = now.saturating_add_signed(step).min(columns.len() - 1);
        self.sort(columns[next]);
    }

    fn typed(&mut self, code: KeyCode) -> Option<Action> {
        let (typing, mut text) = self.typing.take()?;
        match code {
            KeyCode::Enter => return self.finished(typing, &text),
            KeyCode::Esc => return None,
            KeyCode::Backspace => {
                text.pop();
            }
            KeyCode::Char(letter) => text.push(letter),
            _ => {}
        }
        if typing == Typing::Filter {
            self.order.filter = Filter::of(&text);
            self.place();
        }
        self.typing = Some((typing, text));
        None
    }

    fn finished(&mut self, typing: Typing, text: &str) -> Option<Action> {
        match typing {
            Typing::Filter => self.order.filter = Filter::of(text),
            Typing::Sort => match Column::named(text) {
                Some(column) => self.sort(column),
                None => self.message = format!("no column '{text}': {}", Column::names()),
            },
            Typing::Length => match crate::cli::values::duration(text) {
                Ok(time) => {
                    let ns = u64::try_from(time.as_nanos()).unwrap_or(LONGEST_NS);
                    return Some(self.length(ns));
                }
                Err(wrong) => self.message = wrong,
            },
        }
        self.place();
        None
    }

    /// Whether it was a key that moves.
    fn moved(&mut self, code: KeyCode) -> bool {
        let page = isize::try_from(draw::page(self)).unwrap_or(isize::MAX);
        let step = match code {
            KeyCode::Up | KeyCode::Char('k') => -1,
            KeyCode::Down | KeyCode::Char('j') => 1,
            KeyCode::PageUp => -page,
            KeyCode::PageDown => page,
            KeyCode::Home => isize::MIN,
            KeyCode::End => isize::MAX,
            _ => return false,
        };
        if self.help || self.watched.is_some() {
            self.first = self.first.saturating_add_signed(step);
        } else {
            self.cursor = self.cursor.saturating_add_signed(step);
        }
        self.keep_in_sight();
        true
    }

    fn place(&mut self) {
        self.placed = self.order.place(&self.interval.rows);
        self.keep_in_sight();
    }

    fn keep_in_sight(&mut self) {
        let page = draw::page(self).max(1);
        if self.help || self.watched.is_some() {
            self.first = self.first.min(draw::lines(self).saturating_sub(page));
            return;
        }
        self.cursor = self.cursor.min(self.placed.len().saturating_sub(1));
        self.first = self.first.min(self.cursor).max((self.cursor + 1).saturating_sub(page));
        self.first = self.first.min(self.placed.len().saturating_sub(page));
    }
}
