//! The thread that has the terminal: draws what it is told and takes keys.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use crossterm::event::{Event, KeyEvent, KeyEventKind, read};
use rustix::process::{Signal, getpid, kill_process};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use super::watcher::{Request, Told};
use crate::time;
use crate::views::top::terminal::Screen;
use crate::views::top::{Action, App};

/// The shortest time between two drawings, ns.
const FRAME_NS: u64 = 50_000_000;

/// What can happen.
#[derive(Debug)]
pub(super) enum Message {
    Key(KeyEvent),
    Size(u16, u16),
    Told(Told),
    /// It is to stop, as by `^Z`.
    Suspend,
    /// It goes on after a stop.
    Continued,
    Over,
}

impl From<Told> for Message {
    fn from(told: Told) -> Self {
        Self::Told(told)
    }
}

/// Says that it is over when it is dropped.
pub(super) struct Over(pub(super) Sender<Message>);

impl Drop for Over {
    fn drop(&mut self) {
        if self.0.send(Message::Over).is_err() {
            // The screen ended first.
        }
    }
}

/// Shows the screen until somebody quits or it is over. `keys` is where to tell what is typed.
pub(super) fn run(
    mut screen: Screen,
    mut app: App,
    (keys, told): (Sender<Message>, &Receiver<Message>),
    ask: &Sender<Request>,
) -> io::Result<()> {
    // It waits for keys until the process ends.
    thread::spawn(move || read_keys(&keys));
    screen.draw(&app)?;
    let mut next_ns = 0;
    while let Ok(mut message) = told.recv() {
        // Whatever comes before the next drawing is drawn with it.
        loop {
            if !take(&mut app, &mut screen, message, ask)? {
                return Ok(());
            }
            let left_ns = u64::saturating_sub(next_ns, time::monotonic_ns());
            match told.recv_timeout(Duration::from_nanos(left_ns)) {
                Ok(next) => message = next,
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
        if screen.is_taken() {
            screen.draw(&app)?;
        }
        next_ns = time::monotonic_ns() + FRAME_NS;
    }
    Ok(())
}

/// Whether it goes on.
fn take(
    app: &mut App,
    screen: &mut Screen,
    message: Message,
    ask: &Sender<Request>,
) -> io::Result<bool> {
    let action = match message {
        Message::Key(key) => app.key(key),
        Message::Size(width, height) => {
            app.resize((width, height));
            None
        }
        Message::Told(Told::Interval(interval)) => {
            app.interval(*interval);
            None
        }
        Message::Told(Told::Details(details)) => {
            app.details(*details);
            None
        }
        Message::Suspend => Some(Action::Suspend),
        Message::Continued => {
            screen.take_again()?;
            app.resize(screen.size()?);
            None
        }
        Message::Over => return Ok(false),
    };
    let asked = match action {
        None => Ok(()),
        Some(Action::Quit) => return Ok(false),
        Some(Action::Suspend) => {
            // Taken again when it is told that it goes on: the stop comes when it comes, perhaps
            // to another thread first.
            screen.give_back();
            if kill_process(getpid(), Signal::STOP).is_err() {
                screen.take_again()?;
            }
            Ok(())
        }
        Some(Action::Length(ns)) => ask.send(Request::Length(ns)),
        Some(Action::Watch(id)) => ask.send(Request::Watch(id)),
    };
    Ok(asked.is_ok())
}

fn read_keys(tell: &Sender<Message>) {
    while let Ok(event) = read() {
        let message = match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => Message::Key(key),
            Event::Resize(width, height) => Message::Size(width, height),
            _ => continue,
        };
        if tell.send(message).is_err() {
            return;
        }
    }
}

/// Listens to the signals that a capture does not know: the end of the terminal's session ends it,
/// and a stop gives the terminal back first.
pub(super) async fn signals(tell: Sender<Message>, stop: Arc<Notify>) {
    let kinds = [SignalKind::hangup(), SignalKind::from_raw(libc::SIGTSTP)];
    let [Ok(mut hangup), Ok(mut suspend)] = kinds.map(signal) else { return };
    let Ok(mut go_on) = signal(SignalKind::from_raw(libc::SIGCONT)) else { return };
    loop {
        let message = tokio::select! {
            _ = hangup.recv() => {
                stop.notify_one();
                return;
            }
            _ = suspend.recv() => Message::Suspend,
            _ = go_on.recv() => Message::Continued,
        };
        if tell.send(message).is_err() {
            return;
        }
    }
}
