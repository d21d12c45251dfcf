//! The page in headless Chromium: Debian's packages `chromium` and `chromium-driver`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;

use super::program::{HANGING, Program};

/// A browser, which does not outlive its test.
struct Browser {
    driver: Child,
    agent: Agent,
    session: String,
    /// For the life of the browser.
    profile: TempDir,
}

impl Browser {
    fn start() -> Self {
        let profile = tempfile::tempdir().expect("a temporary folder");
        let missing = "this test needs the program `chromedriver`, which is not there: on Debian, install the packages \
                       `chromium` and `chromium-driver`";
        let mut driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn().expect(missing);
        let mut lines = BufReader::new(driver.stdout.take().expect("a pipe")).lines();
        let started =
            |line: String| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse::<u16>().ok();
        let port = lines.by_ref().map_while(Result::ok).find_map(started).expect("a port");
        // So that it does not stop at a full pipe.
        thread::spawn(move || lines.for_each(drop));
        let config = Agent::config_builder().http_status_as_error(false).proxy(None).timeout_global(Some(HANGING));
        let agent = config.build().new_agent();
        let mut browser = Browser { driver, agent, session: format!("http://127.0.0.1:{port}/session"), profile };

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
            // With a pipe instead of a port, the browser ends when the driver does, however that ends.
            "--remote-debugging-pipe",
            &profile,
        ];
        let options = json!({"args": arguments});
        let wanted = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}});
        let session = browser.post("", &wanted);
        browser.session = format!("{}/{}", browser.session, session["sessionId"].as_str().expect("a session"));
        browser
    }

    /// What the driver answers to a command.
    fn post(&self, command: &str, body: &Value) -> Value {
        let request = self.agent.post(format!("{}{command}", self.session)).content_type("application/json");
        let mut answer = request.send(body.to_string()).expect("an answer");
        let text = answer.body_mut().read_to_string().expect("UTF-8");
        assert!(answer.status().is_success(), "{command}: {text}");
        serde_json::from_str::<Value>(&text).expect("JSON")["value"].take()
    }

    fn open(&self, url: &str) {
        self.post("/url", &json!({"url": url}));
    }

    /// Opens another tab, and returns its name.
    fn tab(&self, url: &str) -> Value {
        let tab = self.post("/window/new", &json!({"type": "tab"}))["handle"].take();
        self.switch(&tab);
        self.open(url);
        tab
    }

    fn switch(&self, tab: &Value) {
        self.post("/window", &json!({"handle": tab}));
    }

    fn emulate(&self, command: &str, parameters: &Value) {
        self.post("/goog/cdp/execute", &json!({"cmd": format!("Emulation.{command}"), "params": parameters}));
    }

    fn press(&self, key: &str) {
        let strokes = json!([{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]);
        self.post("/actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]}));
    }

    /// The value of an expression in the page.
    fn evaluate(&self, expression: &str) -> Value {
        self.post("/execute/sync", &json!({"script": format!("return {expression}"), "args": []}))
    }

    fn wait_until(&self, expression: &str) {
        let end = Instant::now() + HANGING;
        while self.evaluate(expression) != json!(true) {
            assert!(Instant::now() < end, "{expression} in {}", self.evaluate("document.body.innerText"));
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// The dishes that the page shows, the newest first.
    fn dishes(&self) -> Vec<(usize, String)> {
        let rows = "[...document.querySelectorAll('li')].map((row) => \
                    [Number(row.children[0].textContent), row.children[1].textContent])";
        serde_json::from_value(self.evaluate(rows)).expect("dishes")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

#[test]
fn tabs_at_a_table_show_what_is_served_there() {
    let program = Program::serving(&["--every", "200ms"]);
    let browser = Browser::start();
    let url = |table| format!("http://{}/tables/{table}", program.address);
    let tabs = [browser.tab(&url(1)), browser.tab(&url(1)), browser.tab(&url(2))];
    let [first, second, other] = tabs.map(|tab| {
        browser.switch(&tab);
        browser.wait_until("document.querySelectorAll('li').length >= 5");
        assert_eq!(browser.evaluate("document.querySelector('#state').textContent"), "live");
        browser.dishes()
    });
    for dishes in [&first, &second, &other] {
        assert!(dishes.windows(2).all(|pair| pair[0].0 == pair[1].0 + 1), "{dishes:?}");
    }
    let same = |dishes: &[(usize, String)], others: &[(usize, String)]| {
        let common =
            dishes.iter().filter_map(|(number, dish)| Some((dish, &others.iter().find(|(n, _)| n == number)?.1)));
        common.map(|(one, other)| one == other).collect::<Vec<_>>()
    };
    assert!(same(&first, &second).contains(&true) && !same(&first, &second).contains(&false), "{first:?} {second:?}");
    assert!(!same(&first, &other).contains(&true), "{first:?} {other:?}");
}

#[test]
fn the_page_connects_again_when_the_program_is_back() {
    let mut program = Program::serving(&["--every", "50ms"]);
    let browser = Browser::start();
    browser.open(&format!("http://{}/tables/1", program.address));
    browser.wait_until("document.querySelectorAll('li').length >= 3");
    let address = program.address.clone();
    drop(program);
    browser.wait_until("document.querySelector('#state').textContent.startsWith('reconnecting')");
    let before = browser.dishes().len();
    program = Program::serving_at(&address, &["--every", "50ms"]);
    browser.wait_until("document.querySelector('#state').textContent == 'live'");
    browser.wait_until(&format!("document.querySelectorAll('li').length > {before}"));
    drop(program);
}

/// Also takes the pictures to look at, into the folder of `TABLES_SCREENSHOTS`, as base64.
#[test]
fn the_page_fits_a_phone_and_a_desk_by_day_and_night() {
    let program = Program::serving(&["--every", "100ms"]);
    let browser = Browser::start();
    for (name, width, height, scheme) in
        [("day", 1000, 700, "light"), ("night", 1000, 700, "dark"), ("phone", 320, 640, "dark")]
    {
        let screen = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        browser.emulate("setDeviceMetricsOverride", &screen);
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        browser.emulate("setEmulatedMedia", &media);
        browser.open(&format!("http://{}/tables/2", program.address));
        browser.wait_until("document.querySelectorAll('li').length >= 8");
        assert_eq!(browser.evaluate("innerWidth"), width, "{name}");
        assert_eq!(browser.evaluate("document.documentElement.scrollWidth"), width, "{name}");
        let is_dark = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every((part) => part < 80)";
        assert_eq!(browser.evaluate(is_dark), scheme == "dark", "{name}");
        if let Some(folder) = std::env::var_os("TABLES_SCREENSHOTS") {
            let mut answer = browser.agent.get(format!("{}/screenshot", browser.session)).call().expect("a picture");
            let answer: Value =
                serde_json::from_str(&answer.body_mut().read_to_string().expect("UTF-8")).expect("JSON");
            let path = Path::new(&folder).join(format!("{name}.base64"));
            fs::write(path, answer["value"].as_str().expect("base64")).expect("a file");
        }
    }
}

#[test]
fn the_tables_can_be_reached_by_keyboard() {
    const TAB: &str = "\u{e004}";
    const ENTER: &str = "\u{e007}";
    let program = Program::serving(&[]);
    let browser = Browser::start();
    browser.open(&format!("http://{}/", program.address));
    assert_eq!(browser.evaluate("document.querySelector('[aria-current]').textContent"), "Table 1");
    for table in 1..=3 {
        browser.press(TAB);
        assert_eq!(browser.evaluate("document.activeElement.textContent"), format!("Table {table}"));
    }
    browser.press(ENTER);
    browser.wait_until("location.pathname == '/tables/3' && document.title == 'Table 3'");
    browser.wait_until("document.querySelectorAll('li').length >= 1");
}
