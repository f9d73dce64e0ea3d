//! A server in a process of its own, as users run it: started on a free loopback port, ended by
//! its process id, restarted on the same data.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::client::Client;
use crate::evidence;

/// A running server process.
#[derive(Debug)]
pub struct Server {
    binary: PathBuf,
    folder: PathBuf,
    options: Vec<String>,
    process: Child,
    environment: HashMap<String, String>,
}

impl Server {
    /// Starts `binary` with its data below `folder` and waits until it answers. `options` are
    /// further arguments of `serve`.
    pub async fn start(binary: &Path, folder: &Path, options: &[&str]) -> Result<Self> {
        let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
        let (process, environment) = launch(binary, folder, &options).await?;
        Ok(Self {
            binary: binary.to_owned(),
            folder: folder.to_owned(),
            options,
            process,
            environment,
        })
    }

    /// Ends the process at once, as `kill -9` does.
    pub fn kill(&mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// Tells the process to end, as SIGTERM does, and waits until it has.
    pub fn stop(&mut self) -> Result<()> {
        let id = self.id().to_string();
        let told = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id]).status()?;
        let ended = self.process.wait()?;
        if !told.success() || !ended.success() {
            bail!("told to end: {told}; ended: {ended}");
        }
        Ok(())
    }

    /// Starts the server again on the same data, after [`Server::kill`].
    pub async fn restart(&mut self) -> Result<()> {
        let before = self.environment.get("LARKSPUR_URL").cloned();
        let (process, environment) = launch(&self.binary, &self.folder, &self.options).await?;
        if let Some(url) = environment.get("LARKSPUR_URL") {
            evidence::begin(url, before.as_deref(), false);
        }
        self.process = process;
        self.environment = environment;
        Ok(())
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Resident memory of the server and of the children it has now, MiB.
    pub fn resident_mib(&self) -> u64 {
        let children = format!("/proc/{0}/task/{0}/children", self.id());
        let children = fs::read_to_string(children).unwrap_or_default();
        let pids = children.split_whitespace().map(str::to_owned).chain([self.id().to_string()]);
        pids.map(|pid| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
            line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok())
                .unwrap_or_default()
        })
        .sum::<u64>()
            / 1024
    }

    /// A client that has a tenant token.
    pub async fn client(&self) -> Result<Client> {
        let (url, id) = (self.told("LARKSPUR_URL")?, self.told("LARKSPUR_APP_ID")?);
        Client::connect(url, id, self.told("LARKSPUR_APP_SECRET")?).await
    }

    /// A client that has the operator's token.
    pub async fn operator(&self) -> Result<Client> {
        Ok(self.client().await?.with_token(self.told("LARKSPUR_ADMIN_TOKEN")?))
    }

    /// What the server wrote into its file for programs.
    fn told(&self, name: &str) -> Result<&str> {
        let value = self.environment.get(name).map(String::as_str);
        value.with_context(|| format!("no {name} in the env file"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn launch(
    binary: &Path,
    folder: &Path,
    options: &[String],
) -> Result<(Child, HashMap<String, String>)> {
    let env_file = folder.join("env");
    let before = fs::read_to_string(&env_file).ok();
    let log = fs::OpenOptions::new().create(true).append(true).open(folder.join("log"))?;
    // A later start repeats the secret of the file it finds, so the file stays until it is replaced.
    let modified = fs::metadata(&env_file).and_then(|file| file.modified()).ok();
    let mut process = Command::new(binary)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .arg("--data")
        .arg(folder.join("data"))
        .arg("--env-file")
        .arg(&env_file)
        .args(options)
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .with_context(|| format!("cannot start {}", binary.display()))?;
    for _ in 0..3_000 {
        let written = fs::metadata(&env_file).and_then(|file| file.modified()).ok();
        if written.is_some() && written != modified {
            let text = fs::read_to_string(&env_file)?;
            let pairs = text.lines().filter_map(|line| line.split_once('='));
            let environment =
                pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            return Ok((process, environment));
        }
        if let Some(status) = process.try_wait()? {
            let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
            bail!(
                "the server ended with {status} before it answered; env before: {before:?}\n{log}"
            );
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let _ = process.kill();
    bail!("the server did not answer within 30 s")
}
