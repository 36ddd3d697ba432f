//! The terminal: taken, and given back as it was whatever happens.

use std::io::{self, Stdout, stdout};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::execute;
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use super::app::App;
use super::draw;

/// Whether the terminal is taken: there is only one.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal on standard output, taken until this is dropped or anything panics.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes it: no echo, no lines, the other screen.
    ///
    /// # Errors
    /// There is no terminal.
    pub fn take() -> io::Result<Self> {
        leave_on_panic();
        enter()?;
        let made = Terminal::new(CrosstermBackend::new(stdout()));
        if made.is_err() {
            leave();
        }
        Ok(Self { terminal: made? })
    }

    /// Its width and height.
    ///
    /// # Errors
    /// Those of the terminal.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws what has changed.
    ///
    /// # Errors
    /// Those of the terminal.
    pub fn draw(&mut self, app: &App) -> io::Result<()> {
        self.terminal.draw(|frame| draw::draw(app, frame.area(), frame.buffer_mut()))?;
        Ok(())
    }

    /// Gives the terminal back until [`Screen::take_again`].
    pub fn give_back(&mut self) {
        leave();
    }

    /// Takes it again, with nothing on it.
    ///
    /// # Errors
    /// Those of the terminal.
    pub fn take_again(&mut self) -> io::Result<()> {
        leave();
        enter()?;
        // `Terminal::clear` would ask the terminal where its cursor is, and the answer would come
        // among the keys. A new one knows that nothing is on the screen.
        self.terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
        Ok(())
    }

    /// Whether it is taken.
    pub fn is_taken(&self) -> bool {
        TAKEN.load(Ordering::SeqCst)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(stdout(), EnterAlternateScreen, Clear(ClearType::All), Hide)
        .inspect_err(|_gone| leave())
}

/// Gives it back, once.
fn leave() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    // If the terminal is gone there is nobody to tell.
    let shown = execute!(stdout(), LeaveAlternateScreen, Show);
    let cooked = disable_raw_mode();
    drop((shown, cooked));
}

/// What a panic says must be readable, and what is typed after it too.
fn leave_on_panic() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        leave();
        before(info);
    }));
}
