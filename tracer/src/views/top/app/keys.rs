//! What keys do to the screen.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::views::duration;
use crate::views::top::columns::Column;
use crate::views::top::draw;
use crate::views::top::filter::Filter;

use super::{Action, App, LONGEST_NS, SHORTEST_NS, Typing};

impl App {
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
}
