//! A gated part: a child for each chain, and the pieces of chains that are cut.

use super::{
    Block, BlockContent, Chains, Gate, Gated, LONGEST, Link, Lowering, Piece, PollsPerTurn,
    Printed, Scope, Slots, Step, block_child, chains, is_wide, put_in_row, slots,
};

/// Something that becomes a step of a block.
#[derive(Clone, Copy)]
struct Unit<'t> {
    tasks: &'t [usize],
    awaits: usize,
    /// If it is a printed piece, how it can fail.
    piece: Option<&'t Block>,
}

impl Lowering<'_> {
    pub(super) fn gated(&self, tasks: &[usize], scope: &mut Scope) -> Step {
        let chains = chains(self.checked, tasks);
        let mut slots = slots(self.checked, tasks, &chains);
        let inner_pace = (scope.pace * chains.all.len()).min(1 << 16);
        let is_limited = self.checked.options.limit.is_some();
        let (mut blocks, mut pieces, mut order) = (Vec::new(), Vec::new(), Vec::new());
        let mut printed = vec![None; chains.pieces.len()];
        blocks.resize_with(chains.all.len(), || None);
        for (number, piece) in chains.pieces.iter().enumerate() {
            let place = piece.chain;
            if is_limited {
                blocks[place] = Some(self.held_back(piece.tasks[0], place, inner_pace));
                order.push(Printed::Child(place));
                continue;
            }
            let links = self.links(&piece.tasks, &chains, &slots, inner_pace);
            let all = chains.pieces_of(place);
            if all.len() == 1 {
                blocks[place] = Some(links);
                order.push(Printed::Child(place));
                continue;
            }
            printed[number] = Some(pieces.len());
            order.push(Printed::Piece(pieces.len()));
            pieces.push(links);
            let own: Option<Vec<_>> = all.iter().map(|&piece| printed[piece]).collect();
            if let Some(own) = own {
                let own: Vec<_> = own.into_iter().map(|piece| &pieces[piece]).collect();
                blocks[place] = Some(self.cut_chain(&own, &slots, inner_pace));
                order.push(Printed::Child(place));
            }
        }
        for block in blocks.iter().flatten().chain(&pieces) {
            put_in_row(&mut slots, block);
        }
        let is_wide = is_wide(self.checked, self.checked.graph.width(tasks));
        let is_few = !is_limited && !is_wide;
        let pace = scope.pace;
        let mut inner = self.scope(pace);
        let children = blocks.into_iter().flatten().zip(&chains.all);
        let children = children.map(|(block, chain)| {
            let first = chain[0];
            let around = if is_few { &mut *scope } else { &mut inner };
            let mut child = block_child(first, block, around);
            child.values.retain(|task| !slots.contains_key(task));
            let needs = self.checked.graph.needs(first).iter();
            let gate = needs.filter_map(|need| chains.places.get(need).copied());
            Gated {
                child,
                waits: !is_limited && !chains.gates[&first].is_empty(),
                gate: gate.collect(),
            }
        });
        let children: Vec<_> = children.collect();
        let has_items = tasks.iter().any(|&it| self.auto.tasks[it].each.is_some());
        let can_fail = !is_few && children.iter().any(|gated| gated.child.fails().is_some());
        Step::Gated(Gate {
            counts_items: is_limited && has_items,
            children,
            pieces,
            order,
            slots,
            awaited: (!is_limited).then_some(chains.awaited.len()),
            is_wide,
            pace,
            leave: can_fail.then(|| scope.leave(inner.error_is_fixed)),
        })
    }

    /// A task that the loop may hold back.
    fn held_back(&self, task: usize, place: usize, inner_pace: PollsPerTurn) -> Block {
        let mut scope = self.scope(inner_pace);
        Block {
            content: BlockContent::Task(self.gated_task(task, place, &mut scope)),
            tasks: vec![task],
            fails: self.exit(task),
            fixes_error: scope.error_is_fixed,
        }
    }

    /// A chain, or a piece of one.
    fn links(&self, tasks: &[usize], chains: &Chains, slots: &Slots, pace: PollsPerTurn) -> Block {
        let units = tasks.chunks(1).map(|tasks| Unit {
            tasks,
            awaits: 1 + chains.gates[&tasks[0]].len(),
            piece: None,
        });
        let units: Vec<_> = units.collect();
        let bits = chains.awaited.len().next_multiple_of(64);
        self.in_blocks(&units, slots, pace, &|unit, scope| {
            let task = unit.tasks[0];
            let first = chains.places[&task] * bits;
            let gate = chains.gates[&task].iter();
            Step::Link(Link {
                task: self.task(task, scope),
                gate: gate.map(|need| first + chains.awaited[need].0).collect(),
                awaited: chains.awaited.get(&task).cloned(),
            })
        })
    }

    /// A chain whose pieces are printed before it. It awaits them in sequence, so they share its memory.
    fn cut_chain(&self, pieces: &[&Block], slots: &Slots, pace: PollsPerTurn) -> Block {
        let units = pieces.iter().map(|piece| Unit {
            tasks: &piece.tasks,
            awaits: 1,
            piece: Some(piece),
        });
        let units: Vec<_> = units.collect();
        self.in_blocks(&units, slots, pace, &|unit, scope| {
            let piece = unit.piece.expect("a unit of a cut chain is a piece");
            Step::Piece(Piece {
                tasks: piece.tasks.clone(),
                values: piece.content.values(),
                leave: piece.fails.map(|_| scope.leave(piece.fixes_error)),
            })
        })
    }

    /// A block of steps, or of several blocks of them if they have too many `await`s.
    fn in_blocks(
        &self,
        units: &[Unit<'_>],
        slots: &Slots,
        pace: PollsPerTurn,
        step: &dyn Fn(&Unit<'_>, &mut Scope) -> Step,
    ) -> Block {
        let awaits = |units: &[Unit<'_>]| units.iter().map(|unit| unit.awaits).sum::<usize>();
        let mut scope = self.scope(pace);
        let all = awaits(units);
        if all <= LONGEST {
            let steps = units.iter().map(|unit| step(unit, &mut scope)).collect();
            return self.steps_of(units, steps, slots, &scope);
        }
        let most = all.div_ceil(LONGEST).max(LONGEST);
        let (mut steps, mut rest) = (Vec::new(), units);
        while !rest.is_empty() {
            let fits = |&length: &usize| length == 1 || awaits(&rest[..length]) <= most;
            let length = (1..=rest.len()).take_while(fits).last().unwrap_or(1);
            let (some, after) = rest.split_at(length);
            let mut own = self.scope(pace);
            let inner = some.iter().map(|unit| step(unit, &mut own)).collect();
            let inner = self.steps_of(some, inner, slots, &own);
            let leave = inner.fails.map(|_| scope.leave(inner.fixes_error));
            steps.push(Step::Block(inner, leave));
            rest = after;
        }
        self.steps_of(units, steps, slots, &scope)
    }

    fn steps_of(
        &self,
        units: &[Unit<'_>],
        steps: Vec<Step>,
        slots: &Slots,
        scope: &Scope,
    ) -> Block {
        let tasks: Vec<_> = units.iter().flat_map(|unit| unit.tasks).copied().collect();
        let mut values = self.left_by(&tasks);
        values.retain(|task| !slots.contains_key(task));
        Block {
            content: BlockContent::Steps(steps, values),
            fails: tasks.iter().find_map(|&task| self.exit(task)),
            tasks,
            fixes_error: scope.error_is_fixed,
        }
    }
}
