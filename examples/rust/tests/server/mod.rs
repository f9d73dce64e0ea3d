//! A server for a test, and the tenant it works in.

use std::cell::RefCell;
use std::collections::HashMap;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use larkspur_example::Importer;
use serde_json::{Value, json};
use tempfile::TempDir;

/// `larkspur serve --memory`, and its operator's API.
pub struct Server {
    pub url: String,
    token: String,
    process: Child,
    _folder: TempDir,
}

impl Server {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let env_file = folder.path().join("env");
        let binary = std::env::var("LARKSPUR_BINARY").unwrap_or_else(|_| "larkspur".to_owned());
        let mut process = Command::new(binary)
            .args(["serve", "--memory", "--listen", "127.0.0.1:0", "--env-file"])
            .arg(&env_file)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // The file appears, whole, once the server answers.
        while !env_file.exists() {
            assert!(process.try_wait().unwrap().is_none(), "the server did not start");
            std::thread::sleep(Duration::from_millis(10));
        }
        let text = std::fs::read_to_string(env_file).unwrap();
        let env: HashMap<_, _> = text.lines().filter_map(|line| line.split_once('=')).collect();
        let value = |name| env[name].to_owned();
        let (url, token) = (value("LARKSPUR_URL"), value("LARKSPUR_ADMIN_TOKEN"));
        Self { url, token, process, _folder: folder }
    }

    /// POST to the operator's API; the data of the answer.
    fn operate(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.url);
        let asked = reqwest::blocking::Client::new().post(url).bearer_auth(&self.token).json(body);
        let mut answer: Value = asked.send().unwrap().json().unwrap();
        assert_eq!(answer["code"], 0, "{answer}");
        answer["data"].take()
    }

    /// A tenant that no other test sees.
    pub fn tenant(&self) -> Tenant<'_> {
        let made = self.operate("/larkspur/v1/tenants", &json!({"name": "example"}));
        Tenant { server: self, made: made["tenant"].clone(), slept: RefCell::default() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A tenant, and how long its programs have slept.
pub struct Tenant<'a> {
    server: &'a Server,
    made: Value,
    pub slept: RefCell<Vec<u64>>,
}

impl Tenant<'_> {
    pub fn importer(&self) -> Importer<'_> {
        let text = |name: &str| self.made[name].as_str().unwrap();
        let sleep = |time: Duration| self.sleep(time.as_secs());
        Importer::new(&self.server.url, text("app_id"), text("app_secret"), sleep).unwrap()
    }

    /// Time for the server, none for the test.
    pub fn sleep(&self, seconds: u64) {
        self.slept.borrow_mut().push(seconds);
        self.server.operate("/larkspur/v1/clock/advance", &json!({"by": format!("{seconds}s")}));
    }

    /// A rule for this tenant's requests or tasks.
    pub fn rehearse(&self, mut rule: Value) {
        rule["tenant"] = self.made["tenant_id"].clone();
        self.server.operate("/larkspur/v1/faults", &rule);
    }
}
