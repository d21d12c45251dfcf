//! Graphs as Rust.

use crate::random::Random;
use crate::shapes::Needs;

pub(crate) struct Graph {
    /// In declaration order.
    tasks: Vec<Task>,
}

struct Task {
    needs: Vec<usize>,
    millis: usize,
    ending: Ending,
    /// How many items it has, if it is a `for` task.
    items: Option<usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum Ending {
    /// A body without `?`.
    Sure,
    /// A body with a `?` that is not taken.
    Succeeds,
    Fails,
}

impl Graph {
    /// Declares the tasks in any order and lists their dependencies in any order, with random times and endings.
    pub(crate) fn new(needs: &Needs, random: &mut Random) -> Self {
        let mut declared: Vec<usize> = (0..needs.len()).collect();
        random.shuffle(&mut declared);
        let mut place = vec![0; declared.len()];
        for (index, &task) in declared.iter().enumerate() {
            place[task] = index;
        }
        let mut task = |&task: &usize| {
            let mut needs: Vec<_> = needs[task].iter().map(|&need| place[need]).collect();
            random.shuffle(&mut needs);
            // Short times, so that many tasks end in the same instant.
            let millis = random.below(7);
            let ending = [
                Ending::Sure,
                Ending::Succeeds,
                Ending::Succeeds,
                Ending::Fails,
            ][random.below(4)];
            let items = random.chance(25).then(|| 1 + random.below(4));
            Task {
                needs,
                millis,
                ending,
                items,
            }
        };
        Graph {
            tasks: declared.iter().map(&mut task).collect(),
        }
    }

    pub(crate) fn without_questions(mut self) -> Self {
        self.tasks
            .iter_mut()
            .for_each(|task| task.ending = Ending::Sure);
        self
    }

    pub(crate) fn without_failures(mut self) -> Self {
        for task in self
            .tasks
            .iter_mut()
            .filter(|task| task.ending == Ending::Fails)
        {
            task.ending = Ending::Succeeds;
        }
        self
    }

    /// References to the values of tasks, which `borrow` makes where they are no references yet.
    fn values(&self, tasks: impl Iterator<Item = usize>, borrow: &str) -> String {
        let value = |task: usize| match self.tasks[task].items {
            None => format!("{borrow}t{task}"),
            Some(_) => format!("&value_of_items({borrow}t{task})"),
        };
        tasks.map(value).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn to_test(&self, name: &str) -> String {
        let is_fallible = self.tasks.iter().any(|task| task.ending != Ending::Sure);
        let outcome = if is_fallible {
            "graph"
        } else {
            "graph.map(Ok)"
        };
        let mut specification = Vec::new();
        let mut declaration = Vec::new();
        for (
            index,
            Task {
                needs,
                millis,
                ending,
                items,
            },
        ) in self.tasks.iter().enumerate()
        {
            let fails = *ending == Ending::Fails;
            specification.push(format!(
                "        Task {{ needs: &{needs:?}, millis: {millis}, fails: {fails} }},\n"
            ));
            let names = list(needs.iter().copied());
            let values = self.values(needs.iter().copied(), "");
            let (each, item) = match items {
                None => (String::new(), "None"),
                Some(count) => (format!(" for item in 0..{count}"), "Some(item)"),
            };
            let call = match ending {
                Ending::Sure => format!("run.work({index}, {item}, &[{values}]).await"),
                Ending::Succeeds | Ending::Fails => {
                    format!("run.attempt({index}, {item}, &[{values}]).await?")
                }
            };
            declaration.push(format!("        t{index}: [{names}]{each} => {call},\n"));
        }
        let (specification, declaration) = (specification.concat(), declaration.concat());
        let all = self.values(0..self.tasks.len(), "&");
        format!(
            "#[tokio::test(start_paused = true)]
async fn {name}() {{
    let run = Run::new(vec![
{specification}    ]);
    let graph = conjoin::auto! {{
{declaration}        => [{all}].map(|value| *value),
    }};
    run.check({outcome}).await;
}}

"
        )
    }
}

fn list(tasks: impl Iterator<Item = usize>) -> String {
    tasks
        .map(|task| format!("t{task}"))
        .collect::<Vec<_>>()
        .join(", ")
}
