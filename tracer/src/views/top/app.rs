//! What is on the screen, and what keys do to it: no terminal, no clock.

use crate::model::lives::LifeId;

use super::details::Details;
use super::draw;
use super::filter::Filter;
use super::order::{Order, Placed};
use super::rows::{About, Interval};

mod keys;

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
