//! Colours of the frames of a flame graph: those of the states are the HTML page's.

use inferno::flamegraph::color::Color;

/// What the frame belongs to: by that it has its colour.
#[derive(Clone, Copy)]
pub(super) enum Of {
    /// A process or a thread.
    Task,
    /// A function of the program.
    Program,
    /// A function of the kernel.
    Kernel,
    /// A state, by its name in the report, or what caused it.
    State(&'static str),
    /// Who ended the wait: it ran then.
    Waker,
}

/// Colours that those who see fewer can tell apart, after Okabe and Ito; a little different for
/// each name, so that neighbours are.
pub(super) fn colour(of: Of, name: &str) -> Color {
    let (r, g, b) = match of {
        Of::Task => (214_u8, 214_u8, 210_u8),
        Of::Program => (120, 190, 232),
        Of::Kernel => (212, 160, 200),
        Of::Waker => (96, 196, 156),
        Of::State("runnable") => (230, 159, 0),
        Of::State("uninterruptible") => (224, 112, 40),
        Of::State("stopped") => (204, 121, 167),
        Of::State("traced") => (86, 180, 233),
        Of::State("zombie") => (150, 154, 160),
        Of::State("unknown") => (230, 216, 60),
        Of::State(_) => (196, 212, 226),
    };
    let hash =
        name.bytes().fold(7_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    let lighter = u8::try_from(hash % 23).unwrap_or(0);
    let [r, g, b] = [r, g, b].map(|part| part.saturating_add(lighter));
    Color { r, g, b }
}
