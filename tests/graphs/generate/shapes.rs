//! Families of graphs, so that every kind of plan occurs. Uniformly random graphs nearly always have the same kind.

use crate::random::Random;

/// For each task the tasks that it needs, all of them before it.
pub(crate) type Needs = Vec<Vec<usize>>;

type Shape = fn(usize, &mut Random) -> Needs;

pub(crate) const SHAPES: [(&str, Shape); 10] = [
    ("chain", |size, _| chain(size)),
    ("tree", |size, random| {
        (0..size)
            .map(|task| {
                if task == 0 {
                    vec![]
                } else {
                    vec![random.below(task)]
                }
            })
            .collect()
    }),
    ("layers", |size, random| layers(size, 1 + random.below(4))),
    ("apart", |size, random| {
        density(size, 50, random, |task, other| task % 3 == other % 3)
    }),
    ("zigzag", |size, _| zigzag(size)),
    ("nested", nested),
    ("crossing", crossing),
    ("sparse", |size, random| {
        density(size, 10, random, |_, _| true)
    }),
    ("half", |size, random| {
        density(size, 30, random, |_, _| true)
    }),
    ("dense", |size, random| {
        density(size, 70, random, |_, _| true)
    }),
];

/// Parts of every kind, with tasks before, after and concurrent with them.
pub(crate) fn framed(size: usize, random: &mut Random) -> Needs {
    let head = 1 + random.below(3);
    let mut needs = if random.chance(50) {
        chain(head)
    } else {
        vec![vec![]; head]
    };
    let cores: [Shape; 5] = [
        crossing,
        |size, _| ladder(size),
        |size, _| zigzag(size),
        nested,
        |size, random| density(size, 50, random, |task, other| task % 2 == other % 2),
    ];
    for core in cores[random.below(cores.len())](size, random) {
        let is_first = core.is_empty();
        needs.push(if is_first {
            (0..head).collect()
        } else {
            core.iter().map(|need| head + need).collect()
        });
    }
    let before_tail = needs.len();
    needs.extend((0..random.below(3)).map(|_| (0..before_tail).collect()));
    if random.chance(40) {
        needs.extend([vec![], vec![needs.len()]]);
    }
    needs
}

pub(crate) fn chain(size: usize) -> Needs {
    (0..size)
        .map(|task| task.checked_sub(1).into_iter().collect())
        .collect()
}

/// Each task needs the whole layer before its own.
pub(crate) fn layers(size: usize, width: usize) -> Needs {
    let layer_before = |task: usize| {
        (task / width)
            .checked_sub(1)
            .map(|layer| layer * width..(layer + 1) * width)
    };
    (0..size)
        .map(|task| layer_before(task).into_iter().flatten().collect())
        .collect()
}

/// Two chains with rungs between them that are far enough apart for the chains to run on in between.
pub(crate) fn ladder(size: usize) -> Needs {
    (0..size)
        .map(|task| {
            [2, 5]
                .into_iter()
                .filter_map(|back| task.checked_sub(back))
                .collect()
        })
        .collect()
}

/// A fence of Ns: the tasks of the second half need two neighbours each from the first.
pub(crate) fn zigzag(size: usize) -> Needs {
    let half = size.div_ceil(2);
    let needs = |task: usize| (task - half..half).take(2).collect();
    (0..size)
        .map(|task| if task < half { vec![] } else { needs(task) })
        .collect()
}

/// Every task needs what the one before it does, and perhaps more: an interval order, of up to 16 tasks.
fn nested(size: usize, random: &mut Random) -> Needs {
    let mut needed = 0;
    let mut needs = |task: usize| {
        if task > 0 && random.chance(40) {
            needed += random.below(task - needed);
        }
        (0..needed).collect()
    };
    (0..size.min(16)).map(&mut needs).collect()
}

/// Two chains with some edges between them.
fn crossing(size: usize, random: &mut Random) -> Needs {
    let mut needs = |task: usize| {
        let crosses = random.chance(30);
        [2, 1]
            .into_iter()
            .take(1 + usize::from(crosses))
            .filter_map(|back| task.checked_sub(back))
            .collect()
    };
    (0..size).map(&mut needs).collect()
}

/// Each edge that `may_be` is there with a chance of `percent`.
fn density(
    size: usize,
    percent: usize,
    random: &mut Random,
    may_be: fn(usize, usize) -> bool,
) -> Needs {
    let mut needs = |task: usize| {
        (0..task)
            .filter(|&other| may_be(task, other) && random.chance(percent))
            .collect::<Vec<_>>()
    };
    (0..size).map(&mut needs).collect()
}
