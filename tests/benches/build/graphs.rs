//! The graphs. `tests/peers/graphs.mjs` has some of them, and `counted/build` some in other sizes.

#[derive(Clone)]
pub(crate) struct Graph {
    pub(crate) name: String,
    /// For each task, the indices of its dependencies.
    pub(crate) needs: Vec<Vec<usize>>,
}

pub(crate) const SIDE: usize = 8;

pub(crate) fn small() -> Vec<Graph> {
    vec![
        graph("page", [&[][..], &[0], &[0]]),
        graph("diamond", [&[][..], &[0], &[0], &[1, 2]]),
        graph("n", [&[][..], &[], &[0], &[0, 1]]),
        // Two chains of three tasks with one edge between them.
        graph("crossing", [&[][..], &[], &[0], &[1], &[2, 3], &[3]]),
    ]
}

/// Each task needs all of the previous layer.
pub(crate) fn layers(count: usize) -> Graph {
    in_layers("layers", count, |_, _| true)
}

/// Each task needs two of the previous layer.
pub(crate) fn mesh(layers: usize) -> Graph {
    in_layers("mesh", layers, |column, before| {
        [column, (column + 1) % SIDE].contains(&before)
    })
}

pub(crate) fn chain(length: usize) -> Graph {
    Graph {
        name: "chain".into(),
        needs: (0..length)
            .map(|task: usize| task.checked_sub(1).into_iter().collect())
            .collect(),
    }
}

pub(crate) fn wide(width: usize) -> Graph {
    Graph {
        name: format!("wide_{width}"),
        needs: vec![Vec::new(); width],
    }
}

fn graph<const N: usize>(name: &str, needs: [&[usize]; N]) -> Graph {
    Graph {
        name: name.into(),
        needs: needs.map(Vec::from).into(),
    }
}

/// Layers of eight tasks, where each needs some of the previous layer.
fn in_layers(name: &str, layers: usize, is_needed: impl Fn(usize, usize) -> bool) -> Graph {
    let needs_of = |task: usize| match (task / SIDE, task % SIDE) {
        (0, _) => Vec::new(),
        (layer, column) => (0..SIDE)
            .filter(|&before| is_needed(column, before))
            .map(|before| (layer - 1) * SIDE + before)
            .collect(),
    };
    Graph {
        name: name.into(),
        needs: (0..layers * SIDE).map(needs_of).collect(),
    }
}

impl Graph {
    /// The tasks in layers, by the length of the longest path to them. A join of joins waits for whole layers.
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

    /// The sum of the values of the dependencies. `form` prints a value.
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

/// `t0, t1, t2`.
pub(crate) fn names(tasks: impl IntoIterator<Item = usize>) -> String {
    tasks
        .into_iter()
        .map(|task| format!("t{task}"))
        .collect::<Vec<_>>()
        .join(", ")
}
