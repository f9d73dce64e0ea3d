//! Children that misbehave in every way we could think of, and one that behaves: each ends as it
//! should, and nothing else is harmed. This executable is its own child.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

use larkspur_convert::{
    CHILD_ARGUMENT, Converter, ConverterConfig, Enforcement, Error, Made, Produced, Work,
    child_performing, own_executable,
};
use larkspur_formats::{Context, Error as FormatError};
use larkspur_model::loss::LossKind;
use larkspur_model::task::{FailureKind, Progress};
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == CHILD_ARGUMENT) {
        return child_performing(misbehave);
    }
    let wanted = arguments.iter().find(|argument| !argument.starts_with('-'));
    let mut failed = 0;
    for (name, test) in TESTS {
        if wanted.is_some_and(|wanted| !name.contains(wanted.as_str())) {
            continue;
        }
        if arguments.iter().any(|argument| argument == "--list") {
            println!("{name}: test");
        } else if std::panic::catch_unwind(test).is_ok() {
            println!("test {name} ... ok");
        } else {
            println!("test {name} ... FAILED");
            failed += 1;
        }
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(101) }
}

/// What the child does is named by the title of the work.
fn misbehave(work: &Work, out: &Path, context: &mut Context<'_>) -> Result<usize, FormatError> {
    let Work::ReadDocument { input, title, .. } = work else {
        return Err(FormatError::Unsupported("anything else".into()));
    };
    match title.as_str() {
        "behave" => {
            let mut text = String::new();
            File::open(input)?.read_to_string(&mut text)?;
            for done in 0..1_000_000 {
                context.progress("reading", done, 1_000_000)?;
            }
            context.progress("writing", 1, 1)?;
            context.lose(LossKind::FeatureDropped, "line 1", text);
            std::fs::write(out.join("document.json"), "{}")?;
            std::fs::write(out.join("asset-0"), "picture")?;
            return Ok(1);
        }
        "encrypted" => return Err(FormatError::Encrypted),
        "hang" => loop {
            std::thread::park();
        },
        "spin" => loop {
            std::hint::spin_loop();
        },
        "eat" => {
            let mut eaten: Vec<Vec<u8>> = Vec::new();
            loop {
                eaten.push(vec![1; 1 << 20]);
            }
        }
        "abort" => std::process::abort(),
        "panic" => panic!("a reader that panics"),
        "overflow" => return Ok(deeper(1)),
        "garbage" => {
            std::io::stdout().write_all(b"\xff\xfe what is this\n")?;
            loop {
                std::thread::park();
            }
        }
        "endless" => {
            let mut output = std::io::stdout();
            loop {
                output.write_all(&[b'x'; 4_096])?;
            }
        }
        "nothing" => return Ok(3),
        "escape" => attempt_escapes(out, context),
        "huge" => {
            let mut file = File::create(out.join("document.json"))?;
            loop {
                file.write_all(&[0; 4_096])?;
            }
        }
        "threads" => {
            let sum: u64 = std::thread::scope(|scope| {
                let works: Vec<_> = (0..4).map(|one| scope.spawn(move || one)).collect();
                works.into_iter().map(|work| work.join().unwrap_or_default()).sum()
            });
            let mut spilled = tempfile::tempfile()?;
            spilled.write_all(&sum.to_le_bytes())?;
            std::fs::write(out.join("document.json"), sum.to_string())?;
        }
        other => return Err(FormatError::Unsupported(other.into())),
    }
    Ok(0)
}

#[expect(unconditional_recursion, reason = "that is the point")]
fn deeper(depth: usize) -> usize {
    let room = std::hint::black_box([depth; 512]);
    deeper(depth + 1) + room[depth % 512]
}

/// Tries what the sandbox must refuse and notes what succeeded as losses.
fn attempt_escapes(out: &Path, context: &mut Context<'_>) {
    let mut note = |what: &str, succeeded: bool| {
        if succeeded {
            context.lose(LossKind::FeatureDropped, what, "");
        }
    };
    let outside = out.parent().map(|parent| parent.join("outside"));
    note("reading /etc/passwd", File::open("/etc/passwd").is_ok());
    note("listing /", std::fs::read_dir("/").is_ok());
    note(
        "reading the folder of jobs",
        outside.as_ref().is_some_and(|path| File::open(path).is_ok()),
    );
    note(
        "writing elsewhere",
        outside.as_ref().is_some_and(|path| File::create(path.with_extension("new")).is_ok()),
    );
    note("a link out of the folder", hard_or_soft_link(out));
    note(
        "a TCP connection",
        TcpStream::connect("127.0.0.1:1")
            .is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused),
    );
    note("a TCP listener", TcpListener::bind("127.0.0.1:0").is_ok());
    note("a UDP socket", UdpSocket::bind("127.0.0.1:0").is_ok());
    note("another program", std::process::Command::new("/bin/true").status().is_ok());
    let limit = rustix::process::getrlimit(rustix::process::Resource::Cpu);
    let raised = rustix::process::Rlimit { current: limit.current, maximum: None };
    note(
        "raising a limit",
        rustix::process::setrlimit(rustix::process::Resource::Cpu, raised).is_ok(),
    );
    let _ = std::fs::write(out.join("document.json"), "{}");
}

#[cfg(unix)]
fn hard_or_soft_link(out: &Path) -> bool {
    std::os::unix::fs::symlink("/etc", out.join("link")).is_ok()
        || std::fs::hard_link(out.join("."), out.join("hard")).is_ok()
}

#[cfg(not(unix))]
fn hard_or_soft_link(_: &Path) -> bool {
    false
}

const TESTS: &[(&str, fn())] = &[
    ("a_child_that_behaves", a_child_that_behaves),
    ("an_error_of_the_format_is_a_failure", an_error_of_the_format_is_a_failure),
    ("hanging_and_spinning_end_in_time", hanging_and_spinning_end_in_time),
    ("a_memory_eater_is_stopped", a_memory_eater_is_stopped),
    ("a_dying_child_is_a_crash", a_dying_child_is_a_crash),
    ("a_child_cannot_get_out", a_child_cannot_get_out),
    ("a_child_can_have_threads_and_temporary_files", a_child_can_have_threads),
    ("a_file_that_grows_for_ever_is_stopped", a_file_that_grows_is_stopped),
    ("cancelling_stops_the_child", cancelling_stops_the_child),
    ("a_converter_without_a_binary_is_unavailable", no_binary_is_unavailable),
];

struct Run {
    ended: Result<Produced, Error>,
    progress: Vec<Progress>,
    converter: Converter,
    folder: tempfile::TempDir,
}

fn run(what: &str, change: impl FnOnce(&mut ConverterConfig)) -> Run {
    run_cancelled(what, change, &CancellationToken::new(), None)
}

fn run_cancelled(
    what: &str,
    change: impl FnOnce(&mut ConverterConfig),
    cancelled: &CancellationToken,
    cancel_after: Option<Duration>,
) -> Run {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (input, out) = (folder.path().join("input.md"), folder.path().join("out"));
    std::fs::write(&input, "content").expect("the input can be written");
    std::fs::write(folder.path().join("outside"), "secret").expect("so can its neighbour");
    std::fs::create_dir(&out).expect("and the output folder made");
    let mut config = ConverterConfig::new(own_executable().expect("this binary has a path"));
    change(&mut config);
    let converter = Converter::new(config);
    let progress = Mutex::new(Vec::new());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be built");
    let ended = runtime.block_on(async {
        let work = Work::ReadDocument {
            input,
            extension: "md".into(),
            title: what.into(),
            pictures_as_addresses: false,
        };
        let hear = |step| progress.lock().expect("nobody panics here").push(step);
        let stop_later = async {
            match cancel_after {
                Some(after) => {
                    tokio::time::sleep(after).await;
                    cancelled.cancel();
                }
                None => std::future::pending().await,
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            ended = converter.run(work, &out, &hear, cancelled) => ended,
            () = stop_later => unreachable!("never ends"),
        }
    });
    let progress = progress.into_inner().expect("nobody panicked");
    Run { ended, progress, converter, folder }
}

fn failure_kind(run: &Run) -> FailureKind {
    match &run.ended {
        Err(Error::Failed(failure)) => failure.kind,
        other => panic!("not a failure: {other:?}"),
    }
}

fn a_child_that_behaves() {
    let run = run("behave", |_| ());
    let produced = run.ended.expect("it succeeds");
    let out = run.folder.path().join("out");
    let expected =
        Made::Document { document: out.join("document.json"), assets: vec![out.join("asset-0")] };
    assert_eq!(produced.made, expected);
    assert_eq!(
        produced.losses.iter().map(|loss| loss.detail.as_str()).collect::<Vec<_>>(),
        ["content"]
    );
    assert!(produced.usage.peak_memory_bytes > 1 << 20, "{:?}", produced.usage);
    assert!(produced.usage.peak_memory_bytes < 64 << 20, "{:?}", produced.usage);
    // A million calls, but a line only for each stage and each tenth of a second.
    assert!(run.progress.len() < 20, "{}", run.progress.len());
    let stages: Vec<&str> = run.progress.iter().map(|step| step.stage.as_str()).collect();
    assert_eq!((stages.first(), stages.last()), (Some(&"reading"), Some(&"writing")));
}

fn an_error_of_the_format_is_a_failure() {
    assert_eq!(failure_kind(&run("encrypted", |_| ())), FailureKind::Encrypted);
}

fn hanging_and_spinning_end_in_time() {
    for what in ["hang", "spin"] {
        let run = run(what, |config| config.wall = Duration::from_millis(300));
        assert_eq!(failure_kind(&run), FailureKind::TimedOut, "{what}");
    }
}

fn a_memory_eater_is_stopped() {
    let run = run("eat", |config| config.memory_bytes = 96 << 20);
    let Err(Error::Failed(failure)) = &run.ended else { panic!("{:?}", run.ended) };
    assert_eq!(failure.kind, FailureKind::Crashed);
    assert!(failure.message.contains("96 MiB"), "{failure:?}");
}

fn a_dying_child_is_a_crash() {
    for what in ["abort", "panic", "overflow", "garbage", "endless", "nothing"] {
        assert_eq!(failure_kind(&run(what, |_| ())), FailureKind::Crashed, "{what}");
    }
}

fn a_child_cannot_get_out() {
    let run = run("escape", |_| ());
    let sandbox = run.converter.sandbox().expect("a child has started");
    let produced = run.ended.expect("it succeeds");
    let escapes: Vec<&str> = produced.losses.iter().map(|loss| loss.place.as_str()).collect();
    if sandbox.files == Enforcement::None || sandbox.system_calls == Enforcement::None {
        println!("NOT CHECKED: this system has no complete sandbox: {sandbox:?}");
        return;
    }
    assert_eq!(escapes, [""; 0], "{sandbox:?}");
    assert!(!run.folder.path().join("outside.new").exists());
}

fn a_child_can_have_threads() {
    let run = run("threads", |_| ());
    let Ok(Produced { made: Made::Document { document, .. }, .. }) = &run.ended else {
        panic!("{:?}", run.ended)
    };
    assert_eq!(std::fs::read_to_string(document).expect("it is there"), "6");
}

fn a_file_that_grows_is_stopped() {
    let run = run("huge", |config| config.file_bytes = 1 << 20);
    assert_eq!(failure_kind(&run), FailureKind::Crashed);
    let size =
        std::fs::metadata(run.folder.path().join("out/document.json")).map(|file| file.len());
    assert_eq!(size.expect("it was begun"), 1 << 20);
}

fn cancelling_stops_the_child() {
    let token = CancellationToken::new();
    let cancelled = run_cancelled("hang", |_| (), &token, Some(Duration::from_millis(50)));
    assert!(matches!(cancelled.ended, Err(Error::Cancelled)), "{:?}", cancelled.ended);
    let before = run_cancelled("behave", |_| (), &token, None);
    assert!(matches!(before.ended, Err(Error::Cancelled)), "{:?}", before.ended);
}

fn no_binary_is_unavailable() {
    let run = run("behave", |config| config.executable = "/nowhere/larkspur".into());
    assert!(matches!(run.ended, Err(Error::Unavailable(_))), "{:?}", run.ended);
}
