//! How every run goes: the journal opened or begun, the server looked at, the items taken to their
//! end, the summary told.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use larkspur_model::id::Ids;
use larkspur_model::time::{Clock as _, SystemClock};
use tokio::time::Instant;

use crate::bulk::{
    self, Ended, Journal, Line, Order, Planned, Run, Runner, Settings, Summary, USUAL, What, begin,
    export_folder,
};
use crate::client::{Client, ExportTarget, Fault, Pace, concurrency_for};
use crate::commands::flags::ClientFlags;
use crate::terminal::Board;
use crate::trouble::{Attempt, Trouble};

/// How a run goes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Going")]
pub(super) struct Going {
    /// Items under way at most; fewer while the server throttles [default: as many as keep the
    /// documented rate busy]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: Option<u16>,
    /// How often a step is tried again that fails for a passing reason
    #[arg(long, value_name = "COUNT", default_value_t = 8)]
    retries: u32,
    /// Longest wait for each task
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    wait: u64,
    /// Longest look for what an unanswered call made, where nothing but the folder tells
    #[arg(long, value_name = "SECONDS", default_value_t = 60, hide_short_help = true)]
    settle: u64,
    /// Speak documented operations alone, also to Larkspur
    #[arg(long)]
    documented_only: bool,
    /// Whether to stay below the documented rates from the beginning [default: documented, but off
    /// for Larkspur]
    #[arg(long, value_name = "documented|off", value_parser = ["documented", "off"])]
    pace: Option<String>,
    /// Say failures and the summary alone
    #[arg(short, long)]
    quiet: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

/// What a run is for.
pub(super) enum Wanted<'a> {
    /// Items that are known from files here.
    Files {
        what: What,
        from: Vec<String>,
        /// The folder of the drive that everything goes to.
        folder: Option<String>,
        plan: &'a dyn Fn() -> Attempt<Planned>,
    },
    /// The documents of a folder of the drive.
    Drive {
        from: Vec<String>,
        folder: &'a str,
        to: &'a Path,
        documents: ExportTarget,
        check: &'a dyn Fn(Planned) -> Attempt<Planned>,
    },
    /// What the journal says.
    Resume { retry_failed: bool },
}

/// The task family whose newest task tells that the server is Larkspur.
const FAMILY: &str = "drive.import";
/// Length of the id of a run.
const RUN_ID: usize = 16;

impl Going {
    /// Runs, from the beginning or from where the journal ends.
    pub(super) fn run(&self, flags: &ClientFlags, journal: &Path, wanted: Wanted<'_>) -> Attempt {
        crate::commands::client_runtime()?.block_on(async {
            let started = Instant::now();
            let resume = format!("larkspur run resume {}{}", journal.display(), flags.again());
            let plain = flags.client()?;
            let documented = self.documented_only || flags.is_platform()?;
            let newest = if documented { None } else { look_for_larkspur(&plain).await? };
            let (journal, run) = self.opened(&plain, journal, wanted, newest.as_ref()).await?;
            let settings = self.settings(&run, newest.is_some());
            let board = Board::new(run.items.len(), self.quiet);
            let journal_path = journal.path().display().to_string();
            let paced = self.pace.as_deref().map_or(newest.is_none(), |pace| pace != "off");
            let pace = Arc::new(Pace::new(paced));
            let client = flags.client()?.paced(pace.clone());
            let runner = Runner::new(client, pace, journal, run, settings, board);
            let mut ended = until_stopped(&runner).await;
            let run = runner.into_run();
            let summary = Summary::new(&run, &ended);
            print(&summary, &ended, started.elapsed(), &journal_path, self.json)?;
            let totals = summary.totals();
            let trouble = ended.trouble.take();
            verdict(&run, totals, trouble, ended.interrupted, &resume)
        })
    }

    fn settings(&self, run: &Run, larkspur: bool) -> Settings {
        let create = match run.order.what {
            What::Import => "driveImportTaskCreate",
            What::Export => "driveExportTaskCreate",
        };
        let usual = concurrency_for(create, USUAL);
        Settings {
            concurrency: self.concurrency.map_or(usual, usize::from),
            retries: self.retries,
            patience: Duration::from_secs(self.wait),
            settle: Duration::from_secs(self.settle),
            larkspur,
        }
    }

    /// The journal and what it says; a new one says the plan.
    async fn opened(
        &self,
        client: &Client,
        path: &Path,
        wanted: Wanted<'_>,
        newest: Option<&Option<String>>,
    ) -> Attempt<(Journal, Run)> {
        let resumes = matches!(wanted, Wanted::Resume { .. });
        if resumes && !path.exists() {
            return Err(Trouble::new(format!("there is no journal {}", path.display())).usage());
        }
        let (journal, run) = Journal::open(path)?;
        let order = |what, from: &[String]| Order {
            what,
            url: client.url().to_owned(),
            app_id: client.app_id().to_owned(),
            from: from.to_vec(),
        };
        let wanted_order = match &wanted {
            Wanted::Files { what, from, .. } => Some(order(*what, from)),
            Wanted::Drive { from, .. } => Some(order(What::Export, from)),
            Wanted::Resume { .. } => None,
        };
        if let Some(mut run) = run {
            check_order(&run, wanted_order.as_ref(), client, path)?;
            if matches!(wanted, Wanted::Resume { retry_failed: true }) {
                journal.append(&[Line::RetryFailed]).await?;
                run.apply(Line::RetryFailed)?;
            }
            if !self.quiet && !run.is_over() {
                eprintln!("goes on with {}", path.display());
            }
            return Ok((journal, run));
        }
        let Some(order) = wanted_order else {
            return Err(Trouble::new(format!("{} has no whole plan", path.display()))
                .hint("nothing was sent; give the command that began it again")
                .usage());
        };
        let id = Ids::from_system().hex(RUN_ID);
        let head = Line::Run { version: 1, id, started_ms: SystemClock.now_ms(), order };
        let (planned, root) = match wanted {
            Wanted::Files { plan, folder, .. } => (plan()?, folder),
            Wanted::Drive { folder, to, documents, check, .. } => {
                (check(export_folder(client, folder, to, documents).await?)?, None)
            }
            Wanted::Resume { .. } => (Planned::default(), None),
        };
        let newest = newest.and_then(Clone::clone);
        begin(&journal, head, planned, root, newest).await?;
        drop(journal);
        let (journal, run) = Journal::open(path)?;
        let run = run.ok_or_else(|| Trouble::new("the journal does not hold what was written"))?;
        Ok((journal, run))
    }
}

/// A journal is of one order, and its items are on one server.
fn check_order(run: &Run, wanted: Option<&Order>, client: &Client, path: &Path) -> Attempt {
    let elsewhere = run.order.url != client.url() || run.order.app_id != client.app_id();
    if elsewhere {
        let what = format!(
            "the run in {} is with {} as {}, not with {} as {}",
            path.display(),
            run.order.url,
            run.order.app_id,
            client.url(),
            client.app_id()
        );
        return Err(Trouble::new(what).hint("--journal FILE begins another run").setup());
    }
    if wanted.is_some_and(|wanted| *wanted != run.order) {
        let what = format!("{} is the journal of another order", path.display());
        let hint = format!(
            "larkspur run resume {} goes on with it; --journal FILE begins another run",
            path.display()
        );
        return Err(Trouble::new(what).hint(hint).setup());
    }
    Ok(())
}

/// The newest task, if the server is Larkspur.
async fn look_for_larkspur(client: &Client) -> Attempt<Option<Option<String>>> {
    match client.newest_task(FAMILY).await {
        Ok(newest) => Ok(Some(newest)),
        Err(fault @ Fault::Broken { .. }) => Err(fault.into()),
        Err(fault) if fault.is_of_credentials() => Err(fault.into()),
        Err(_) => Ok(None),
    }
}

/// Runs until the end or until somebody asks to stop; a second time it ends at once.
async fn until_stopped(runner: &Runner) -> Ended {
    let run = runner.run();
    tokio::pin!(run);
    tokio::select! {
        ended = &mut run => return ended,
        () = asked_to_stop() => {}
    }
    runner.stop();
    tokio::select! {
        ended = &mut run => ended,
        () = asked_to_stop() => Ended { interrupted: true, ..Ended::default() },
    }
}

/// Ctrl-C, or what `kill` sends.
async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    // Where no signal can be waited for, the default ends the program.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Tells the summary.
pub(super) fn print(
    summary: &Summary<'_>,
    ended: &Ended,
    took: Duration,
    journal: &str,
    json: bool,
) -> Attempt {
    if json {
        return crate::commands::asking::print_json(&summary.json(ended, took, journal));
    }
    print!("{}", summary.text(ended, took));
    Ok(())
}

/// The end of the command.
fn verdict(
    run: &Run,
    totals: bulk::Totals,
    trouble: Option<Trouble>,
    interrupted: bool,
    resume: &str,
) -> Attempt {
    if let Some(trouble) = trouble {
        eprintln!("go on with: {resume}");
        return Err(trouble);
    }
    let go_on = format!("go on with\n{resume}");
    if interrupted && totals.open > 0 {
        return Err(Trouble::new("interrupted").hint(go_on).interrupted());
    }
    if totals.open > 0 {
        let what = format!("{} of {} are not finished", totals.open, totals.items);
        return Err(Trouble::new(what).hint(go_on).unfinished());
    }
    if totals.failed > 0 {
        let done = match run.order.what {
            What::Import => "imported",
            What::Export => "exported",
        };
        let what = format!("{} of {} were not {done}", totals.failed, totals.items);
        let hint = format!("mend what the summary says, then\n{resume} --retry-failed");
        let trouble = Trouble::new(what).hint(hint);
        return Err(if totals.done == 0 { trouble.nothing_done() } else { trouble });
    }
    Ok(())
}
