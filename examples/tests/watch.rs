//! The watching program.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// Far longer than any step takes. A test that waits this long fails.
const HANGING: Duration = Duration::from_mins(1);

/// The program. Dropping it kills it.
struct Program {
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    fn start(directory: &Path, changes: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_watch"))
            .args(["--changes", changes])
            .arg(directory)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, lines) = channel();
        thread::spawn(move || {
            stdout
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        Program { child, lines }
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(HANGING).expect("a line")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn changes_are_printed_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = Program::start(directory.path(), "3");
    assert_eq!(program.line(), "watching");

    let inner = directory.path().join("inner");
    fs::create_dir(&inner).unwrap();
    assert_eq!(program.line(), format!("created {}", inner.display()));
    fs::remove_dir(&inner).unwrap();
    assert_eq!(program.line(), format!("removed {}", inner.display()));
    fs::create_dir(&inner).unwrap();
    assert_eq!(program.line(), format!("created {}", inner.display()));

    // The program closes its output when it ends.
    program.lines.recv_timeout(HANGING).unwrap_err();
    assert!(program.child.wait().unwrap().success());
}

#[test]
fn missing_directory_is_an_error() {
    let output = Command::new(env!("CARGO_BIN_EXE_watch"))
        .arg("/nowhere/at/all")
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("/nowhere/at/all")
    );
}
