//! A PostgreSQL cluster of one's own in a temporary folder, for tests and measurements. Servers
//! use a cluster that is there.

use std::io;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio_postgres::{Config, NoTls};

use crate::db::DatabaseUrl;

/// How long a cluster may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running cluster; ends when dropped.
pub struct Cluster {
    server: Child,
    config: Config,
    folder: TempDir,
}

/// Who runs the server: `PostgreSQL` refuses the administrator.
#[derive(Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

impl Cluster {
    /// Starts a cluster. `None`, and a plain word on the error output, where the machine has no
    /// server binaries or they do not run.
    pub async fn start() -> Option<Self> {
        let Some(binaries) = binaries() else {
            eprintln!("PostgreSQL: no initdb and postgres here, its tests cannot run");
            return None;
        };
        match Self::start_with(&binaries).await {
            Ok(cluster) => Some(cluster),
            Err(error) => {
                eprintln!("PostgreSQL: {} do not run: {error}", binaries.display());
                None
            }
        }
    }

    async fn start_with(binaries: &Path) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("larkspur-pg-").tempdir()?;
        let account = account(folder.path())?;
        let data = folder.path().join("data");
        let mut init = command(&binaries.join("initdb"), folder.path(), account);
        init.args(["--auth=trust", "--username=larkspur", "--encoding=UTF8", "--no-locale"]);
        let made = init.arg("--no-sync").arg("-D").arg(&data).output()?;
        if !made.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&made.stderr).into_owned()));
        }
        let mut server = command(&binaries.join("postgres"), folder.path(), account);
        server.arg("-D").arg(&data).arg("-k").arg(folder.path());
        server.args(["-c", "listen_addresses=", "-c", "max_connections=200"]);
        let log = std::fs::File::create(folder.path().join("log"))?;
        let server = server.stdout(Stdio::null()).stderr(log).spawn()?;
        let mut config = Config::new();
        config.host_path(folder.path()).user("larkspur").dbname("postgres");
        let cluster = Self { server, config, folder };
        let answers = async {
            while cluster.config.connect(NoTls).await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, answers).await.is_err() {
            let log = std::fs::read_to_string(cluster.folder.path().join("log"))?;
            return Err(io::Error::new(io::ErrorKind::TimedOut, log));
        }
        Ok(cluster)
    }

    /// Makes an empty database and says where it is. `name` consists of letters, digits and `_`.
    pub async fn database(&self, name: &str) -> Result<DatabaseUrl, tokio_postgres::Error> {
        let (client, connection) = self.config.connect(NoTls).await?;
        let serving = tokio::spawn(connection);
        let made = client.batch_execute(&format!("CREATE DATABASE {name}")).await;
        drop(client);
        // The connection has ended with its client.
        let _ended = serving.await;
        made?;
        let host = self.folder.path().display().to_string().replace('/', "%2F");
        Ok(DatabaseUrl::Postgres(format!("postgres://larkspur@{host}/{name}")))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // QUIT ends the server and all its children at once; what they held is thrown away.
        let quit = Command::new("kill").args(["-QUIT", &self.server.id().to_string()]).status();
        if quit.is_ok_and(|status| status.success()) {
            // A server that has ended already is what is wanted.
            let _ended = self.server.wait();
        } else {
            let _ended = self.server.kill();
        }
    }
}

/// The folder with the server's binaries: on the path, else where Debian keeps them.
fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let complete =
        |folder: &PathBuf| ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file());
    std::env::split_paths(&path).find(complete).or_else(|| {
        let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
        let mut folders: Vec<PathBuf> =
            versions.flatten().map(|version| version.path().join("bin")).filter(complete).collect();
        folders.sort_by_key(|folder| version(folder));
        folders.pop()
    })
}

fn version(folder: &Path) -> u32 {
    let name = folder.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or(0)
}

/// The account to run the server as: none where this process is an ordinary user's, else one that
/// then owns `folder`.
fn account(folder: &Path) -> io::Result<Option<Account>> {
    use std::os::unix::fs::MetadataExt;
    if std::fs::metadata(folder)?.uid() != 0 {
        return Ok(None);
    }
    let accounts = std::fs::read_to_string("/etc/passwd")?;
    let find = |wanted: &str| {
        accounts.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let [name, _, user, group, ..] = fields.as_slice() else { return None };
            let (true, Ok(user), Ok(group)) = (*name == wanted, user.parse(), group.parse()) else {
                return None;
            };
            Some(Account { user, group })
        })
    };
    let account = find("postgres").or_else(|| find("nobody"));
    let Some(account) = account else {
        return Err(io::Error::other("no account but the administrator's"));
    };
    chown(folder, Some(account.user), Some(account.group))?;
    Ok(Some(account))
}

fn command(binary: &Path, folder: &Path, account: Option<Account>) -> Command {
    let mut command = Command::new(binary);
    command.current_dir(folder).stdin(Stdio::null());
    if let Some(Account { user, group }) = account {
        command.uid(user).gid(group);
    }
    command
}
