//! Headless Chromium, controlled through `chromedriver`: Debian's packages `chromium` and `chromium-driver`.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;

/// Far longer than any step takes. A test that waits this long fails.
const HANGING: Duration = Duration::from_mins(1);

/// A browser. Dropping it ends it.
pub(crate) struct Browser {
    driver: Child,
    agent: Agent,
    session: String,
    /// A temporary folder, deleted after the browser ends.
    profile: TempDir,
}

impl Browser {
    pub(crate) fn start() -> Self {
        let profile = tempfile::tempdir().expect("a temporary folder");
        let missing = "this test needs the program `chromedriver`, which is not there: on Debian, install the packages \
                       `chromium` and `chromium-driver`";
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .expect(missing);
        let mut lines = BufReader::new(driver.stdout.take().expect("a pipe")).lines();
        let started = |line: String| {
            line.split_once("successfully on port ")?
                .1
                .trim_end_matches('.')
                .parse::<u16>()
                .ok()
        };
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(started)
            .expect("a port");
        // An unread pipe would fill up and stop the driver.
        thread::spawn(move || lines.for_each(drop));
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(HANGING));
        let agent = config.build().new_agent();
        let mut browser = Browser {
            driver,
            agent,
            session: format!("http://127.0.0.1:{port}/session"),
            profile,
        };

        let profile = format!("--user-data-dir={}", browser.profile.path().display());
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            // With a pipe instead of a port, the browser ends with the driver in any case.
            "--remote-debugging-pipe",
            &profile,
        ];
        let options = json!({"args": arguments});
        let wanted = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}});
        let session = browser.post("", &wanted);
        browser.session = format!(
            "{}/{}",
            browser.session,
            session["sessionId"].as_str().expect("a session")
        );
        browser
    }

    /// The driver's answer to a command.
    fn post(&self, command: &str, body: &Value) -> Value {
        let request = self
            .agent
            .post(format!("{}{command}", self.session))
            .content_type("application/json");
        let mut answer = request.send(body.to_string()).expect("an answer");
        let text = answer.body_mut().read_to_string().expect("UTF-8");
        assert!(answer.status().is_success(), "{command}: {text}");
        serde_json::from_str::<Value>(&text).expect("JSON")["value"].take()
    }

    pub(crate) fn open(&self, url: &str) {
        self.post("/url", &json!({"url": url}));
    }

    /// Opens another tab, and returns its name.
    pub(crate) fn tab(&self, url: &str) -> Value {
        let tab = self.post("/window/new", &json!({"type": "tab"}))["handle"].take();
        self.switch(&tab);
        self.open(url);
        tab
    }

    pub(crate) fn switch(&self, tab: &Value) {
        self.post("/window", &json!({"handle": tab}));
    }

    /// Emulates a screen of this size, in light or dark.
    pub(crate) fn emulate_screen(&self, width: u32, height: u32, scheme: &str) {
        let screen = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        self.command("Emulation.setDeviceMetricsOverride", &screen);
        self.prefer("prefers-color-scheme", scheme);
    }

    /// Emulates one preference of the reader, and no other.
    pub(crate) fn prefer(&self, name: &str, value: &str) {
        self.command(
            "Emulation.setEmulatedMedia",
            &json!({"features": [{"name": name, "value": value}]}),
        );
    }

    /// The answer to a command of the developer tools.
    fn command(&self, command: &str, parameters: &Value) -> Value {
        self.post(
            "/goog/cdp/execute",
            &json!({"cmd": command, "params": parameters}),
        )
    }

    pub(crate) fn press(&self, key: &str) {
        let strokes = json!([{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]);
        self.post(
            "/actions",
            &json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]}),
        );
    }

    /// The value of an expression in the page.
    pub(crate) fn evaluate(&self, expression: &str) -> Value {
        self.post(
            "/execute/sync",
            &json!({"script": format!("return {expression}"), "args": []}),
        )
    }

    /// A screenshot, as a PNG in base64.
    pub(crate) fn screenshot(&self) -> String {
        let answer = self.command("Page.captureScreenshot", &json!({"format": "png"}));
        answer["data"].as_str().expect("base64").to_owned()
    }

    pub(crate) fn wait_until(&self, expression: &str) {
        let end = Instant::now() + HANGING;
        while self.evaluate(expression) != json!(true) {
            assert!(
                Instant::now() < end,
                "{expression} in {}",
                self.evaluate("document.body.innerText")
            );
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
