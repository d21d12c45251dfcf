//! Which of the options go together in a graph.

use crate::owners::{owners, readers};
use crate::random::Random;
use crate::shapes::Needs;
use crate::trial::{Limit, Options, Outcome, Trial};

pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// Whether values are changed and taken.
    pub(crate) owns: bool,
    settles: bool,
    /// How many tasks of a hundred have one, at most.
    questions: usize,
    conditions: usize,
    /// How many graphs of a hundred have one.
    limits: usize,
    /// Whether the tasks run within calls of an object.
    is_around: bool,
}

pub(crate) const KINDS: [Kind; 10] = [
    Kind {
        limits: 100,
        ..PLAIN.named("limited")
    },
    Kind {
        limits: 100,
        owns: true,
        questions: 90,
        ..PLAIN.named("limited_failing")
    },
    Kind {
        limits: 40,
        settles: true,
        questions: 90,
        ..PLAIN.named("settled")
    },
    Kind {
        limits: 40,
        settles: true,
        owns: true,
        questions: 90,
        conditions: 60,
        ..PLAIN.named("settled_owned")
    },
    Kind {
        owns: true,
        ..PLAIN.named("owned")
    },
    Kind {
        owns: true,
        questions: 90,
        ..PLAIN.named("owned_failing")
    },
    Kind {
        limits: 40,
        owns: true,
        questions: 90,
        conditions: 60,
        ..PLAIN.named("owned_conditional")
    },
    Kind {
        limits: 40,
        questions: 50,
        is_around: true,
        ..PLAIN.named("around")
    },
    Kind {
        limits: 20,
        owns: true,
        questions: 90,
        conditions: 60,
        is_around: true,
        ..PLAIN.named("around_owned")
    },
    Kind {
        limits: 20,
        settles: true,
        owns: true,
        questions: 90,
        conditions: 60,
        is_around: true,
        ..PLAIN.named("around_settled")
    },
];

const PLAIN: Kind = Kind {
    name: "",
    owns: false,
    settles: false,
    questions: 0,
    conditions: 0,
    limits: 0,
    is_around: false,
};

impl Kind {
    const fn named(self, name: &'static str) -> Self {
        Kind { name, ..self }
    }

    /// A graph of this kind.
    pub(crate) fn trial(&self, needs: &Needs, random: &mut Random) -> Trial {
        let limit = match (random.chance(self.limits), random.chance(50)) {
            (false, _) => Limit::None,
            (true, false) => Limit::Literal(1 + random.below(needs.len())),
            (true, true) => Limit::Computed,
        };
        let options = Options {
            limit,
            settles: self.settles,
            is_around: self.is_around,
            names_errors: random.chance(25),
            converts: random.chance(25),
            result: if random.chance(30) {
                Outcome::FinalArm
            } else {
                Outcome::Struct
            },
            conditions: random.below(1 + self.conditions),
            questions: random.below(1 + self.questions),
        };
        let entries = if self.owns {
            owners(needs, random)
        } else {
            readers(needs, random)
        };
        Trial::new(&entries, options, random)
    }
}
