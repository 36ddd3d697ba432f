//! A real browser without a window: Chromium, spoken to by the `DevTools` protocol over two pipes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::machine::skip;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_mins(1);

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// A browser with one page. Dropped, it is closed.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    to: Option<ChildStdin>,
    from: Receiver<Value>,
    calls: u64,
    session: Option<String>,
    /// What the page complained of: errors, and what it wrote to its console.
    pub complaints: Vec<Value>,
    /// Where it keeps its files while it runs.
    _profile: TempDir,
}

/// The browser on this machine; if there is none, says so.
pub fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|file| file.is_file());
    if found.is_none() {
        skip("there is no Chromium on this machine (Debian: apt-get install chromium)");
    }
    found
}

impl Browser {
    /// Starts it, of this size and in the dark or not, and waits until the page of this file says
    /// that it is ready.
    ///
    /// # Panics
    /// If that does not work.
    pub fn open(program: &Path, page: &Path, size: [u32; 2], dark: bool) -> Self {
        let mut browser = Self::start(program);
        let blank = json!({ "url": "about:blank" });
        let target = browser.call("Target.createTarget", &blank)["targetId"].clone();
        let attach = json!({ "targetId": target, "flatten": true });
        let session = browser.call("Target.attachToTarget", &attach)["sessionId"].clone();
        browser.session = session.as_str().map(str::to_owned);
        for domain in ["Runtime.enable", "Page.enable", "Log.enable"] {
            browser.call(domain, &json!({}));
        }
        let metrics = json!({
            "width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": false,
        });
        browser.call("Emulation.setDeviceMetricsOverride", &metrics);
        let value = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        browser.call("Emulation.setEmulatedMedia", &features);
        browser.call("Page.navigate", &json!({ "url": format!("file://{}", page.display()) }));
        browser.ask(
            "new Promise((done) => {
                const look = () => (window.tracer ? done(tracer.ready) : setTimeout(look, 1));
                look();
            })",
        );
        browser
    }

    fn start(program: &Path) -> Self {
        let profile = tempfile::tempdir().expect("a temporary directory");
        // It reads from 3 and writes to 4.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>&1", "sh"])
            .arg(program)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut pipe = BufReader::new(child.stdout.take().expect("a pipe"));
        let (send, from) = channel();
        std::thread::spawn(move || {
            let mut text = Vec::new();
            while pipe.read_until(0, &mut text).is_ok_and(|read| read > 0) {
                text.pop();
                let message = serde_json::from_slice(&text).expect("JSON");
                if send.send(message).is_err() {
                    break;
                }
                text.clear();
            }
        });
        let to = child.stdin.take();
        Self { child, to, from, calls: 0, session: None, complaints: Vec::new(), _profile: profile }
    }

    /// Calls a method of the protocol; gives its result.
    ///
    /// # Panics
    /// If it is refused, or there is no answer.
    #[track_caller]
    pub fn call(&mut self, method: &str, params: &Value) -> Value {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let to = self.to.as_mut().expect("an open pipe");
        write!(to, "{message}\0").expect("a browser that reads");
        loop {
            let mut answer = self.from.recv_timeout(ANSWER).expect("an answer of the browser");
            if answer["id"] == self.calls {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].take();
            }
            if is_complaint(&answer) {
                self.complaints.push(answer);
            }
        }
    }

    /// The value of an expression in the page, once it is there.
    ///
    /// # Panics
    /// If it throws.
    #[track_caller]
    pub fn ask(&mut self, expression: &str) -> Value {
        let params =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut result = self.call("Runtime.evaluate", &params);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].take()
    }

    /// Clicks at a place of the page.
    #[track_caller]
    pub fn click(&mut self, x: f64, y: f64) {
        for kind in ["mousePressed", "mouseReleased"] {
            let button = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", &button);
        }
    }

    /// Presses a key.
    #[track_caller]
    pub fn press(&mut self, key: &str) {
        for kind in ["keyDown", "keyUp"] {
            self.call("Input.dispatchKeyEvent", &json!({ "type": kind, "key": key }));
        }
    }

    /// Types text into what has the focus.
    #[track_caller]
    pub fn type_in(&mut self, text: &str) {
        self.call("Input.insertText", &json!({ "text": text }));
    }
}

/// Whether a page that does what it should would say so.
fn is_complaint(event: &Value) -> bool {
    match event["method"].as_str() {
        Some("Runtime.exceptionThrown") => true,
        Some("Runtime.consoleAPICalled") => event["params"]["type"] != "log",
        Some("Log.entryAdded") => event["params"]["entry"]["level"] == "error",
        _ => false,
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // With its pipes it ends, and all its processes with it.
        self.to = None;
        if self.child.kill().is_ok() && self.child.wait().is_err() {
            // Nothing is left to be done about it.
        }
    }
}
