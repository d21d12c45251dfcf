//! Compares the times of two cases. Each round times both, so that what slows the machine down does so for both.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::Case;

/// How often the cases are compared.
const ROUNDS: usize = 1000;

/// The least that is timed at once: a thousand times what the clock takes, and too short for most interruptions.
const BATCH: Duration = Duration::from_micros(50);

/// The time of a case as a multiple of another's.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// The median of the rounds' ratios. Unlike the ratio of the medians, it stays the same if the clock rate changes
    /// between rounds.
    pub ratio: f64,
    /// Half of the distance between the quartiles of the ratios.
    pub spread: f64,
    /// The median of the nanoseconds for a run.
    pub figure: f64,
    /// The same for the other case.
    pub base: f64,
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Comparison {
            ratio,
            spread,
            figure,
            base,
        } = self;
        write!(f, "{ratio:.2} ± {spread:.2} ({figure:.1} / {base:.1})")
    }
}

/// Compares a case with another. This takes a second if a run takes less than 100 microseconds.
#[must_use]
pub fn compare(case: &Case, base: &Case) -> Comparison {
    let runs = batch(case).max(batch(base));
    let rounds = (0..ROUNDS).map(|_| round([case, base], runs));
    let (figures, bases): (Vec<_>, Vec<_>) = rounds.map(<(f64, f64)>::from).unzip();
    let ratios = figures.iter().zip(&bases);
    let [first, ratio, third] = quartiles(ratios.map(|(figure, base)| figure / base).collect());
    Comparison {
        ratio,
        spread: (third - first) / 2.0,
        figure: quartiles(figures)[1],
        base: quartiles(bases)[1],
    }
}

/// The nanoseconds for a run of each case.
fn round(cases: [&Case; 2], runs: u32) -> [f64; 2] {
    let mut times = [Duration::ZERO; 2];
    for (place, time) in PLACES.iter().enumerate() {
        // In turns, as the first may leave the caches and the branch predictor in a state that is bad for the second.
        for case in [place % 2, 1 - place % 2] {
            times[case] += time(cases[case], runs);
        }
    }
    times.map(|time| (time / 4).as_secs_f64() * 1e9 / f64::from(runs))
}

/// How many runs of a case take long enough to be timed.
fn batch(case: &Case) -> u32 {
    // One interruption must not make it look long enough.
    let is_short = |runs| (0..10).any(|_| PLACES[0](case, runs) < BATCH);
    let mut runs = 1;
    while is_short(runs) {
        runs *= 2;
    }
    runs
}

/// With the stack at each place in a cache line. A program starts at one by chance, which can change a time by a sixth.
const PLACES: [fn(&Case, u32) -> Duration; 4] = [time::<0>, time::<16>, time::<32>, time::<48>];

/// The time of a batch, with the stack lower by so many bytes.
#[inline(never)]
fn time<const LOWER: usize>(case: &Case, runs: u32) -> Duration {
    let lower = [0_u8; LOWER];
    black_box(&lower);
    let start = Instant::now();
    black_box(case)(runs);
    let time = start.elapsed();
    black_box(&lower);
    time
}

fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarters| values[(values.len() - 1) * quarters / 4])
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the same numbers, not calculated ones")]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_values_lie_between_quartiles() {
        let values = [50.0, 10.0, 40.0, 20.0, 30.0];
        assert_eq!(quartiles(values.into()), [20.0, 30.0, 40.0]);
    }

    #[test]
    fn a_few_long_rounds_do_not_move_quartiles() {
        let mut values = vec![1.0; 80];
        values.extend([1000.0; 20]);
        assert_eq!(quartiles(values), [1.0; 3]);
    }
}
