//! A headless Chromium, driven through the pipe of its DevTools protocol.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long something that is to happen is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// One page of a browser of its own.
pub(super) struct Page {
    browser: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    session: Option<String>,
    calls: u64,
    /// What the page complained of: exceptions, and what its policy forbade.
    complaints: Vec<String>,
    _profile: TempDir,
}

/// The browser's program: `RVLITMUS_CHROMIUM`, or what Debian and others call it.
fn program() -> Option<PathBuf> {
    if let Some(named) = env::var_os("RVLITMUS_CHROMIUM") {
        return Some(named.into());
    }
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}

/// An empty page; nothing, with a word about it, where there is no browser.
pub(super) fn page() -> Option<Page> {
    let Some(program) = program() else {
        eprintln!("skipped: there is no chromium (see RVLITMUS_CHROMIUM)");
        return None;
    };
    let profile = tempfile::tempdir().expect("a folder");
    // The protocol has the descriptors 3 and 4.
    let mut browser = Command::new("sh")
        .args(["-c", "exec \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null", "sh"])
        .arg(program)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"])
        .arg("--remote-debugging-pipe")
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg("about:blank")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the browser starts");
    let orders = browser.stdin.take().expect("a pipe");
    let answers = BufReader::new(browser.stdout.take().expect("a pipe"));
    let complaints = Vec::new();
    let mut page =
        Page { browser, orders, answers, session: None, calls: 0, complaints, _profile: profile };
    let target = page.call("Target.createTarget", &json!({ "url": "about:blank" }));
    let attach = json!({ "targetId": target["targetId"], "flatten": true });
    let attached = page.call("Target.attachToTarget", &attach);
    page.session = attached["sessionId"].as_str().map(str::to_owned);
    for domain in ["Page.enable", "Runtime.enable", "Log.enable"] {
        page.call(domain, &json!({}));
    }
    page.size(1280, 900);
    Some(page)
}

impl Page {
    fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.calls += 1;
        let mut order = json!({ "id": self.calls, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            order["sessionId"] = json!(session);
        }
        self.orders.write_all(format!("{order}\0").as_bytes()).expect("the browser listens");
        loop {
            let mut answer = Vec::new();
            self.answers.read_until(0, &mut answer).expect("the browser answers");
            answer.pop();
            let answer: Value = serde_json::from_slice(&answer).expect("JSON");
            let complains = match answer["method"].as_str() {
                Some("Runtime.exceptionThrown") => true,
                Some("Log.entryAdded") => answer["params"]["entry"]["level"] == "error",
                _ => false,
            };
            if complains {
                self.complaints.push(answer["params"].to_string());
            }
            if answer["id"] == json!(self.calls) {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
        }
    }

    /// Sets the size of the window.
    pub(super) fn size(&mut self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Opens an address.
    pub(super) fn open(&mut self, address: &str) {
        // Another fragment alone would not load the page anew.
        self.call("Page.navigate", &json!({ "url": "about:blank" }));
        self.call("Page.navigate", &json!({ "url": address }));
    }

    /// Opens a file.
    pub(super) fn open_file(&mut self, path: &Path, fragment: &str) {
        self.open(&format!("file://{}{fragment}", path.display()));
    }

    /// What an expression comes to in the page.
    pub(super) fn value(&mut self, expression: &str) -> Value {
        let evaluate =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut result = self.call("Runtime.evaluate", &evaluate);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].take()
    }

    /// The text of an element.
    pub(super) fn text(&mut self, selector: &str) -> String {
        let text = self.value(&format!("document.querySelector({selector:?})?.textContent ?? ''"));
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an expression is true.
    pub(super) fn until(&mut self, expression: &str) {
        let begun = Instant::now();
        while self.value(&format!("Boolean({expression})")) != json!(true) {
            let body = || "document.body?.innerText.slice(0, 3000)";
            if begun.elapsed() > PATIENCE {
                let shown = self.value(body());
                panic!("never: {expression}\n{:?}\n{shown}", self.complaints);
            }
            sleep(Duration::from_millis(10));
        }
    }

    /// Clicks on the first element of a selector, as a mouse does.
    pub(super) fn click(&mut self, selector: &str) {
        self.until(&format!("document.querySelector({selector:?})"));
        let middle = format!(
            "(() => {{ const e = document.querySelector({selector:?}); e.scrollIntoView({{ block: 'center' }}); \
             const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()"
        );
        let at = self.value(&middle);
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({ "type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", &event);
        }
    }

    /// Types text where the focus is.
    pub(super) fn type_text(&mut self, text: &str) {
        self.call("Input.insertText", &json!({ "text": text }));
    }

    /// Puts the focus on an element.
    pub(super) fn focus(&mut self, selector: &str) {
        self.value(&format!("document.querySelector({selector:?}).focus()"));
    }

    /// Presses a key of this name and code.
    pub(super) fn press(&mut self, key: &str, code: u32) {
        for kind in ["keyDown", "keyUp"] {
            let text = if key == "Enter" && kind == "keyDown" { "\r" } else { "" };
            let event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text });
            self.call("Input.dispatchKeyEvent", &event);
        }
    }

    /// What the page complained of so far.
    pub(super) fn complaints(&self) -> &[String] {
        &self.complaints
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.orders.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(5) {
            if let Ok(Some(_)) = self.browser.try_wait() {
                return;
            }
            sleep(Duration::from_millis(20));
        }
        let _ = self.browser.kill();
        let _ = self.browser.wait();
    }
}
