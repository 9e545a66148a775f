//! The program: parses the command line and calls one function. Nothing else belongs here.

mod arguments;
mod commands;
mod failure;
mod output;
mod progress;
mod scenarios;

use arguments::{Arguments, Command, Consensus};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        None => commands::run::campus(),
        Some(Command::Run(wanted)) => commands::run::run(&wanted),
        Some(Command::Check(wanted)) => commands::check::check(&wanted),
        Some(Command::New(wanted)) => commands::new::new(&wanted),
        Some(Command::Compare(wanted)) => commands::compare::run(&wanted),
        Some(Command::Sweep(wanted)) => commands::sweep::run(&wanted),
        Some(Command::Optimize(wanted)) => commands::optimize::run(&wanted),
        Some(Command::View(wanted)) => commands::view::view(&wanted),
        Some(Command::Link(wanted)) => commands::link::link(&wanted),
        Some(Command::Meters(wanted)) => commands::meters::meters(&wanted),
        Some(Command::Pv(wanted)) => commands::pv::pv(&wanted),
        Some(Command::Consensus { what }) => match what {
            Consensus::Run(wanted) => commands::consensus::run::run(&wanted),
            Consensus::List(wanted) => commands::consensus::list::list(&wanted),
            Consensus::Compare(wanted) => commands::consensus::compare::compare(&wanted),
            Consensus::Chaos(wanted) => commands::consensus::chaos::chaos(&wanted),
            Consensus::Explore(wanted) => commands::consensus::explore::explore(&wanted),
        },
    };
    failure::exit_code(done)
}
