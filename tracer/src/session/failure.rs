//! How a command that failed ends: its message and its exit status.

use std::fmt;
use std::io;

use crate::child::ChildError;
use crate::cli::span::SpanError;
use crate::probe::{LoadError, preflight};

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    error: anyhow::Error,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Wrong usage that only the machine could tell.
    Usage,
    /// Everything else.
    Tracer,
}

impl Failure {
    /// An error of what the user asked for, not of tracer.
    pub(super) fn usage(error: anyhow::Error) -> Self {
        Self { error, kind: Kind::Usage }
    }

    /// Whether nobody reads any more what is written, which is no error.
    pub fn is_closed_pipe(&self) -> bool {
        self.error.chain().any(|cause| {
            let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
            let json = cause.downcast_ref::<serde_json::Error>();
            io.or(json.and_then(serde_json::Error::io_error_kind))
                == Some(io::ErrorKind::BrokenPipe)
        })
    }

    /// 2 for wrong usage, 127 or 126 for a command that cannot be run, else 125.
    pub fn exit_code(&self) -> u8 {
        if self.is_closed_pipe() {
            return 0;
        }
        if self.error.downcast_ref::<SpanError>().is_some() {
            return 2;
        }
        match (self.kind, self.error.downcast_ref::<ChildError>()) {
            (_, Some(child)) => child.exit_code(),
            (Kind::Usage, None) => 2,
            (Kind::Tracer, None) => 125,
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self { error, kind: Kind::Tracer }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        anyhow::Error::from(error).into()
    }
}

impl fmt::Display for Failure {
    /// The whole chain in one line, and what on this machine may be behind a refusal.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:#}", self.error)?;
        if self.error.downcast_ref::<LoadError>().is_some() {
            for hint in preflight::explain_error(self.error.as_ref()) {
                write!(out, "\n  {hint}")?;
            }
        }
        Ok(())
    }
}
