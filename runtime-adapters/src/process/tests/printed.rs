//! Tests the thread that logs workers' output, with a log that the test controls.

use std::panic::panic_any;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::process::printer::{LoggedPipe, MOST, OutputSource, Printer};

const SOURCE: OutputSource = OutputSource {
    role: "broker",
    index: 0,
    pid: 1,
    stream: "stdout",
};

/// A printer whose log accepts a line only with a permit, and reports the lines that it accepted.
fn slow() -> (Printer, Sender<()>, Receiver<String>) {
    let (permit, permits) = channel();
    let (took, taken) = channel();
    let printer = Printer::start(move |_, line| {
        // After the last permit it no longer blocks.
        let _ = permits.recv();
        drop(took.send(line.to_owned()));
    });
    (printer.expect("a thread"), permit, taken)
}

/// How many dropped lines a note counts.
fn dropped(line: &str) -> Option<usize> {
    let (number, _) = line.strip_prefix('(')?.split_once(" lines dropped")?;
    number.parse().ok()
}

#[test]
fn blocked_log_drops_lines_and_counts_them() {
    let (printer, permit, taken) = slow();
    let output = printer.output(SOURCE);
    let long = "x".repeat(MOST / 4);
    for number in 0..10 {
        output.line(format!("{number} {long}"));
    }
    drop((permit, output));
    let lines: Vec<_> = taken.into_iter().collect();
    let kept: Vec<_> = lines.iter().take(3).map(|line| &line[..2]).collect();
    assert_eq!(kept, ["0 ", "1 ", "2 "]);
    let dropped: Vec<_> = lines[3..].iter().map(|line| dropped(line)).collect();
    assert_eq!(dropped, [Some(7)]);
}

#[test]
fn log_continues_after_it_was_full() {
    let (printer, permit, taken) = slow();
    let output = printer.output(SOURCE);
    let long = "x".repeat(MOST - 1_000);
    output.line(long.clone());
    output.line(long);
    (0..2).for_each(|_| permit.send(()).expect("a printer"));
    assert!(taken.recv().expect("a line").starts_with('x'));
    assert_eq!(dropped(&taken.recv().expect("a note")), Some(1));
    output.line("next".into());
    drop((permit, output));
    assert_eq!(taken.recv().expect("a line"), "next");
}

#[test]
fn panicking_log_loses_one_line() {
    let (took, taken) = channel();
    let printer = Printer::start(move |_, line| {
        if line == "bad" {
            panic_any("a bad line");
        }
        took.send(line.to_owned()).expect("the test");
    });
    let output = printer.expect("a thread").output(SOURCE);
    for line in ["one", "bad", "two"] {
        output.line(line.into());
    }
    drop(output);
    assert_eq!(taken.into_iter().collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn each_line_is_logged_or_counted() {
    const THREADS: usize = 4;
    const LINES: usize = 20_000;
    let (printer, permit, taken) = slow();
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let output: LoggedPipe = printer.clone().output(SOURCE);
            thread::spawn(move || (0..LINES).for_each(|number| output.line(number.to_string())))
        })
        .collect();
    drop(printer);
    // Some lines are accepted while others come, the rest at the end.
    (0..LINES).for_each(|_| permit.send(()).expect("a printer"));
    for thread in threads {
        thread.join().expect("no panic");
    }
    drop(permit);
    let lines = taken.into_iter();
    let all: usize = lines.map(|line| dropped(&line).unwrap_or(1)).sum();
    assert_eq!(all, THREADS * LINES);
}
