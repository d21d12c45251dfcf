//! Graphs with options, owners and conditions, as Rust.

use crate::owners::{Entries, Use};
use crate::random::Random;

#[derive(Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub(crate) struct Options {
    pub(crate) limit: Limit,
    pub(crate) settles: bool,
    pub(crate) is_around: bool,
    pub(crate) names_errors: bool,
    /// `#![error(Any)]`
    pub(crate) converts: bool,
    pub(crate) result: Outcome,
    /// How many tasks of a hundred have one.
    pub(crate) conditions: usize,
    pub(crate) questions: usize,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Outcome {
    Struct,
    FinalArm,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    None,
    Literal(usize),
    Computed,
}

pub(crate) struct Trial {
    options: Options,
    /// In declaration order.
    tasks: Vec<Task>,
}

struct Task {
    entries: Vec<Entry>,
    ending: Ending,
    condition: Option<Condition>,
    /// Whether the `?` is in the middle of the body.
    in_middle: bool,
}

struct Entry {
    task: usize,
    usage: Use,
    renamed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Sure,
    Odd,
    Even,
}

#[derive(Clone, Copy)]
enum Condition {
    Plain,
    IfLet,
    Chain,
    Question,
}

impl Trial {
    /// Declares the tasks in any order and lists their dependencies in any order.
    pub(crate) fn new(entries: &Entries, options: Options, random: &mut Random) -> Self {
        let mut declared: Vec<usize> = (0..entries.len()).collect();
        random.shuffle(&mut declared);
        let mut place = vec![0; declared.len()];
        for (index, &task) in declared.iter().enumerate() {
            place[task] = index;
        }
        let mut task = |&task: &usize| {
            let entry = |&(need, usage)| Entry {
                task: place[need],
                usage,
                renamed: random.chance(20),
            };
            let mut entries: Vec<_> = entries[task].iter().map(entry).collect();
            random.shuffle(&mut entries);
            // Errors differ where they may.
            let mixed = options.settles || options.converts;
            let ending = match random.chance(options.questions) {
                false => Ending::Sure,
                true if mixed && random.chance(50) => Ending::Even,
                true => Ending::Odd,
            };
            let forms = [
                Condition::Plain,
                Condition::IfLet,
                Condition::Chain,
                Condition::Question,
            ];
            let count = if ending == Ending::Sure { 3 } else { 4 };
            let condition = random
                .chance(options.conditions)
                .then(|| forms[random.below(count)]);
            // There it leaves the type of the error open.
            let in_middle = options.converts && ending != Ending::Sure && random.chance(50);
            Task {
                entries,
                ending,
                condition,
                in_middle,
            }
        };
        Trial {
            options,
            tasks: declared.iter().map(&mut task).collect(),
        }
    }

    pub(crate) fn to_test(&self, name: &str) -> String {
        let Options {
            limit,
            settles,
            names_errors,
            converts,
            ..
        } = self.options;
        let tasks = concat(self.tasks.iter().map(Task::specification));
        let graph = self.graph();
        let fails = !settles && self.tasks.iter().any(|task| task.ending != Ending::Sure);
        let propagate = if fails {
            "let done = match done { Ok(done) => done, Err(error) => return Some(Err(failed(&error))) };"
        } else {
            ""
        };
        let fields = if self.options.result == Outcome::FinalArm {
            "done".to_owned()
        } else if self.kept().is_empty() {
            "{ done.into_tuple(); vec![] }".to_owned()
        } else {
            let names = concat(self.kept().into_iter().map(|task| format!("t{task}, ")));
            format!("{{ let ({names}) = done.into_tuple(); {} }}", self.fields())
        };
        format!(
            "#[tokio::test(start_paused = true)]
async fn {name}() {{
    static SPEC: Spec = Spec {{
        name: {name:?},
        limit: Limit::{limit:?},
        settles: {settles},
        names_errors: {names_errors},
        converts: {converts},
        tasks: &[
{tasks}        ],
    }};
    SPEC.check(async |trial: &Trial| {{
        let done = trial.resolve({graph}).await?;
        {propagate}
        Some(Ok({fields}))
    }}).await;
}}

"
        )
    }

    fn graph(&self) -> String {
        let limit = match self.options.limit {
            Limit::None => None,
            Limit::Literal(limit) => Some(format!("limit({limit})")),
            Limit::Computed => Some("limit(trial.limit())".to_owned()),
        };
        let flag = |is_set: bool, name: &str| is_set.then(|| name.to_owned());
        let options = [
            limit,
            flag(self.options.is_around, "around(trial)"),
            flag(self.options.settles, "settle"),
            flag(self.options.names_errors, "name_errors"),
            flag(self.options.converts, "error(Any)"),
        ];
        let options = concat(
            options
                .into_iter()
                .flatten()
                .map(|option| format!("            #![{option}]\n")),
        );
        let tasks = concat(
            self.tasks
                .iter()
                .enumerate()
                .map(|(index, task)| task.declaration(index)),
        );
        let final_arm = if self.options.result == Outcome::FinalArm {
            format!("            => {}\n", self.fields())
        } else {
            String::new()
        };
        format!("conjoin::auto! {{\n{options}{tasks}{final_arm}        }}")
    }

    /// The tasks that have a field in the result.
    fn kept(&self) -> Vec<usize> {
        let is_taken = |task: usize| {
            let mut entries = self.tasks.iter().flat_map(|task| &task.entries);
            entries
                .any(|entry| entry.task == task && matches!(entry.usage, Use::Take | Use::Discard))
        };
        (0..self.tasks.len())
            .filter(|&task| self.options.settles || !is_taken(task))
            .collect()
    }

    fn fields(&self) -> String {
        let field = |task| {
            if self.options.settles {
                format!("({task}, settled(t{task})), ")
            } else {
                format!("({task}, (String::new(), keep(t{task}))), ")
            }
        };
        format!("vec![{}]", concat(self.kept().into_iter().map(field)))
    }
}

impl Task {
    fn specification(&self) -> String {
        let entries: Vec<_> = self
            .entries
            .iter()
            .map(|entry| format!("({}, Use::{:?})", entry.task, entry.usage))
            .collect();
        let ending = self.ending;
        let condition = match self.condition {
            None => "None",
            Some(Condition::Question) => "Fallible",
            Some(_) => "Sure",
        };
        format!(
            "            Task {{ entries: &[{}], ending: Ending::{ending:?}, condition: Condition::{condition} }},\n",
            entries.join(", ")
        )
    }

    fn declaration(&self, index: usize) -> String {
        let entries: Vec<_> = self.entries.iter().map(Entry::declaration).collect();
        let names: Vec<_> = self.entries.iter().filter_map(Entry::name).collect();
        let seen: Vec<_> = names.iter().map(|name| format!("&{name}")).collect();
        let seen = seen.join(", ");
        let asks = format!("trial.asks({index}, &[{seen}])");
        let condition = match self.condition {
            None => String::new(),
            Some(Condition::Plain) => format!(" if {asks}"),
            Some(Condition::IfLet) => format!(" if let Some(_here) = {asks}.then_some({index})"),
            Some(Condition::Chain) => {
                format!(" if {asks} && let Some(here) = Some({index}) && here == {index}")
            }
            Some(Condition::Question) => {
                format!(" if trial.{}_asks({index}, &[{seen}])?", self.ending.body())
            }
        };
        let inputs: Vec<_> = self.entries.iter().filter_map(Entry::input).collect();
        let (entries, inputs) = (entries.join(", "), inputs.join(", "));
        let question = if self.ending == Ending::Sure { "" } else { "?" };
        let body = format!(
            "trial.{}({index}, vec![{inputs}]).await{question}",
            self.ending.body()
        );
        let body = if self.in_middle {
            format!("std::convert::identity({body})")
        } else {
            body
        };
        format!("            t{index}: [{entries}]{condition} => {body},\n")
    }
}

impl Ending {
    /// The method that is the body.
    fn body(self) -> &'static str {
        match self {
            Ending::Sure => "work",
            Ending::Odd => "odd",
            Ending::Even => "even",
        }
    }
}

impl Entry {
    fn declaration(&self) -> String {
        let Entry {
            task,
            usage,
            renamed,
        } = *self;
        let renamed = if renamed {
            format!(" as v{task}")
        } else {
            String::new()
        };
        match usage {
            Use::Order => format!("t{task} as _"),
            Use::Read => format!("t{task}{renamed}"),
            Use::Change => format!("mut t{task}{renamed}"),
            Use::Take => format!("move t{task}{renamed}"),
            Use::Discard => format!("move t{task} as _"),
        }
    }

    /// In the body, if it is there.
    fn name(&self) -> Option<String> {
        let letter = if self.renamed { 'v' } else { 't' };
        (!matches!(self.usage, Use::Order | Use::Discard)).then(|| format!("{letter}{}", self.task))
    }

    fn input(&self) -> Option<String> {
        let name = self.name()?;
        match self.usage {
            Use::Read => Some(format!("read({name})")),
            Use::Change => Some(format!("change({name})")),
            Use::Take => Some(format!("take({name})")),
            Use::Order | Use::Discard => None,
        }
    }
}

fn concat(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().concat()
}
