//! Windows of a large spreadsheet, read and written over HTTP: random ones of 100 x 10 in 500,000 x 10
//! cells that came out of an xlsx file, then cells changed one call at a time, rows put below, rows put
//! above, and the same windows again. `windows LARKSPUR [ROUNDS [ROWS]]`, with the `larkspur` and
//! `make_workbook` of one build.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::time::Instant;

const COLUMNS: u64 = 10;
const WINDOW_ROWS: u64 = 100;

/// A server of this program's own, and one connection to it.
struct Server {
    process: Child,
    environment: Vec<(String, String)>,
    stream: BufReader<TcpStream>,
    token: String,
}

impl Server {
    fn start(binary: &Path, folder: &Path) -> Result<Self> {
        let env = folder.join("env");
        let log = std::fs::File::create(folder.join("log"))?;
        let process = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.join("data"))
            .arg("--env-file")
            .arg(&env)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        let began = Instant::now();
        while !env.exists() {
            ensure!(began.elapsed() < Duration::from_secs(20), "the server does not start");
            std::thread::yield_now();
        }
        let lines = std::fs::read_to_string(&env)?;
        let pair = |line: &str| line.split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned()));
        let environment: Vec<_> = lines.lines().filter_map(pair).collect();
        let value = |name: &str| {
            let found = environment.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).with_context(|| name.to_owned())
        };
        let host = value("LARKSPUR_URL")?.trim_start_matches("http://").to_owned();
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        let secrets = json!({"app_id": value("LARKSPUR_APP_ID")?, "app_secret": value("LARKSPUR_APP_SECRET")?});
        let stream = BufReader::new(stream);
        let mut server = Self { process, environment, stream, token: String::new() };
        let path = "/open-apis/auth/v3/tenant_access_token/internal";
        let answer = server.call("POST", path, Some(&secrets))?;
        server.token = text(&answer["tenant_access_token"])?;
        Ok(server)
    }

    /// One call on the one connection.
    fn call(&mut self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n\
             Content-Length: {}\r\n\r\n",
            self.token,
            body.len()
        );
        let stream = self.stream.get_mut();
        stream.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice())?;
        let (mut length, mut line) = (0, String::new());
        loop {
            line.clear();
            ensure!(self.stream.read_line(&mut line)? > 0, "the server hung up");
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer)?;
        let answer: Value = serde_json::from_slice(&answer)?;
        ensure!(answer["code"] == 0, "{method} {path}: {answer}");
        Ok(answer)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("no text: {value}"))
}

/// A small generator of numbers (xorshift), so that every run asks for the same windows.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end.max(1)
    }
}

fn tell(what: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
    let most = times.last().copied().unwrap_or_default();
    let rate = times.len() as f64 * 1_000.0 / times.iter().sum::<f64>();
    println!(
        "  {what:34} p50 {:7.2} ms  p99 {:7.2} ms  max {most:7.2} ms  {rate:7.0} a second",
        at(50),
        at(99)
    );
}

fn timed(times: &mut Vec<f64>, work: impl FnOnce() -> Result<Value>) -> Result<Value> {
    let began = Instant::now();
    let done = work()?;
    times.push(began.elapsed().as_secs_f64() * 1_000.0);
    Ok(done)
}

/// The sheet that is measured.
struct Sheet {
    server: Server,
    token: String,
    id: String,
    rows: u64,
    numbers: Numbers,
}

impl Sheet {
    fn import(binary: &Path, folder: &Path, rows: u64) -> Result<Self> {
        let book = folder.join("book.xlsx");
        let maker = binary.with_file_name("make_workbook");
        let size = [rows.to_string(), COLUMNS.to_string()];
        let made = Command::new(maker).arg(&book).args(size).status()?;
        ensure!(made.success(), "make_workbook failed");
        let mut server = Server::start(binary, folder)?;
        let began = Instant::now();
        let imported = Command::new(binary)
            .arg("import")
            .arg(&book)
            .envs(server.environment.iter().cloned())
            .output()?;
        if !imported.status.success() {
            bail!("{}", String::from_utf8_lossy(&imported.stderr));
        }
        println!("{rows} x {COLUMNS} cells imported in {:.1?}", began.elapsed());
        let url = String::from_utf8(imported.stdout)?;
        let token = url.trim().rsplit('/').next().unwrap_or_default().to_owned();
        let path = format!("/open-apis/sheets/v3/spreadsheets/{token}/sheets/query");
        let sheets = server.call("GET", &path, None)?;
        let id = text(&sheets["data"]["sheets"][0]["sheet_id"])?;
        Ok(Self { server, token, id, rows, numbers: Numbers(0x9e37_79b9_7f4a_7c15) })
    }

    fn path(&self, rest: &str) -> String {
        format!("/open-apis/sheets/v2/spreadsheets/{}/{rest}", self.token)
    }

    fn read(&mut self, what: &str, rounds: usize) -> Result<()> {
        let mut times = Vec::new();
        for _ in 0..rounds {
            let first = 1 + self.numbers.below(self.rows - WINDOW_ROWS);
            let last = first + WINDOW_ROWS - 1;
            let path = self.path(&format!("values/{}!A{first}:J{last}", self.id));
            let server = &mut self.server;
            let answer = timed(&mut times, || server.call("GET", &path, None))?;
            let values = &answer["data"]["valueRange"]["values"];
            ensure!(values.as_array().is_some_and(|rows| rows.len() == 100), "{answer:.200}");
        }
        tell(what, times);
        Ok(())
    }

    fn write(&mut self, what: &str, call: &str, rounds: usize, rows: u64) -> Result<()> {
        let mut times = Vec::new();
        for round in 0..rounds {
            let first = match call {
                "values" => 1 + self.numbers.below(self.rows - rows),
                _ => 1,
            };
            let last = first + rows - 1;
            let range = format!("{}!A{first}:J{last}", self.id);
            let row = json!([round, "text", 1.5, 44_000, true, "x", 44_000.5, 7, 0.25, "end"]);
            let values: Vec<Value> = (0..rows).map(|_| row.clone()).collect();
            let body = json!({"valueRange": {"range": range, "values": values}});
            let method = if call == "values" { "PUT" } else { "POST" };
            let path = self.path(call);
            let server = &mut self.server;
            timed(&mut times, || server.call(method, &path, Some(&body)))?;
        }
        tell(what, times);
        Ok(())
    }
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let binary: PathBuf =
        arguments.next().context("usage: windows LARKSPUR [ROUNDS [ROWS]]")?.into();
    let rounds = arguments.next().map_or(Ok(2_000), |text| text.parse())?;
    // Room for the rows that are put in: a sheet has 5,000,000 cells.
    let rows = arguments.next().map_or(Ok(490_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let mut sheet = Sheet::import(&binary.canonicalize()?, folder.path(), rows)?;
    sheet.read("100 x 10 cells read", rounds)?;
    sheet.write("1 x 10 cells written over", "values", rounds / 4, 1)?;
    sheet.write("100 x 10 cells written over", "values", rounds / 4, 100)?;
    sheet.write("1 x 10 cells put below", "values_append", rounds / 4, 1)?;
    sheet.write("1 x 10 cells put above", "values_prepend", rounds / 4, 1)?;
    sheet.read("100 x 10 cells read after that", rounds)
}
