//! The page for people, in a browser.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::answers::{MODES, json};
use crate::chromium::Browser;
use crate::service::{Process, Service, new_database};

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

fn open(browser: &Browser, service: &Service) {
    browser.open(&format!("http://{}/", service.address));
}

/// Clicks, and waits until that is over.
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
fn one_click_draws_the_five_runs_on_one_axis_with_the_answer_below() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "20ms");
    let browser = Browser::start();
    open(&browser, &service);
    run(&browser);

    let order = browser.evaluate("[...document.querySelectorAll('article')].map(({ id }) => id)");
    assert_eq!(order, json!(MODES));
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
        let has_path = format!("document.querySelectorAll('#{mode} i.critical').length >= 2");
        assert_eq!(browser.evaluate(&has_path), true, "{mode}");
    }
    // One millisecond is as wide in each bar, whoever's it is.
    let widths = "[...document.querySelectorAll('article li')].map((row) => \
                  row.querySelector('.pending').getBoundingClientRect().width / (row.dataset.end - row.dataset.start))";
    let widths: Vec<f64> = serde_json::from_value(browser.evaluate(widths)).expect("numbers");
    assert_eq!(widths.len(), 15);
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
        !totals[0].contains('×') && totals[1..].iter().all(|total| total.ends_with("× sync")),
        "{totals:?}"
    );
    assert!(
        state(&browser)
            .as_str()
            .is_some_and(|text| text.starts_with("Done: sync "))
    );
    let shown = browser.evaluate("JSON.parse(document.querySelector('pre').textContent)");
    assert_eq!(shown, json(&service.get("/auto/1", None)));
    assert_eq!(
        browser.evaluate("document.querySelector('#answer p').textContent"),
        "The same from each mode."
    );
}

#[test]
fn it_works_by_keyboard_alone_and_tells_the_result() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    let browser = Browser::start();
    open(&browser, &service);
    browser.press(TAB);
    assert_eq!(
        browser.evaluate("document.activeElement.labels[0].textContent"),
        "User"
    );
    browser.press("2");
    assert_eq!(
        browser.evaluate("document.querySelector('#user').value"),
        "2",
        "the field's text was selected"
    );
    browser.press(TAB);
    assert_eq!(
        browser.evaluate("document.activeElement.textContent"),
        "Run"
    );
    let outline = "getComputedStyle(document.activeElement).outlineStyle";
    assert_eq!(
        browser.evaluate(outline),
        "solid",
        "who has the focus is seen"
    );
    browser.press(ENTER);
    wait_until_over(&browser);
    assert_eq!(
        browser.evaluate("document.querySelector('#state').getAttribute('role')"),
        "status"
    );
    assert_eq!(
        browser.evaluate("JSON.parse(document.querySelector('pre').textContent).user.id"),
        2
    );
    assert_eq!(
        browser.evaluate("document.activeElement.textContent"),
        "Run",
        "the focus stays"
    );
    browser.press(TAB);
    assert_eq!(
        browser.evaluate("document.activeElement.localName"),
        "pre",
        "it scrolls by keyboard"
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

/// Also takes the pictures to look at, into the folder of `BLOG_SCREENSHOTS`, as base64.
#[test]
fn it_fits_a_phone_and_a_desk_by_day_and_night() {
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
        open(&browser, &service);
        let fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth";
        assert_eq!(browser.evaluate(fits), true, "{name}, before");
        run(&browser);
        assert_eq!(browser.evaluate("innerWidth"), width, "{name}");
        assert_eq!(browser.evaluate(fits), true, "{name}");
        let is_dark = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every((part) => part < 80)";
        assert_eq!(browser.evaluate(is_dark), scheme == "dark", "{name}");
        let inside = "[...document.querySelectorAll('.name, .took, .total, .axis span')]\
                      .every((element) => element.scrollWidth <= element.clientWidth + 1)";
        assert_eq!(browser.evaluate(inside), true, "{name}: no text is cut off");
        picture(&browser, name);
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
fn failures_are_told_in_words() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    let browser = Browser::start();
    open(&browser, &service);
    run(&browser);
    for (user, told) in [
        ("1001", "404: there is no user 1001."),
        (
            "1e3",
            "400: `1e3` is not a user id, which is a whole number from 1 to 9223372036854775807.",
        ),
    ] {
        browser.evaluate(&format!("document.querySelector('#user').value = '{user}'"));
        browser.evaluate("document.querySelector('button').click()");
        browser.wait_until(&format!(
            "document.querySelector('#state').textContent == '{told}'"
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
    // What is no number is not even sent.
    browser.evaluate("document.querySelector('#user').value = '0'");
    browser.evaluate("document.querySelector('button').click()");
    assert_eq!(
        browser.evaluate("document.querySelector('#user').validity.valid"),
        false
    );

    let slow = Process::start_within("1ms", "127.0.0.1:0", &database, "1h").listening();
    open(&browser, &slow);
    run(&browser);
    assert_eq!(
        state(&browser),
        "503: this took too long, please try again."
    );
}

#[test]
fn it_is_live_until_the_server_is_gone_and_can_be_run_again() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "1h");
    let browser = Browser::start();
    // Where nothing is to move, it is drawn at each event instead.
    for motion in ["no-preference", "reduce"] {
        browser.prefer("prefers-reduced-motion", motion);
        open(&browser, &service);
        browser.evaluate("document.querySelector('button').click()");
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
        "The server is out of reach, please try again later."
    );
    browser.evaluate("document.querySelector('button').click()");
    browser.wait_until("document.querySelector('#state').className == 'trouble'");

    let _service = Process::start_at(&address, &database, "0s").listening();
    run(&browser);
    assert!(
        state(&browser)
            .as_str()
            .is_some_and(|text| text.starts_with("Done: ")),
        "{}",
        state(&browser)
    );
}
