//! Colours, if they are wanted.

/// How text is marked. The default does not mark it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether to use ANSI colours.
    pub colour: bool,
}

impl Style {
    /// A heading.
    pub fn heading(self, text: &str) -> String {
        self.mark("1", text)
    }

    /// Something that should not be overlooked.
    pub fn alarm(self, text: &str) -> String {
        self.mark("1;31", text)
    }

    /// Something that can be.
    pub fn dim(self, text: &str) -> String {
        self.mark("2", text)
    }

    fn mark(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
