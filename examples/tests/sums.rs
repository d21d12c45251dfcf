//! The sums of a folder, by the program.

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

fn run(folder: &TempDir, limit: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sums"))
        .arg(folder.path())
        .args(["--limit", limit])
        .output()
        .expect("the program")
}

#[test]
fn files_are_listed_in_order_at_any_limit() {
    let folder = TempDir::new().expect("a folder");
    for (name, content) in [("b", "hello"), ("a", ""), ("c", "hello")] {
        fs::write(folder.path().join(name), content).expect("a file");
    }
    fs::create_dir(folder.path().join("d")).expect("a folder");
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let path = |name| folder.path().join(name).display().to_string();
    let expected = format!(
        "{empty}  {}\n{hello}  {}\n{hello}  {}\n3 files, 10 bytes\n",
        path("a"),
        path("b"),
        path("c")
    );
    for limit in ["1", "2", "100"] {
        let output = run(&folder, limit);
        assert!(output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    }
    assert!(!run(&folder, "0").status.success());
}

#[test]
fn missing_folder_is_an_error() {
    let folder = TempDir::new().expect("a folder");
    fs::remove_dir(folder.path()).expect("an empty folder");
    let output = run(&folder, "8");
    assert!(!output.status.success() && output.stdout.is_empty());
}
