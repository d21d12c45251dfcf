//! Random blocks as tests: each is run as `async { … }` and as `concurrent!({ … })`.

use std::fmt::Write as _;

use crate::random::Random;

/// Few, so that blocks use them again.
const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Lines, and whether they can leave the block.
const FORMS: [(&str, bool); 8] = [
    ("let NAME = world.step(STEP, SUM).await?;", true),
    ("let NAME = world.plain(STEP, SUM).await;", false),
    (
        "let NAME = match world.step(STEP, SUM).await { Ok(value) => value, Err(left) => return Ok(left.0 + 7) };",
        true,
    ),
    (
        "let (mut NAME, _) = (world.small(STEP, SUM).await?, STEP);",
        true,
    ),
    ("let NAME: Noisy<'_> = world.step(STEP, SUM).await?;", true),
    (
        "let Pair { first: ref NAME } = world.pair(STEP, SUM).await?;",
        true,
    ),
    ("let [NAME, ..] = [world.step(STEP, SUM).await?];", true),
    ("let NAME = world.plain(STEP, SUM).await;", false),
];

/// A variable that is in scope.
#[derive(Clone)]
struct Variable {
    name: &'static str,
    /// The line that binds it, among those of its run; `None` if a barrier stands between.
    line: Option<usize>,
    /// Whether one line moves it, and nothing else uses it.
    is_food: bool,
    is_eaten: bool,
}

/// A block as it is written.
struct Writer<'r> {
    random: &'r mut Random,
    code: String,
    /// How many steps there are; each has a number.
    steps: usize,
    /// For each step, whether it can leave the block.
    can_exit: Vec<bool>,
    depth: usize,
    /// Whether a line changes `count`.
    uses_count: bool,
}

/// The code of a block, and its items for the oracle.
pub(crate) fn tests(cases: usize, seed: u64, random: &mut Random) -> String {
    let mut tests = format!("pub(crate) const SEED: u64 = {seed};\n");
    for case in 0..cases {
        let mut writer = Writer {
            random,
            code: String::new(),
            steps: 0,
            can_exit: Vec::new(),
            depth: 0,
            uses_count: false,
        };
        let items = writer.block(Vec::new(), 3 + case % 10);
        let (code, steps, can_exit) = (writer.code, writer.steps, writer.can_exit);
        let by_hand = code.replace("#[sequential] ", "");
        let count = if writer.uses_count {
            "let mut count = 0_u32; let count = &mut count;"
        } else {
            ""
        };
        writeln!(
            tests,
            "#[test]\nfn block_{case}() {{\n\
             check(SEED, {case}, {steps}, &{can_exit:?}, {items}, |world| \
             Box::pin(async move {{ {count} async {{ {by_hand} }}.await }}), |world| \
             Box::pin(async move {{ {count} conjoin::concurrent!({{ {code} }}).await }}));\n}}"
        )
        .expect("text can be written");
    }
    tests
}

impl Writer<'_> {
    fn step(&mut self, can_exit: bool) -> usize {
        self.can_exit.push(can_exit);
        self.steps += 1;
        self.steps - 1
    }

    /// Lines and a tail, and the items that they are for the oracle.
    fn block(&mut self, outside: Vec<Variable>, lines: usize) -> String {
        let mut scope: Vec<_> = outside
            .into_iter()
            .map(|variable| Variable {
                line: None,
                ..variable
            })
            .collect();
        let mut items = String::from("&[");
        let mut run: Vec<String> = Vec::new();
        // The lines of the run that touch `count`.
        let mut counting: Vec<usize> = Vec::new();
        for _ in 0..lines {
            if self.random.chance(18) {
                if !run.is_empty() {
                    write!(items, "Item::Run(&[{}]), ", run.join(", ")).expect("text");
                    run.clear();
                    counting.clear();
                }
                for variable in &mut scope {
                    variable.line = None;
                }
                let barrier = self.barrier(&scope);
                items += &barrier;
                continue;
            }
            let line = run.len();
            let written = self.line(&mut scope, line, &mut counting);
            run.push(written);
        }
        if !run.is_empty() {
            write!(items, "Item::Run(&[{}]), ", run.join(", ")).expect("text");
        }
        items.push(']');
        let tail: Vec<_> = scope
            .iter()
            .enumerate()
            .filter(|(at, it)| {
                !it.is_food && scope[at + 1..].iter().all(|later| later.name != it.name)
            })
            .map(|(_, it)| it)
            .filter(|_| self.random.chance(40))
            .map(|it| format!("look(&{})", it.name))
            .collect();
        let sum = if tail.is_empty() {
            "0".to_owned()
        } else {
            tail.join(" + ")
        };
        if self.depth == 0 {
            write!(self.code, "world.mark(); Ok({sum} + 1)").expect("text");
        } else {
            write!(self.code, "{sum}").expect("text");
        }
        items
    }

    /// An expression that uses some variables; and the lines of the run that these are of.
    fn uses(&mut self, scope: &mut [Variable]) -> (String, Vec<usize>) {
        let mut terms = vec![self.random.below(9).to_string()];
        let mut needs = Vec::new();
        let mut at = 0;
        while at < scope.len() {
            // A variable that is hidden by a later one of the same name cannot be used.
            let is_hidden = scope[at + 1..].iter().any(|it| it.name == scope[at].name);
            if is_hidden || scope[at].is_eaten || !self.random.chance(30) {
                at += 1;
                continue;
            }
            let variable = scope[at].clone();
            needs.extend(variable.line);
            let name = variable.name;
            if variable.is_food {
                terms.push(format!("eat({name})"));
                scope[at].is_eaten = true;
                at += 1;
                continue;
            }
            terms.push(match self.random.below(5) {
                0 => format!("{name}.to_number()"),
                1 => format!("count_of(&format!(\"{{{name}}}\"))"),
                2 => format!("[&{name}].iter().map(|{name}| look({name})).sum::<u32>()"),
                3 => format!("{{ let x = &{name}; look(x) }}"),
                _ => format!("look(&{name})"),
            });
            at += 1;
        }
        needs.sort_unstable();
        needs.dedup();
        (terms.join(" + "), needs)
    }

    /// A line of a run.
    fn line(
        &mut self,
        scope: &mut Vec<Variable>,
        line: usize,
        counting: &mut Vec<usize>,
    ) -> String {
        let (sum, mut needs) = self.uses(scope);
        let name = NAMES[self.random.below(NAMES.len())];
        let mut within = String::new();
        let kind = self.random.below(FORMS.len() + 3);
        let (form, can_exit) = match kind.saturating_sub(3) {
            // A step whose value is the argument of another.
            _ if kind == 0 => {
                let first = self.step(true);
                within = format!("Item::Run(&[Line {{ step: {first}, needs: &[], within: &[] }}])");
                let form =
                    "let NAME = world.step(STEP, eat(world.step(FIRST, SUM).await?)).await?;";
                (form.replace("FIRST", &first.to_string()), true)
            }
            _ if kind == 1 && self.depth == 0 => {
                self.uses_count = true;
                needs.extend(counting.iter().copied());
                counting.push(line);
                let form = "let NAME = world.counted(STEP, &mut *count, SUM).await?;";
                (form.to_owned(), true)
            }
            _ if kind == 2 && self.depth < 2 => {
                let code = self.block_within(scope, &mut needs, &mut within);
                let form = format!(
                    "let NAME = {{ let within = {{ {code} }}; world.step(STEP, within + SUM).await? }};"
                );
                (form, true)
            }
            form => {
                let (form, can_exit) = FORMS[form];
                (form.to_owned(), can_exit)
            }
        };
        let step = self.step(can_exit);
        let code = form
            .replace("NAME", name)
            .replace("STEP", &step.to_string())
            .replace("SUM", &sum);
        self.code.push_str(&code);
        self.code.push('\n');
        needs.sort_unstable();
        needs.dedup();
        let is_food = !code.contains("ref ") && self.random.chance(12);
        scope.push(Variable {
            name,
            line: Some(line),
            is_food,
            is_eaten: false,
        });
        format!("Line {{ step: {step}, needs: &{needs:?}, within: &[{within}] }}")
    }

    /// The code of a block within a line, which uses what some variables of the lines before it hold.
    fn block_within(
        &mut self,
        scope: &[Variable],
        needs: &mut Vec<usize>,
        items: &mut String,
    ) -> String {
        let mut seen = visible(scope);
        seen.retain(|_| self.random.chance(30));
        needs.extend(seen.iter().filter_map(|it| it.line));
        let around = std::mem::take(&mut self.code);
        for variable in &seen {
            // So that the line does need it.
            write!(self.code, "let _ = look(&{}); ", variable.name).expect("text");
        }
        self.depth += 1;
        let lines = 1 + self.random.below(4);
        let written = self.block(seen, lines);
        self.depth -= 1;
        written
            .trim_start_matches("&[")
            .trim_end_matches(']')
            .clone_into(items);
        std::mem::replace(&mut self.code, around)
    }

    /// A statement that is a barrier.
    fn barrier(&mut self, scope: &[Variable]) -> String {
        match self.random.below(5) {
            0 => {
                let step = self.step(true);
                writeln!(self.code, "world.step({step}, 1).await?;").expect("text");
                format!("Item::Run(&[Line {{ step: {step}, needs: &[], within: &[] }}]), ")
            }
            1 => {
                let step = self.step(false);
                writeln!(self.code, "let _guard = world.plain({step}, 1).await;").expect("text");
                format!("Item::Run(&[Line {{ step: {step}, needs: &[], within: &[] }}]), ")
            }
            2 => {
                let step = self.step(true);
                writeln!(
                    self.code,
                    "#[sequential] let s = world.step({step}, 1).await?; let _ = look(&s);"
                )
                .expect("text");
                format!("Item::Run(&[Line {{ step: {step}, needs: &[], within: &[] }}]), ")
            }
            3 if self.depth < 2 => {
                write!(self.code, "if world.is_on() {{ let _ = {{ ").expect("text");
                self.depth += 1;
                let seen = visible(scope);
                let lines = 2 + self.random.below(4);
                let inner = self.block(seen, lines);
                self.depth -= 1;
                writeln!(self.code, " }}; }}").expect("text");
                format!("Item::Block({inner}), ")
            }
            _ => {
                writeln!(self.code, "world.note();").expect("text");
                String::from("Item::Block(&[]), ")
            }
        }
    }
}

/// What a block within can use: what nothing hides or moves.
fn visible(scope: &[Variable]) -> Vec<Variable> {
    let is_visible = |(at, it): &(usize, &Variable)| {
        !it.is_food && scope[at + 1..].iter().all(|later| later.name != it.name)
    };
    let visible = scope.iter().enumerate().filter(is_visible);
    visible.map(|(_, it)| it.clone()).collect()
}
