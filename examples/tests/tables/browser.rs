//! The page in a browser.

use std::fs;
use std::path::Path;

use super::chromium::Browser;
use super::program::Program;

/// The dishes on the page, newest first.
fn dishes(browser: &Browser) -> Vec<(usize, String)> {
    let rows = "[...document.querySelectorAll('li')].map((row) => \
                [Number(row.children[0].textContent), row.children[1].textContent])";
    serde_json::from_value(browser.evaluate(rows)).expect("dishes")
}

#[test]
fn tabs_show_what_their_table_is_served() {
    let program = Program::serving(&["--every", "200ms"]);
    let browser = Browser::start();
    let url = |table| format!("http://{}/tables/{table}", program.address);
    let tabs = [
        browser.tab(&url(1)),
        browser.tab(&url(1)),
        browser.tab(&url(2)),
    ];
    let [first, second, other] = tabs.map(|tab| {
        browser.switch(&tab);
        browser.wait_until("document.querySelectorAll('li').length >= 5");
        assert_eq!(
            browser.evaluate("document.querySelector('#state').textContent"),
            "live"
        );
        dishes(&browser)
    });
    for dishes in [&first, &second, &other] {
        assert!(
            dishes.windows(2).all(|pair| pair[0].0 == pair[1].0 + 1),
            "{dishes:?}"
        );
    }
    let same = |dishes: &[(usize, String)], others: &[(usize, String)]| {
        let common = dishes.iter().filter_map(|(number, dish)| {
            Some((dish, &others.iter().find(|(n, _)| n == number)?.1))
        });
        common.map(|(one, other)| one == other).collect::<Vec<_>>()
    };
    assert!(
        same(&first, &second).contains(&true) && !same(&first, &second).contains(&false),
        "{first:?} {second:?}"
    );
    assert!(!same(&first, &other).contains(&true), "{first:?} {other:?}");
}

#[test]
fn page_reconnects_when_the_program_is_back() {
    let mut program = Program::serving(&["--every", "50ms"]);
    let browser = Browser::start();
    browser.open(&format!("http://{}/tables/1", program.address));
    browser.wait_until("document.querySelectorAll('li').length >= 3");
    let address = program.address.clone();
    drop(program);
    browser.wait_until("document.querySelector('#state').textContent.startsWith('reconnecting')");
    let before = dishes(&browser).len();
    program = Program::serving_at(&address, &["--every", "50ms"]);
    browser.wait_until("document.querySelector('#state').textContent == 'live'");
    browser.wait_until(&format!(
        "document.querySelectorAll('li').length > {before}"
    ));
    drop(program);
}

/// Also takes screenshots, as base64, into the folder `TABLES_SCREENSHOTS` if it is set.
#[test]
fn page_fits_phone_and_desk_in_light_and_dark() {
    let program = Program::serving(&["--every", "100ms"]);
    let browser = Browser::start();
    for (name, width, height, scheme) in [
        ("day", 1000, 700, "light"),
        ("night", 1000, 700, "dark"),
        ("phone", 320, 640, "dark"),
    ] {
        browser.emulate_screen(width, height, scheme);
        browser.open(&format!("http://{}/tables/2", program.address));
        browser.wait_until("document.querySelectorAll('li').length >= 8");
        assert_eq!(browser.evaluate("innerWidth"), width, "{name}");
        let fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth";
        assert_eq!(browser.evaluate(fits), true, "{name}");
        let is_dark = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every((part) => part < 80)";
        assert_eq!(browser.evaluate(is_dark), scheme == "dark", "{name}");
        if let Some(folder) = std::env::var_os("TABLES_SCREENSHOTS") {
            let path = Path::new(&folder).join(format!("{name}.base64"));
            fs::write(path, browser.screenshot()).expect("a file");
        }
    }
}

#[test]
fn tables_are_reachable_by_keyboard() {
    const TAB: &str = "\u{e004}";
    const ENTER: &str = "\u{e007}";
    let program = Program::serving(&[]);
    let browser = Browser::start();
    browser.open(&format!("http://{}/", program.address));
    assert_eq!(
        browser.evaluate("document.querySelector('[aria-current]').textContent"),
        "Table 1"
    );
    for table in 1..=3 {
        browser.press(TAB);
        assert_eq!(
            browser.evaluate("document.activeElement.textContent"),
            format!("Table {table}")
        );
    }
    browser.press(ENTER);
    browser.wait_until("location.pathname == '/tables/3' && document.title == 'Table 3'");
    browser.wait_until("document.querySelectorAll('li').length >= 1");
}
