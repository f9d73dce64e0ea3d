//! The looks themselves, one function each.

use std::path::{Path, PathBuf};
use std::time::Duration;

use larkspur_convert::{
    CHILD_ARGUMENT, Converter, ConverterConfig, Enforcement, Error as ConvertError, Work,
    own_executable,
};
use larkspur_model::time::{Clock, HOUR_MS, SystemClock};
use larkspur_store::{BlobLocation, Blobs, DatabaseUrl, Db, Durability, Error as StoreError};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::Finding;
use crate::config::Config;
use crate::terminal::size_text;
use crate::tls;

/// Below this much space work will soon fail, bytes.
const LITTLE_SPACE: u64 = 1 << 30;
/// Below this much it fails now, bytes.
const NO_SPACE: u64 = 64 << 20;
/// Open files a busy server wants.
const OPEN_FILES: u64 = 4_096;

pub(super) async fn all(config: &Config) -> Vec<Finding> {
    let mut findings = vec![data_folder(config)];
    findings.push(database(config).await);
    findings.push(files(config));
    findings.extend(disk_space(config));
    findings.push(fonts(config));
    findings.push(clock());
    findings.push(open_files());
    findings.push(sandbox(config).await);
    findings.extend(certificate(config));
    for listen in config.listen.iter().chain(&config.tls) {
        findings.push(address(config, listen).await);
    }
    findings
}

fn data_folder(config: &Config) -> Finding {
    const WHAT: &str = "data folder";
    let path = &config.data;
    if config.memory {
        return Finding::good(WHAT, "none: nothing is kept");
    }
    if !path.exists() {
        return match existing_parent(path) {
            Some(parent) if can_write(&parent) => {
                Finding::good(WHAT, format!("{} is made at the first start", path.display()))
            }
            _ => Finding::bad(
                WHAT,
                format!("{} is not there and cannot be made", path.display()),
                "--data (or LARKSPUR_DATA) names a folder that you may write",
            ),
        };
    }
    if !path.is_dir() || !can_write(path) {
        return Finding::bad(
            WHAT,
            format!("{} cannot be written", path.display()),
            "run the server as the folder's owner, or name another with --data",
        );
    }
    if is_open_to_others(path) {
        return Finding::fair(
            WHAT,
            format!("{} can be read by other users of this machine", path.display()),
            format!("chmod 700 {}", path.display()),
        );
    }
    Finding::good(WHAT, path.display().to_string())
}

/// The nearest folder above `path` that is there.
fn existing_parent(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    path.ancestors().find(|folder| folder.is_dir()).map(Path::to_owned)
}

fn can_write(folder: &Path) -> bool {
    tempfile::Builder::new().prefix(".larkspur-doctor-").tempfile_in(folder).is_ok()
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|folder| folder.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}

async fn database(config: &Config) -> Finding {
    const WHAT: &str = "database";
    let url = match &config.database {
        _ if config.memory => return Finding::good(WHAT, "SQLite, thrown away at the end"),
        Some(url) => DatabaseUrl::Postgres(url.clone()),
        None => DatabaseUrl::Sqlite(config.data.join("larkspur.db")),
    };
    let name = match &url {
        DatabaseUrl::Sqlite(path) if !path.exists() => {
            return Finding::good(WHAT, "SQLite, made at the first start");
        }
        DatabaseUrl::Sqlite(path) => format!("SQLite, {}", path.display()),
        DatabaseUrl::Postgres(_) => "PostgreSQL".to_owned(),
    };
    let opened = Db::open(&url, Durability::Full);
    match tokio::time::timeout(Duration::from_secs(10), opened).await {
        Ok(Ok(_)) => Finding::good(WHAT, name),
        Ok(Err(StoreError::Locked { .. })) => {
            Finding::good(WHAT, format!("{name}, in use by a running server"))
        }
        Ok(Err(cause)) => Finding::bad(
            WHAT,
            format!("{name}: {}", with_causes(&cause)),
            "check `database`, and that its server runs and lets this machine in",
        ),
        Err(_) => Finding::bad(
            WHAT,
            format!("{name} does not answer within 10 s"),
            "check the host and port of `database`, and firewalls on the way",
        ),
    }
}

fn files(config: &Config) -> Finding {
    const WHAT: &str = "files";
    let location = match &config.blobs {
        _ if config.memory => return Finding::good(WHAT, "a temporary folder"),
        Some(location) => BlobLocation::parse(location),
        None => BlobLocation::Directory(config.data.join("blobs")),
    };
    match &location {
        BlobLocation::Directory(path) if !path.exists() => {
            Finding::good(WHAT, format!("{} is made at the first start", path.display()))
        }
        BlobLocation::Directory(path) if !can_write(path) => Finding::bad(
            WHAT,
            format!("{} cannot be written", path.display()),
            "run the server as the folder's owner",
        ),
        BlobLocation::Directory(path) => Finding::good(WHAT, path.display().to_string()),
        _ => match Blobs::open(&location) {
            Ok(_) => Finding::good(WHAT, "a bucket"),
            Err(cause) => Finding::bad(
                WHAT,
                with_causes(&cause),
                "check `blobs` and the AWS_* variables of the environment",
            ),
        },
    }
}

#[cfg(unix)]
fn disk_space(config: &Config) -> Option<Finding> {
    const WHAT: &str = "disk space";
    let folder = if config.memory { std::env::temp_dir() } else { existing_parent(&config.data)? };
    let disk = rustix::fs::statvfs(&folder).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let found = format!("{} free at {}", size_text(free), folder.display());
    let advice = "an import needs about three times its file's size; make room";
    Some(if free < NO_SPACE {
        Finding::bad(WHAT, found, advice)
    } else if free < LITTLE_SPACE {
        Finding::fair(WHAT, found, advice)
    } else {
        Finding::good(WHAT, found)
    })
}

#[cfg(not(unix))]
fn disk_space(_: &Config) -> Option<Finding> {
    None
}

fn fonts(config: &Config) -> Finding {
    const WHAT: &str = "fonts";
    let missing: Vec<String> = config
        .fonts
        .iter()
        .filter(|folder| !folder.is_dir())
        .map(|folder| folder.display().to_string())
        .collect();
    if !missing.is_empty() {
        return Finding::bad(
            WHAT,
            format!("there is no folder {}", missing.join(", ")),
            "check `fonts`",
        );
    }
    chinese(config)
}

#[cfg(feature = "pdf")]
fn chinese(config: &Config) -> Finding {
    const WHAT: &str = "fonts";
    let report = larkspur_typeset::fonts::report(&config.fonts);
    let folders: Vec<String> =
        report.directories.iter().map(|folder| folder.display().to_string()).collect();
    let found = format!(
        "{} built in for {} characters; others are looked for in {}",
        report.built_in.len(),
        report.characters,
        if folders.is_empty() { "no folder".to_owned() } else { folders.join(", ") }
    );
    if report.chinese {
        Finding::good(WHAT, format!("{found}; Chinese can be printed"))
    } else {
        Finding::fair(
            WHAT,
            format!("{found}; none of those built in has Chinese"),
            "apt-get install fonts-noto-cjk, or name a folder with --fonts",
        )
    }
}

#[cfg(not(feature = "pdf"))]
fn chinese(_: &Config) -> Finding {
    Finding::fair("fonts", "not needed: this build prints no pdf", "build with the feature `pdf`")
}

fn clock() -> Finding {
    const WHAT: &str = "clock";
    /// The start of 2025: this program is younger.
    const YOUNGEST_MS: i64 = 1_735_689_600_000;
    /// 2038-01-19: ticket numbers hold seconds in 31 bits.
    const OLDEST_MS: i64 = 2_147_483_647_000;
    let now_ms = SystemClock.now_ms();
    if (YOUNGEST_MS..OLDEST_MS).contains(&now_ms) {
        return Finding::good(WHAT, format!("{} s since 1970", now_ms / 1_000));
    }
    Finding::bad(
        WHAT,
        format!("{} s since 1970 cannot be right", now_ms / 1_000),
        "set the clock, for example with `timedatectl set-ntp true`",
    )
}

#[cfg(unix)]
fn open_files() -> Finding {
    const WHAT: &str = "open files";
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    match limit.current {
        None => Finding::good(WHAT, "as many as it likes"),
        Some(most) if most >= OPEN_FILES => Finding::good(WHAT, format!("up to {most}")),
        Some(most) => Finding::fair(
            WHAT,
            format!("up to {most}"),
            format!("each caller takes one; allow more with `ulimit -n {OPEN_FILES}`"),
        ),
    }
}

#[cfg(not(unix))]
fn open_files() -> Finding {
    Finding::good("open files", "this system has no such limit")
}

/// Converts a tiny document for real, and hears how far the child could lock itself in.
async fn sandbox(config: &Config) -> Finding {
    const WHAT: &str = "conversions";
    let failed = |found: String| {
        Finding::bad(WHAT, found, "this is a defect of this system or this program; see the log")
    };
    let (Ok(folder), Ok(executable)) = (tempfile::tempdir(), own_executable()) else {
        return failed("no temporary folder can be made".to_owned());
    };
    let input = folder.path().join("look.md");
    let out = folder.path().join("out");
    if std::fs::write(&input, "# 看\n\nlook\n").and_then(|()| std::fs::create_dir(&out)).is_err() {
        return failed("the temporary folder cannot be written".to_owned());
    }
    let converter = Converter::new(ConverterConfig {
        wall: Duration::from_secs(20).min(config.conversion_timeout),
        memory_bytes: config.conversion_memory_bytes,
        ..ConverterConfig::new(executable)
    });
    let work = Work::ReadDocument {
        input,
        extension: "md".into(),
        title: "look".into(),
        pictures_as_addresses: false,
    };
    match converter.run(work, &out, &|_| (), &CancellationToken::new()).await {
        Ok(produced) => {
            let took = format!(
                "a small one took {} ms and {}",
                produced.usage.wall_ms,
                size_text(produced.usage.peak_memory_bytes)
            );
            locked_in(&converter, &took)
        }
        Err(ConvertError::Unavailable(cause)) => {
            failed(format!("no process can be started with {CHILD_ARGUMENT}: {cause}"))
        }
        Err(error) => failed(error.to_string()),
    }
}

fn locked_in(converter: &Converter, took: &str) -> Finding {
    const WHAT: &str = "conversions";
    let Some(sandbox) = converter.sandbox() else {
        return Finding::good(WHAT, took);
    };
    let lacks: Vec<&str> = [
        (sandbox.resources, "limits of memory and time"),
        (sandbox.files, "landlock, which keeps it from other files"),
        (sandbox.system_calls, "seccomp, which keeps it from the network"),
    ]
    .into_iter()
    .filter(|(enforced, _)| *enforced == Enforcement::None)
    .map(|(_, name)| name)
    .collect();
    if lacks.is_empty() {
        return Finding::good(WHAT, format!("{took}; in a sandbox"));
    }
    Finding::fair(
        WHAT,
        format!("{took}; the sandbox lacks {}", lacks.join(" and ")),
        "use Linux 5.13 or newer, and a container that does not hide it; \
         without it, only import files you trust",
    )
}

/// The CA that there is, or the certificate that the operator brought.
fn certificate(config: &Config) -> Option<Finding> {
    const WHAT: &str = "tls";
    if let Some(files) = config.tls_files.as_ref().filter(|_| !config.tls.is_empty()) {
        return Some(match tls::about_files(files) {
            Ok(about) => until(&format!("a certificate for {}", about.names), about.ends_ms),
            Err(cause) => Finding::bad(WHAT, cause, "tls_cert and tls_key name files in PEM"),
        });
    }
    if config.memory {
        let new = || Finding::good(WHAT, "a new CA at each start");
        return (!config.tls.is_empty()).then(new);
    }
    let path = tls::secret_path(&config.data);
    let authority = match tls::Authority::find(&config.data) {
        Ok(Some(found)) => found,
        Ok(None) if config.tls.is_empty() => return None,
        Ok(None) => return Some(Finding::good(WHAT, "the CA is made at the first start")),
        Err(trouble) => {
            let advice = "restore it, or make a new one with `larkspur ca new --replace`";
            return Some(Finding::bad(WHAT, trouble.message(), advice));
        }
    };
    if is_open_to_others(&path) {
        let found =
            format!("other users of this machine can read the CA's key, {}", path.display());
        return Some(Finding::bad(WHAT, found, format!("chmod 600 {}", path.display())));
    }
    match tls::Names::of(config).map(|names| names.beyond(&authority.about.names)) {
        Ok(beyond) if beyond.is_empty() => {}
        Ok(beyond) => {
            return Some(Finding::bad(
                WHAT,
                format!("the CA was not made for {beyond}"),
                "make a new one with `larkspur ca new --replace`, which clients then have to trust",
            ));
        }
        Err(trouble) => {
            return Some(Finding::bad(WHAT, trouble.message(), "check `tls` and `tls_name`"));
        }
    }
    Some(until(&authority.about.subject, authority.about.ends_ms))
}

fn until(what: &str, ends_ms: i64) -> Finding {
    const WHAT: &str = "tls";
    /// Time enough to tell every client.
    const SOON_MS: i64 = 30 * 24 * HOUR_MS;
    let left_ms = ends_ms - SystemClock.now_ms();
    let found = format!("{what}, until {}", tls::day(ends_ms));
    let advice = "make a new one: `larkspur ca new --replace`, or new files for tls_cert";
    if left_ms <= 0 {
        Finding::bad(WHAT, found, advice)
    } else if left_ms < SOON_MS {
        Finding::fair(WHAT, found, advice)
    } else {
        Finding::good(WHAT, found)
    }
}

async fn address(config: &Config, listen: &str) -> Finding {
    const WHAT: &str = "address";
    let over_tls = config.tls.iter().any(|one| one == listen);
    match TcpListener::bind(listen).await {
        Ok(_) => Finding::good(WHAT, format!("{listen} is free")),
        Err(cause) if cause.kind() == std::io::ErrorKind::AddrInUse => {
            if is_larkspur(listen, over_tls).await {
                Finding::good(WHAT, format!("a larkspur server answers on {listen}"))
            } else {
                Finding::bad(
                    WHAT,
                    format!("another program listens on {listen}"),
                    "--listen (or --tls) names another address; port 0 picks a free one",
                )
            }
        }
        Err(cause) => Finding::bad(
            WHAT,
            format!("{listen}: {cause}"),
            "--listen takes an address of this machine and a port, such as 127.0.0.1:8484",
        ),
    }
}

/// Asks whoever listens there for their health, in the open: a port with TLS refuses in its own way.
async fn is_larkspur(address: &str, over_tls: bool) -> bool {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(64 << 10).read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = tokio::time::timeout(Duration::from_secs(2), ask).await;
    answer.is_ok_and(|answer| {
        answer.is_ok_and(|answer| {
            let answer = String::from_utf8_lossy(&answer);
            answer.starts_with(if over_tls { "HTTP/1.1 400" } else { "HTTP/1.1 200" })
                && answer.contains("X-Tt-Logid")
        })
    })
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
