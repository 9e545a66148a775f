//! How a command ends: 0 done, 1 failed, 2 bad usage or bad input.

use std::process::ExitCode;

/// Why a command did not end well.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What the user gave cannot be used: exit 2.
    Input(String),
    /// It did not work out: exit 1.
    Work(String),
    /// Nobody reads the output any more, as in `gridtwin .. | head`: that is no failure.
    NobodyReads,
}

impl Failure {
    /// What the user gave cannot be used.
    pub(crate) fn input(message: impl std::fmt::Display) -> Self {
        Self::Input(message.to_string())
    }

    /// It did not work out.
    pub(crate) fn work(message: impl std::fmt::Display) -> Self {
        Self::Work(message.to_string())
    }
}

/// Says on standard error what went wrong, and gives the exit code.
pub(crate) fn exit_code(done: Result<(), Failure>) -> ExitCode {
    let (code, message) = match done {
        Ok(()) | Err(Failure::NobodyReads) => return ExitCode::SUCCESS,
        Err(Failure::Input(message)) => (2, message),
        Err(Failure::Work(message)) => (1, message),
    };
    // There is nobody to tell if standard error is gone as well.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{message}\n").as_bytes());
    ExitCode::from(code)
}
