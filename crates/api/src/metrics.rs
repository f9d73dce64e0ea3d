//! What the server tells about itself: numbers for Prometheus, and whether it can do its work. Each floor
//! counts what it does; here is the one registry that all of it is read from.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use larkspur_engine::{Lane, Unfinished};
use larkspur_model::time::{Clock as _, SECOND_MS, SystemClock};
use parking_lot::Mutex;
use prometheus::core::Collector;
use prometheus::{Gauge, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder};
use serde::Serialize;
use tokio::time::{Instant, timeout};

use crate::seldom::Seldom;
use crate::{Answer, ApiError, Services, codes};

/// How long the database and the blobs may take to answer somebody who asks for the server's state.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long counts of tasks are good at least.
const FRESH: Duration = Duration::from_secs(1);
/// Ticks a second in `/proc/self/stat`, which Linux promises to programs.
const TICKS: f64 = 100.0;

/// The numbers there are.
pub struct Metrics {
    registry: Registry,
    gauges: Gauges,
    counted: Seldom<Counted>,
    /// Held while numbers are set and read.
    showing: Mutex<()>,
}

/// What waits and runs; nothing while the database is silent.
#[derive(Clone)]
struct Counted {
    took: Duration,
    found: Option<Arc<[Unfinished]>>,
}

/// What is looked up when somebody asks.
struct Gauges {
    tasks: IntGaugeVec,
    queue_age: IntGaugeVec,
    counted_ms: IntGauge,
    store_up: IntGauge,
    resident: IntGauge,
    open_files: IntGauge,
    threads: IntGauge,
    cpu: Gauge,
}

/// Data of `GET /readyz`.
#[derive(Serialize)]
struct Ready {
    status: &'static str,
}

fn gauge(name: &str, help: &str) -> IntGauge {
    IntGauge::new(name, help).expect("the name is well formed")
}

fn gauges(name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
    IntGaugeVec::new(Opts::new(name, help), labels).expect("name and labels are well formed")
}

impl Gauges {
    fn new() -> Self {
        Self {
            tasks: gauges(
                "larkspur_tasks",
                "Tasks that wait or run, on all nodes of the database.",
                &["family", "state"],
            ),
            queue_age: gauges(
                "larkspur_queue_age_seconds",
                "For how long the task that waits longest in a lane has been due.",
                &["lane"],
            ),
            counted_ms: gauge(
                "larkspur_tasks_counting_milliseconds",
                "Time the last count of tasks took; a count is good for twenty times that.",
            ),
            store_up: gauge("larkspur_store_up", "1 if the database answered when asked."),
            resident: gauge("process_resident_memory_bytes", "Resident memory, bytes."),
            open_files: gauge("process_open_fds", "Open file descriptors."),
            threads: gauge("process_threads", "Threads."),
            cpu: Gauge::new("process_cpu_seconds_total", "Time on processors, seconds.")
                .expect("the name is well formed"),
        }
    }

    fn all(&self) -> Vec<Box<dyn Collector>> {
        vec![
            Box::new(self.tasks.clone()),
            Box::new(self.queue_age.clone()),
            Box::new(self.counted_ms.clone()),
            Box::new(self.store_up.clone()),
            Box::new(self.resident.clone()),
            Box::new(self.open_files.clone()),
            Box::new(self.threads.clone()),
            Box::new(self.cpu.clone()),
        ]
    }

    /// Looks this process up in `/proc`; where there is none, the numbers stay 0.
    fn look_at_process(&self) {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<i64>().ok()
        };
        self.resident.set(number("VmRSS:").unwrap_or_default().saturating_mul(1024));
        self.threads.set(number("Threads:").unwrap_or_default());
        let files = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        // The folder that is being read is one of them.
        self.open_files.set(files.saturating_sub(1) as i64);
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
        // The program's name may hold spaces; what follows its bracket does not.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: f64 =
            fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
        self.cpu.set(ticks / TICKS);
    }
}

impl Metrics {
    /// The numbers of a server over these collectors.
    pub(crate) fn new(database: &str, collectors: Vec<Box<dyn Collector>>) -> Self {
        let metrics = Self {
            registry: Registry::new(),
            gauges: Gauges::new(),
            counted: Seldom::new(FRESH),
            showing: Mutex::default(),
        };
        metrics.add(collectors);
        metrics.add(metrics.gauges.all());
        let started = gauge("process_start_time_seconds", "When this server began, since 1970.");
        started.set(SystemClock.now_ms() / SECOND_MS);
        let build = gauges("larkspur_build_info", "Always 1.", &["version", "database"]);
        build.with_label_values(&[env!("CARGO_PKG_VERSION"), database]).set(1);
        metrics.add(vec![Box::new(started), Box::new(build)]);
        metrics
    }

    /// Shows what these collect, too.
    ///
    /// # Panics
    /// If a name is taken, which any test that asks for the numbers would show.
    pub fn add(&self, collectors: Vec<Box<dyn Collector>>) {
        for collector in collectors {
            self.registry.register(collector).expect("each name is given once");
        }
    }
}

impl Services {
    /// All numbers, in the text format of Prometheus.
    ///
    /// # Errors
    /// They cannot be written, which is a mistake in this program.
    pub async fn metrics(&self) -> Result<Answer, ApiError> {
        let metrics = &self.metrics;
        let Ok(counted) = metrics.counted.get(self.count_tasks()).await;
        let families = {
            let _alone = metrics.showing.lock();
            self.show_tasks(&counted);
            metrics.gauges.look_at_process();
            metrics.registry.gather()
        };
        let text = TextEncoder::new().encode_to_string(&families);
        Ok(Answer::Text(text.map_err(|error| codes::INTERNAL.caused_by(error))?.into()))
    }

    async fn count_tasks(&self) -> Result<Counted, Infallible> {
        let begun = Instant::now();
        let found = timeout(PATIENCE, self.engine.unfinished()).await;
        let found = found.ok().and_then(Result::ok).map(Arc::from);
        Ok(Counted { took: begun.elapsed(), found })
    }

    /// Sets the numbers of tasks that wait and run.
    fn show_tasks(&self, counted: &Counted) {
        let gauges = &self.metrics.gauges;
        gauges.counted_ms.set(counted.took.as_millis() as i64);
        gauges.tasks.reset();
        gauges.queue_age.reset();
        gauges.store_up.set(i64::from(counted.found.is_some()));
        let Some(found) = &counted.found else { return };
        for family in self.engine.families() {
            for state in ["queued", "running"] {
                gauges.tasks.with_label_values(&[family, state]).set(0);
            }
        }
        for lane in Lane::ALL {
            gauges.queue_age.with_label_values(&[lane.name()]).set(0);
        }
        let now_ms = SystemClock.now_ms();
        for found in found.iter() {
            let state = if found.running { "running" } else { "queued" };
            gauges.tasks.with_label_values(&[found.family.as_str(), state]).add(found.count);
            let lane = Lane::ALL.into_iter().find(|lane| lane.number() == found.lane);
            if let (Some(lane), false) = (lane, found.running) {
                let age = gauges.queue_age.with_label_values(&[lane.name()]);
                age.set(age.get().max((now_ms - found.due_ms) / SECOND_MS));
            }
        }
    }

    /// Whether the server can take and do work: it is not stopping, its workers run, the database
    /// answers and blobs can be written.
    ///
    /// # Errors
    /// [`codes::NOT_READY`] with the reason.
    pub async fn ready(&self) -> Result<Answer, ApiError> {
        let no = |why: String| codes::NOT_READY.because(why);
        if self.stopping.is_cancelled() {
            return Err(no("the server is stopping".to_owned()));
        }
        if !self.engine.is_working() {
            return Err(no("the workers do not run".to_owned()));
        }
        let asked = timeout(PATIENCE, self.store.db.query("SELECT 1", Vec::new())).await;
        let slow = |what: &str| no(format!("{what} not answer within {} s", PATIENCE.as_secs()));
        if let Err(error) = asked.map_err(|_| slow("the database does"))? {
            tracing::warn!(?error, "not ready: the database does not answer");
            return Err(no(error.to_string()));
        }
        let checked = timeout(PATIENCE, self.store.blobs.check()).await;
        if let Err(error) = checked.map_err(|_| slow("the files do"))? {
            tracing::warn!(?error, "not ready: files cannot be written");
            return Err(no("files cannot be written".to_owned()));
        }
        Answer::data(&Ready { status: "ready" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_and_names_are_told_before_their_numbers() {
        let metrics = Metrics::new("sqlite", Vec::new());
        let odd = gauges("larkspur_odd", "A back\\slash and a\nline.", &["said"]);
        odd.with_label_values(&["\"a\\b\"\nc"]).set(3);
        metrics.add(vec![Box::new(odd)]);
        let text = TextEncoder::new().encode_to_string(&metrics.registry.gather()).unwrap();
        let shown = "# HELP larkspur_odd A back\\\\slash and a\\nline.\n\
                     # TYPE larkspur_odd gauge\n\
                     larkspur_odd{said=\"\\\"a\\\\b\\\"\\nc\"} 3\n";
        assert!(text.contains(shown), "{text}");
        let build = concat!("{database=\"sqlite\",version=\"", env!("CARGO_PKG_VERSION"), "\"} 1");
        assert!(text.contains(build), "{text}");
    }
}
