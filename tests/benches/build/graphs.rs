//! The graphs. `tests/peers/graphs.mjs` has the same.

pub(crate) struct Graph {
    pub(crate) name: String,
    /// For each task those that it needs, by number.
    pub(crate) needs: Vec<Vec<usize>>,
}

const SIDE: usize = 8;
const CHAIN: usize = 64;
const WIDTHS: [usize; 4] = [8, 16, 64, 256];

pub(crate) fn all() -> Vec<Graph> {
    let mut graphs = vec![
        graph("page", [&[][..], &[0], &[0]]),
        graph("diamond", [&[][..], &[0], &[0], &[1, 2]]),
        graph("n", [&[][..], &[], &[0], &[0, 1]]),
        // Two chains of three, of which the one looks at the other.
        graph("crossing", [&[][..], &[], &[0], &[1], &[2, 3], &[3]]),
        Graph {
            name: "layers".into(),
            needs: in_layers(|_, _| true),
        },
        Graph {
            name: "mesh".into(),
            needs: in_layers(|column, before| [column, (column + 1) % SIDE].contains(&before)),
        },
        Graph {
            name: "chain".into(),
            needs: (0..CHAIN)
                .map(|task| task.checked_sub(1).into_iter().collect())
                .collect(),
        },
    ];
    graphs.extend(WIDTHS.map(|width| Graph {
        name: format!("wide_{width}"),
        needs: vec![Vec::new(); width],
    }));
    graphs
}

fn graph<const N: usize>(name: &str, needs: [&[usize]; N]) -> Graph {
    Graph {
        name: name.into(),
        needs: needs.map(Vec::from).into(),
    }
}

/// Eight by eight tasks, of which each needs some of the layer before.
fn in_layers(is_needed: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let needs_of = |task: usize| match (task / SIDE, task % SIDE) {
        (0, _) => Vec::new(),
        (layer, column) => (0..SIDE)
            .filter(|&before| is_needed(column, before))
            .map(|before| (layer - 1) * SIDE + before)
            .collect(),
    };
    (0..SIDE * SIDE).map(needs_of).collect()
}

impl Graph {
    /// The tasks by the length of the longest way to them: what a join of joins has to wait for.
    pub(crate) fn layers(&self) -> Vec<Vec<usize>> {
        let mut depths = Vec::with_capacity(self.needs.len());
        let mut layers: Vec<Vec<usize>> = Vec::new();
        for (task, needs) in self.needs.iter().enumerate() {
            let depth = needs
                .iter()
                .map(|&need| depths[need] + 1)
                .max()
                .unwrap_or(0);
            depths.push(depth);
            if depth == layers.len() {
                layers.push(Vec::new());
            }
            layers[depth].push(task);
        }
        layers
    }

    /// For each task those that need it.
    pub(crate) fn dependents(&self) -> Vec<Vec<usize>> {
        let of = |task| {
            (0..self.needs.len())
                .filter(|&other| self.needs[other].contains(&task))
                .collect()
        };
        (0..self.needs.len()).map(of).collect()
    }

    /// `t0, t1, t2`.
    pub(crate) fn names(&self) -> String {
        names(0..self.needs.len())
    }

    /// The sum of what the task needs, each value written as `form` has it.
    pub(crate) fn input(&self, task: usize, form: impl Fn(usize) -> String) -> String {
        match &self.needs[task][..] {
            [] => "0".into(),
            needs => needs
                .iter()
                .map(|&need| form(need))
                .collect::<Vec<_>>()
                .join(" + "),
        }
    }
}

pub(crate) fn names(tasks: impl IntoIterator<Item = usize>) -> String {
    tasks
        .into_iter()
        .map(|task| format!("t{task}"))
        .collect::<Vec<_>>()
        .join(", ")
}
