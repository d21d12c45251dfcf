//! Constructors for the expansion of `explain!`. They are `const`, so that an explained graph is static data.

pub use super::plan::{Gated, N, Parallel, Plan, Reason, Slot, Storage};
pub use super::task::{Access, Dependency, Task};
pub use super::{Explanation, Options};

pub const fn explanation(
    tasks: &'static [Task],
    options: Options,
    plan: Option<&'static Plan>,
    longest_chain: &'static [&'static str],
    most_at_once: usize,
) -> Explanation {
    Explanation {
        tasks,
        options,
        plan,
        longest_chain,
        most_at_once,
    }
}

#[must_use]
pub const fn options(
    error: Option<&'static str>,
    limit: Option<&'static str>,
    flags: [bool; 4],
) -> Options {
    let [settles, names_errors, has_final_arm, is_fallible] = flags;
    Options {
        error,
        limit,
        settles,
        names_errors,
        has_final_arm,
        is_fallible,
        is_block: false,
    }
}

#[must_use]
pub const fn of_block(options: Options) -> Options {
    Options {
        is_block: true,
        ..options
    }
}

#[must_use]
pub const fn task(
    name: &'static str,
    line: u32,
    is_conditional: bool,
    is_fallible: bool,
    dependencies: &'static [Dependency],
) -> Task {
    Task {
        name,
        line,
        is_conditional,
        is_for: false,
        item_limit: None,
        is_fallible,
        dependencies,
    }
}

#[must_use]
pub const fn each(task: Task, item_limit: Option<&'static str>) -> Task {
    Task {
        is_for: true,
        item_limit,
        ..task
    }
}

#[must_use]
pub const fn dependency(index: usize, name: &'static str, access: Access) -> Dependency {
    Dependency {
        index,
        name,
        access,
        is_inferred: false,
    }
}

#[must_use]
pub const fn inferred(dependency: Dependency) -> Dependency {
    Dependency {
        is_inferred: true,
        ..dependency
    }
}

#[must_use]
pub const fn parallel(parts: &'static [Plan], own_wakers: bool) -> Plan {
    Plan::Parallel(Parallel { parts, own_wakers })
}

#[must_use]
pub const fn gated(
    tasks: &'static [&'static str],
    chains: &'static [&'static [&'static str]],
    reason: Reason,
    own_wakers: bool,
    slots: &'static [Slot],
) -> Plan {
    Plan::Gated(Gated {
        tasks,
        chains,
        reason,
        own_wakers,
        slots,
    })
}

#[must_use]
pub const fn slot(task: &'static str, storage: Storage) -> Slot {
    Slot { task, storage }
}

#[must_use]
pub const fn n(
    first: &'static str,
    second: &'static str,
    of_first: &'static str,
    of_both: &'static str,
) -> N {
    N {
        first,
        second,
        of_first,
        of_both,
    }
}
