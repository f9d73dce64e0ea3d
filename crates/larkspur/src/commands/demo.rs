//! `larkspur demo`: a server of its own, the whole job over HTTP, and a table of what came out.

mod run;
mod samples;

use std::path::PathBuf;

use clap::Args;

use crate::config::{Config, Layers};
use crate::server::Server;
use crate::terminal::table;
use crate::trouble::{Attempt, Trouble};

/// Try the whole job on samples, with nothing to set up
///
/// Starts a server on a free port with a temporary data folder, imports files through the documented
/// API, reads the documents back, exports them as docx, pdf, xlsx and csv, and leaves the results in
/// ./larkspur-demo. Fails if any step did.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur demo
  larkspur demo report.xlsx notes.md --out /tmp/results")]
pub(super) struct Demo {
    /// Files to use instead of the bundled samples
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Folder for the results
    #[arg(long, default_value = "larkspur-demo", value_name = "DIR")]
    out: PathBuf,
}

impl Demo {
    pub(super) fn run(self) -> Attempt {
        let folder = tempfile::tempdir()
            .map_err(|cause| Trouble::caused("no temporary folder can be made", &cause))?;
        let files = if self.files.is_empty() {
            samples::unpack(folder.path())
                .map_err(|cause| Trouble::caused("the samples cannot be unpacked", &cause))?
        } else {
            self.files.clone()
        };
        std::fs::create_dir_all(&self.out).map_err(|cause| {
            Trouble::caused(format!("cannot create {}", self.out.display()), &cause)
        })?;
        let flags = [
            ("data", folder.path().join("data").to_string_lossy().into_owned()),
            ("listen", "127.0.0.1:0".to_owned()),
        ];
        // Neither the environment nor a file has a say: the demo is the same everywhere.
        let layers = Layers::of_flags(flags.into_iter().collect());
        let config = Config::resolve(&layers)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|cause| Trouble::caused("no threads to serve with", &cause))?;
        let lines = runtime.block_on(async {
            let server = Server::start(&config).await?;
            println!("server    {} (data in a temporary folder)", server.url);
            let lines = run::all(&server, &files, &self.out).await;
            let stopped = server.stop(config.shutdown_grace).await;
            lines.and_then(|lines| stopped.map(|()| lines))
        })?;
        self.report(&lines)
    }

    fn report(&self, lines: &[run::Line]) -> Attempt {
        let rows: Vec<Vec<String>> = lines
            .iter()
            .map(|line| {
                vec![
                    line.file.clone(),
                    line.target.clone(),
                    line.state.to_owned(),
                    line.warnings.len().to_string(),
                    line.took_ms.to_string(),
                    line.result.clone(),
                ]
            })
            .collect();
        println!();
        print!("{}", table(&["file", "target", "state", "warnings", "ms", "result"], &rows));
        for line in lines.iter().filter(|line| !line.warnings.is_empty()) {
            println!("\nwarnings of {} as {}:", line.file, line.target);
            for warning in &line.warnings {
                println!("  {warning}");
            }
        }
        println!("\nresults are in {}", self.out.display());
        let failed = lines.iter().filter(|line| line.failed).count();
        if failed == 0 {
            return Ok(());
        }
        Err(Trouble::new(format!("{failed} of {} steps failed", lines.len())))
    }
}
