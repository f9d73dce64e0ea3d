//! The command line: which commands there are, and what surrounds each.

mod admin;
mod app;
mod asking;
mod ca;
mod clock;
mod completions;
mod config;
mod convert;
mod coverage;
mod demo;
mod doctor;
mod dry_run;
mod env_file;
mod export;
mod fault;
mod fixtures;
mod flags;
mod import;
mod lint;
mod log;
mod man;
mod openapi;
mod profile;
mod record;
mod run;
mod serve;
mod snapshot;
mod step;
mod task;
mod tenant;
mod traces;
mod user;
mod vc;
mod waiting;
mod webhook;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::trouble::Attempt;

/// A self-hosted server for the Feishu/Lark asynchronous-task APIs.
///
/// Larkspur answers the documented endpoints of import and export tasks, and those around them,
/// and does the work behind them: real files become real documents and back.
#[derive(Debug, Parser)]
#[command(name = "larkspur", version, after_long_help = AFTER_HELP, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Try it:
  larkspur demo                          the whole job on bundled samples, nothing to set up
  larkspur convert report.xlsx out.csv   one conversion, without a server

Run it:
  larkspur serve --env-file larkspur.env
  larkspur import handbook.md orders.xlsx --env-file larkspur.env
  larkspur export TOKEN --as pdf --env-file larkspur.env
  larkspur run import reports/ --env-file larkspur.env       thousands of files, interrupted or not

Rehearse what can go wrong:
  larkspur fault add --family drive.import --file '*.xlsx' --nth 3 --status 129
  larkspur step mode 3-polls --family drive.import

Environment:
  LARKSPUR_URL, LARKSPUR_APP_ID, LARKSPUR_APP_SECRET   where `import` and `export` find a server
  LARKSPUR_PROFILE, LARKSPUR_PROFILES                  a server by name, and the file it stands in
  LARKSPUR_CONFIG                                      file of settings, larkspur.toml by default
  LARKSPUR_<SETTING>                                   any setting that `larkspur config` lists
  RUST_BACKTRACE=1                                     a trace with a crash

Exit codes:
  0    done
  1    failed: a task, a conversion or a request
  2    wrong usage
  3    wrong set-up: settings, credentials, or a server that cannot be reached
  4    the wait ended before the task did; it goes on, and the hint says how to go back to it
  5    of many files, none worked (`run`)
  130  interrupted";

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    App(app::App),
    Tenant(tenant::Tenant),
    User(user::User),
    Ca(ca::Ca),
    Admin(admin::Admin),
    Fault(fault::Fault),
    Step(step::Step),
    Task(task::Task),
    Openapi(openapi::Openapi),
    Fixtures(fixtures::Fixtures),
    Clock(clock::Clock),
    Snapshot(snapshot::Snapshot),
    Reset(snapshot::Reset),
    Import(import::Import),
    Record(record::Record),
    Lint(lint::Lint),
    Coverage(coverage::Coverage),
    Export(export::Export),
    Run(run::Run),
    Vc(vc::Vc),
    Webhook(webhook::Webhook),
    Convert(convert::Convert),
    Demo(demo::Demo),
    Doctor(doctor::Doctor),
    Config(config::Config),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Runs the command of the command line. A binary that calls this, and nothing before it, can run
/// conversions: a re-executed copy of it does one and nothing else.
pub fn main() -> ExitCode {
    let first = std::env::args_os().nth(1);
    if first.is_some_and(|first| first == larkspur_convert::CHILD_ARGUMENT) {
        return larkspur_convert::child();
    }
    let outcome = match Arguments::parse().command {
        Command::Serve(serve) => serve.run(),
        Command::App(app) => app.run(),
        Command::Tenant(tenant) => tenant.run(),
        Command::User(user) => user.run(),
        Command::Ca(ca) => ca.run(),
        Command::Admin(admin) => admin.run(),
        Command::Fault(fault) => fault.run(),
        Command::Step(step) => step.run(),
        Command::Task(task) => task.run(),
        Command::Openapi(_) => openapi::run(),
        Command::Fixtures(fixtures) => fixtures.run(),
        Command::Clock(clock) => clock.run(),
        Command::Snapshot(snapshot) => snapshot.run(),
        Command::Reset(reset) => reset.run(),
        Command::Import(import) => import.run(),
        Command::Record(record) => record.run(),
        Command::Lint(lint) => lint.run(),
        Command::Coverage(coverage) => coverage.run(),
        Command::Export(export) => export.run(),
        Command::Run(run) => run.run(),
        Command::Vc(vc) => vc.run(),
        Command::Webhook(webhook) => webhook.run(),
        Command::Convert(convert) => convert.run(),
        Command::Demo(demo) => demo.run(),
        Command::Doctor(doctor) => doctor.run(),
        Command::Config(config) => config.run(),
        Command::Man(man) => man.run(),
        Command::Completions(completions) => {
            completions.run();
            Ok(())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::from(trouble.exit_code())
        }
    }
}

/// A runtime for a client: one thread is enough.
fn client_runtime() -> Attempt<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|cause| {
        crate::Trouble::caused("this system gives no room for the program to run in", &cause)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_setting_of_the_server_has_a_flag_or_says_so() {
        let serve = Arguments::command();
        let serve = serve.find_subcommand("serve").expect("there is such a command");
        for setting in crate::config::SETTINGS {
            let flag = setting.name.replace('_', "-");
            assert!(
                serve.get_arguments().any(|argument| argument.get_long() == Some(flag.as_str())),
                "--{flag}"
            );
        }
    }
}
