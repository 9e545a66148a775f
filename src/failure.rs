//! How a command ends: 0 done, 1 failed, 2 bad usage or bad input.

use std::process::ExitCode;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What the user gave cannot be used: exit 2.
    Input(String),
    /// The work failed: exit 1.
    Work(String),
    /// Standard output was closed, as in `gridtwin .. | head`: that is not a failure.
    OutputClosed,
}

impl Failure {
    /// What the user gave cannot be used.
    pub(crate) fn input(message: impl std::fmt::Display) -> Self {
        Self::Input(message.to_string())
    }

    /// The work failed.
    pub(crate) fn work(message: impl std::fmt::Display) -> Self {
        Self::Work(message.to_string())
    }
}

impl From<gridtwin_study::Error> for Failure {
    fn from(error: gridtwin_study::Error) -> Self {
        if error.is_input() { Self::input(error) } else { Self::work(error) }
    }
}

impl From<gridtwin_reports::Error> for Failure {
    fn from(error: gridtwin_reports::Error) -> Self {
        if error.is_input() { Self::input(error) } else { Self::work(error) }
    }
}

/// Says on standard error what went wrong, and gives the exit code.
pub(crate) fn exit_code(done: Result<(), Failure>) -> ExitCode {
    let (code, message) = match done {
        Ok(()) | Err(Failure::OutputClosed) => return ExitCode::SUCCESS,
        Err(Failure::Input(message)) => (2, message),
        Err(Failure::Work(message)) => (1, message),
    };
    // Nothing can be reported where standard error is closed as well.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{message}\n").as_bytes());
    ExitCode::from(code)
}
