//! Counts instructions with callgrind. A build gives the same numbers each time.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::{Command, Stdio, exit};
use std::{env, fmt, fs};

/// A case, which runs this many times.
pub type Case = Box<dyn Fn(u32)>;

/// A case that repeats `run`. The loop is in the case, as LLVM inlines more into a loop.
pub fn looped(run: impl Fn() + 'static) -> Case {
    Box::new(move |times| {
        for _ in 0..times {
            run();
        }
    })
}

/// How often most cases run, after a few runs that do not count.
const RUNS: u32 = 100;

/// The argument with which a program runs its cases under callgrind.
const ARGUMENT: &str = "--count";

/// Whether the tasks are ready at their first poll, or wake themselves once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Ready at the first poll.
    Ready,
    /// Ready at the second poll, after a wake of their own.
    Yields,
}

impl Kind {
    /// Both.
    pub const ALL: [Kind; 2] = [Kind::Ready, Kind::Yields];

    /// Whether the tasks wake themselves once.
    #[must_use]
    pub fn yields(self) -> bool {
        self == Kind::Yields
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.yields() { "yields" } else { "ready" })
    }
}

/// The cases of a program, by their keys.
pub struct Counts<K>(Vec<(K, u32, Case)>);

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Counts(Vec::new())
    }
}

impl<K: fmt::Debug> fmt::Debug for Counts<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(key, ..)| key))
            .finish()
    }
}

impl<K: Ord> Counts<K> {
    /// Adds a case.
    pub fn add(&mut self, key: K, case: Case) {
        self.add_long(key, RUNS, case);
    }

    /// Adds a case that takes long, to run only this often.
    pub fn add_long(&mut self, key: K, runs: u32, case: Case) {
        self.0.push((key, runs, case));
    }

    /// Runs a case.
    ///
    /// # Panics
    ///
    /// If no case has this key.
    pub fn run(&self, key: &K) {
        let case = self.0.iter().find(|(other, ..)| other == key);
        case.expect("a case has this key").2(1);
    }

    /// The instructions for a run of each case. If valgrind is missing, the program ends with a message.
    ///
    /// The program runs itself under callgrind. There it must add the same cases, and this call runs them and ends it.
    #[must_use]
    pub fn count(self) -> BTreeMap<K, f64> {
        let cases: Vec<_> = self.0.iter().map(|(_, runs, case)| (*runs, case)).collect();
        match instructions(&cases) {
            Ok(counts) => self
                .0
                .into_iter()
                .map(|(key, ..)| key)
                .zip(counts)
                .collect(),
            Err(error) => {
                eprintln!("{error}");
                exit(1);
            }
        }
    }
}

impl Counts<(String, Kind)> {
    /// Adds a case for each kind of tasks.
    pub fn add_kinds(&mut self, name: &str, case: impl Fn(Kind) + Copy + 'static) {
        for kind in Kind::ALL {
            self.add((name.to_owned(), kind), looped(move || case(kind)));
        }
    }
}

fn instructions(cases: &[(u32, &Case)]) -> Result<Vec<f64>, String> {
    if env::args().any(|argument| argument == ARGUMENT) {
        run(cases);
        exit(0);
    }
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let file = program.with_extension(format!("{}.callgrind", std::process::id()));
    let status = Command::new("valgrind")
        .args([
            "--tool=callgrind",
            "--combine-dumps=yes",
            "--dump-before=*callgrind_dumps_here*",
        ])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(program)
        .args(env::args().skip(1))
        .arg(ARGUMENT)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| {
            format!("cannot run valgrind: {error}\n\nhelp: on Debian, `apt install valgrind`")
        })?;
    let parts = fs::read_to_string(&file).unwrap_or_default();
    let _ = fs::remove_file(file);
    if !status.success() {
        return Err(format!("valgrind ended with {status}"));
    }
    // Each call of the function ends a part. Every other part, from the second on, is a case.
    let totals = parts
        .lines()
        .filter_map(|line| line.strip_prefix("totals: "));
    let counts: Result<Vec<_>, _> = totals
        .skip(1)
        .step_by(2)
        .take(cases.len())
        .map(|total| total.trim().parse::<f64>())
        .collect();
    match counts {
        Ok(counts) if counts.len() == cases.len() => Ok(counts
            .into_iter()
            .zip(cases)
            .map(|(count, (runs, _))| count / f64::from(*runs))
            .collect()),
        _ => Err("callgrind counted too few cases".into()),
    }
}

fn run(cases: &[(u32, &Case)]) {
    for (runs, case) in cases {
        case(2);
        callgrind_dumps_here();
        black_box(case)(*runs);
        callgrind_dumps_here();
    }
}

/// Callgrind finds it by its name. (It can also count within one function, but then it does not dump.)
#[inline(never)]
fn callgrind_dumps_here() {
    black_box(());
}
