//! The page `GET /`, in a browser.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::answers::{MODES, json};
use crate::chromium::Browser;
use crate::service::{Process, Service, new_database};

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

/// Opens the page, which runs all modes, and waits until they have ended.
fn open(browser: &Browser, service: &Service) {
    open_at_once(browser, service);
    wait_until_over(browser);
}

fn open_at_once(browser: &Browser, service: &Service) {
    browser.open(&format!("http://{}/", service.address));
}

/// Shows the page of three queries.
fn select_page(browser: &Browser) {
    browser.evaluate("document.querySelector('[value=page]').click()");
    wait_until_over(browser);
}

/// Runs all modes again.
fn run(browser: &Browser) {
    browser.evaluate("document.querySelector('button').click()");
    wait_until_over(browser);
}

fn wait_until_over(browser: &Browser) {
    browser.wait_until("!document.querySelector('#state').textContent.startsWith('Run')");
}

fn state(browser: &Browser) -> Value {
    browser.evaluate("document.querySelector('#state').textContent")
}

/// The name, the start and the end of each row of a mode.
fn rows(browser: &Browser, mode: &str) -> Vec<(String, f64, f64)> {
    let rows = format!(
        "[...document.querySelectorAll('#{mode} li')].map(({{ dataset }}) => \
         [dataset.task, Number(dataset.start), Number(dataset.end)])"
    );
    serde_json::from_value(browser.evaluate(&rows)).expect("rows")
}

#[test]
fn opening_the_page_draws_all_runs_on_one_axis() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "20ms");
    let browser = Browser::start();
    open(&browser, &service);

    let order = browser.evaluate("[...document.querySelectorAll('article')].map(({ id }) => id)");
    assert_eq!(order, json!(MODES));
    for mode in MODES {
        let rows = rows(&browser, mode);
        let names: Vec<_> = rows.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, ["user", "posts", "comments", "replies", "threads"]);
        if ["sync", "layers"].contains(&mode) {
            let (_, replies_start, _) = rows[3];
            let (_, _, comments_end) = rows[2];
            assert!(replies_start >= comments_end, "{mode}: {rows:?}");
        }
        let has_path = format!("document.querySelectorAll('#{mode} i.critical').length >= 3");
        assert_eq!(browser.evaluate(&has_path), true, "{mode}");
    }
    // One millisecond is equally wide in all bars.
    let widths = "[...document.querySelectorAll('article li')].map((row) => \
                  row.querySelector('.pending').getBoundingClientRect().width / (row.dataset.end - row.dataset.start))";
    let widths: Vec<f64> = serde_json::from_value(browser.evaluate(widths)).expect("numbers");
    assert_eq!(widths.len(), 30);
    assert!(
        widths
            .iter()
            .all(|width| (width / widths[0] - 1.0).abs() < 0.02),
        "{widths:?}"
    );
    let starts = "new Set([...document.querySelectorAll('.track')].map((track) => track.getBoundingClientRect().x)).size";
    assert_eq!(browser.evaluate(starts), 1, "all begin below the axis");
    let totals = browser
        .evaluate("[...document.querySelectorAll('.total')].map(({ textContent }) => textContent)");
    let totals: Vec<String> = serde_json::from_value(totals).expect("texts");
    assert!(
        !totals[0].contains("saves") && totals[1..].iter().all(|total| total.contains("saves")),
        "{totals:?}"
    );
    let verdict = state(&browser);
    assert!(
        verdict
            .as_str()
            .is_some_and(|text| text.starts_with("auto! ")),
        "{verdict}"
    );
    let shown = browser.evaluate("JSON.parse(document.querySelector('#answer pre').textContent)");
    assert_eq!(shown, json(&service.get("/auto/1/activity", None)));
    assert_eq!(
        browser.evaluate("document.querySelector('#answer p').textContent"),
        "The same in each mode."
    );
}

#[test]
fn page_of_three_queries_can_be_selected() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "20ms");
    let browser = Browser::start();
    open(&browser, &service);
    select_page(&browser);
    for mode in MODES {
        let rows = rows(&browser, mode);
        let [
            (user, _, user_end),
            (posts, posts_start, posts_end),
            (comments, comments_start, comments_end),
        ] = &rows[..]
        else {
            panic!("{rows:?}")
        };
        assert_eq!([user, posts, comments], ["user", "posts", "comments"]);
        assert!(
            user_end <= posts_start && user_end <= comments_start,
            "{mode}: {rows:?}"
        );
        let do_overlap = posts_start < comments_end && comments_start < posts_end;
        assert_eq!(do_overlap, mode != "sync", "{mode}: {rows:?}");
    }
    let shown = browser.evaluate("JSON.parse(document.querySelector('#answer pre').textContent)");
    assert_eq!(shown, json(&service.get("/auto/1", None)));
}

#[test]
fn source_of_each_mode_is_one_click_away() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    let browser = Browser::start();
    open(&browser, &service);
    for (shape, signature) in [
        ("activity", "async fn activity("),
        ("page", "async fn page("),
    ] {
        browser.evaluate(&format!(
            "document.querySelector('[value={shape}]').click()"
        ));
        for mode in MODES {
            browser.evaluate(&format!(
                "document.querySelector('#{mode} summary').click()"
            ));
            let source = browser.evaluate(&format!("document.querySelector('#{mode}').innerText"));
            assert!(
                source
                    .as_str()
                    .is_some_and(|text| text.matches(signature).count() == 1),
                "{source}"
            );
            browser.evaluate(&format!(
                "document.querySelector('#{mode} summary').click()"
            ));
        }
    }
}

#[test]
fn page_works_by_keyboard() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    let browser = Browser::start();
    open(&browser, &service);
    let label = "document.activeElement.labels[0].textContent.trim()";
    browser.press(TAB);
    assert_eq!(
        browser.evaluate("document.activeElement.textContent"),
        "Documentation"
    );
    browser.press(TAB);
    assert_eq!(browser.evaluate(label), "Five queries");
    browser.press(TAB);
    assert_eq!(browser.evaluate(label), "User");
    browser.press("2");
    assert_eq!(
        browser.evaluate("document.querySelector('#user').value"),
        "2",
        "the field's text was selected"
    );
    browser.press(TAB);
    let focused = "document.activeElement.textContent";
    assert_eq!(browser.evaluate(focused), "Run again");
    let outline = "getComputedStyle(document.activeElement).outlineStyle";
    assert_eq!(browser.evaluate(outline), "solid", "the focus is visible");
    browser.press(ENTER);
    wait_until_over(&browser);
    assert_eq!(
        browser.evaluate("document.querySelector('#state').getAttribute('role')"),
        "status"
    );
    assert_eq!(
        browser.evaluate("JSON.parse(document.querySelector('#answer pre').textContent).user.id"),
        2
    );
    assert_eq!(browser.evaluate(focused), "Run again", "the focus stays");
    for mode in MODES {
        browser.press(TAB);
        assert_eq!(browser.evaluate(focused), format!("source of {mode}"));
    }
    browser.press(ENTER);
    browser.press(TAB);
    assert_eq!(
        browser.evaluate("document.activeElement.closest('article').id"),
        "concurrent",
        "a source scrolls by keyboard"
    );
}

fn picture(browser: &Browser, name: &str) {
    if let Some(folder) = std::env::var_os("BLOG_SCREENSHOTS") {
        fs::write(
            Path::new(&folder).join(format!("{name}.base64")),
            browser.screenshot(),
        )
        .expect("a file");
    }
}

/// Also takes screenshots, as base64, into the folder `BLOG_SCREENSHOTS` if it is set.
#[test]
fn page_fits_phone_and_desk_in_light_and_dark() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "20ms");
    let browser = Browser::start();
    for (name, width, height, scheme) in [
        ("day", 1200, 900, "light"),
        ("night", 1200, 900, "dark"),
        ("tablet", 700, 900, "light"),
        ("phone", 360, 1100, "dark"),
        ("small", 320, 1100, "light"),
    ] {
        browser.emulate_screen(width, height, scheme);
        open_at_once(&browser, &service);
        let fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth";
        assert_eq!(browser.evaluate(fits), true, "{name}, before");
        wait_until_over(&browser);
        assert_eq!(browser.evaluate("innerWidth"), width, "{name}");
        assert_eq!(browser.evaluate(fits), true, "{name}");
        let is_dark = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every((part) => part < 80)";
        assert_eq!(browser.evaluate(is_dark), scheme == "dark", "{name}");
        let inside = "[...document.querySelectorAll('.name, .took, .total, .axis span')]\
                      .every((element) => element.scrollWidth <= element.clientWidth + 1)";
        assert_eq!(browser.evaluate(inside), true, "{name}: no text is cut off");
        picture(&browser, name);
        select_page(&browser);
        assert_eq!(browser.evaluate(fits), true, "{name}, three queries");
        picture(&browser, &format!("{name}-page"));
        browser.evaluate("document.querySelector('#user').value = '1001'");
        run(&browser);
        assert_eq!(browser.evaluate(fits), true, "{name}, with failures");
        assert_eq!(
            browser.evaluate(inside),
            true,
            "{name}: no text of a failure is cut off"
        );
        picture(&browser, &format!("{name}-failed"));
    }
}

#[test]
fn failures_are_shown_as_text() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    let browser = Browser::start();
    open(&browser, &service);
    for (user, message) in [
        ("1001", "404: there is no user 1001."),
        (
            "1e3",
            "400: `1e3` is not a user id; write a whole number from 1 to 9223372036854775807.",
        ),
    ] {
        browser.evaluate(&format!("document.querySelector('#user').value = '{user}'"));
        browser.evaluate("document.querySelector('button').click()");
        browser.wait_until(&format!(
            "document.querySelector('#state').textContent == '{message}'"
        ));
        assert_eq!(
            browser.evaluate("document.querySelector('#state').className"),
            "trouble"
        );
        assert_eq!(
            browser.evaluate("document.querySelector('#answer').hidden"),
            true,
            "{user}"
        );
    }
    // The browser itself rejects other numbers.
    browser.evaluate("document.querySelector('#user').value = '0'");
    browser.evaluate("document.querySelector('button').click()");
    assert_eq!(
        browser.evaluate("document.querySelector('#user').validity.valid"),
        false
    );

    let slow = Process::start_within("1ms", "127.0.0.1:0", &database, "1h").listening();
    open(&browser, &slow);
    assert_eq!(
        state(&browser),
        "503: the request took too long; please try again later."
    );
}

#[test]
fn page_recovers_after_the_server_returns() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "1h");
    let browser = Browser::start();
    // With reduced motion, each report draws the bars once.
    for motion in ["no-preference", "reduce"] {
        browser.prefer("prefers-reduced-motion", motion);
        open_at_once(&browser, &service);
        browser.wait_until("document.querySelector('#sync li .took').textContent == '…'");
        assert_eq!(
            browser.evaluate("document.querySelectorAll('#sync .pending').length"),
            1
        );
    }
    let address = service.address.clone();
    drop(service);
    browser.wait_until("document.querySelector('#state').className == 'trouble'");
    assert_eq!(
        state(&browser),
        "The server cannot be reached; please try again later."
    );
    browser.evaluate("document.querySelector('button').click()");
    browser.wait_until("document.querySelector('#state').className == 'trouble'");

    let _service = Process::start_at(&address, &database, "0s").listening();
    run(&browser);
    assert!(
        state(&browser)
            .as_str()
            .is_some_and(|text| text.starts_with("auto! ")),
        "{}",
        state(&browser)
    );
}
