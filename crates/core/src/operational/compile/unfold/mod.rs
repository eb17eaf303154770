//! Builds a hart's [`Tree`] by running its code on expressions.
//!
//! Syntactic dependencies (manual, "Syntactic Dependencies") are tracked beside the values: each
//! register has the set of operations that it depends on, which `x0`, constants and the results of
//! memory instructions cut. An SC's result carries a dependency on the SC's store when it succeeds,
//! and none when it fails, for then there is no store.

mod access;
mod path;
mod repeat;
mod select;
mod step;
mod swap;

use std::collections::VecDeque;

use super::expr::ExprId;
use super::hart::CompiledHart;
use super::set::Set;
use super::tree::{Choice, End, Fork, Guard, NodeId, Tree};
use super::{Reductions, Refinement};
use crate::arch::Register;
use crate::litmus::HartId;
use crate::model::Options;
use crate::program::repeat::{LoopHead, loop_heads, loop_heads_alone};
use crate::program::{Fault, Hart, Meter, Program};

pub(in crate::operational) use access::reservation_covers;
use path::{Fence, Path, Value};
use repeat::{Arrival, Visit};

/// Forks on one path.
const MAX_FORKS: usize = 400;
/// Paths' pieces of one hart.
const MAX_NODES: usize = 100_000;

/// Allocations of an unfolding, for the next one.
#[derive(Default, Debug)]
pub(super) struct UnfoldBuffers {
    observed: Vec<Register>,
    ops: Vec<u32>,
    fences: Vec<Fence>,
}

/// Unfolds hart number `hart` of `program` into `tree`, whose old content is dropped.
///
/// # Errors
/// [`Fault::TooLarge`] when the paths are too long or too many; [`Fault::RanOut`].
pub(super) fn unfold<S: Set>(
    program: &Program,
    hart: HartId,
    assumed: Assumed<'_>,
    tree: &mut Tree<S>,
    buffers: &mut UnfoldBuffers,
    meter: &mut Meter<'_>,
) -> Result<(), Fault> {
    tree.clear();
    let code = &program.harts[hart.index()];
    buffers.observed.clear();
    buffers.observed.extend(program.observed_registers(hart).map(|(_, register)| register));
    tree.shown = buffers.observed.len();
    let zero = tree.exprs.constant(0);
    let mut registers = [Value { expr: zero, deps: S::EMPTY }; Register::COUNT];
    for (register, initial) in registers.iter_mut().zip(code.registers) {
        if initial != 0 {
            register.expr = tree.exprs.constant(initial);
        }
    }
    let heads = match (assumed.reductions.idle_iterations, assumed.reductions.unseen_retries) {
        (true, true) => loop_heads(program, hart, assumed.options),
        (true, false) => loop_heads_alone(program, hart),
        (false, _) => Vec::new(),
    };
    let Assumed { options, reductions, refinement, bytes } = assumed;
    // Each is taken back where it turns out to have been too much.
    let mut selects = reductions.selects;
    let mut follows_counted = true;
    loop {
        let mut ops = std::mem::take(&mut buffers.ops);
        let mut fences = std::mem::take(&mut buffers.fences);
        ops.clear();
        fences.clear();
        let path = Path {
            step: 0,
            registers,
            ops,
            guards: Vec::new(),
            fences,
            jumps: Vec::new(),
            over: None,
            visits: Vec::new(),
            control: S::EMPTY,
            addresses: S::EMPTY,
            reserved: None,
            failed_pairs: S::EMPTY,
            checks: Vec::new(),
            forks: 0,
        };
        let mut unfolder = Unfolder {
            program,
            hart,
            code,
            heads: &heads,
            refinement,
            options,
            bytes,
            selects,
            selected: false,
            follows_counted,
            followed: false,
            zero,
            tree,
            buffers,
            meter,
        };
        let unfolded = unfolder.unfold(path);
        let Unfolder { selected, followed, .. } = unfolder;
        match unfolded {
            Ok(()) if selected && select::are_misused(tree) => selects = false,
            Err(Fault::TooLarge { limit: MAX_FORKS | MAX_NODES, .. }) if followed => {
                follows_counted = false;
            }
            unfolded => return unfolded,
        }
        tree.clear();
        let again = tree.exprs.constant(0);
        debug_assert_eq!(again, zero, "expressions are numbered alike");
        for (register, initial) in registers.iter_mut().zip(code.registers) {
            register.expr = if initial == 0 { zero } else { tree.exprs.constant(initial) };
        }
    }
}

/// What the paths depend on besides the program.
#[derive(Clone, Copy)]
pub(super) struct Assumed<'a> {
    pub(super) options: &'a Options,
    pub(super) reductions: Reductions,
    pub(super) refinement: &'a Refinement,
    /// Bytes that the harts before take.
    pub(super) bytes: usize,
}

/// What an instruction turned out to be, when a fork has just decided it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Decided {
    /// An SC or `amocas`.
    Succeeds,
    Fails,
    /// A load or store to a computed address: one operation, or one for each byte.
    Whole,
    Bytes,
    /// An SC to a computed address: within the reservation, or elsewhere, where it must fail.
    Reserved,
    Elsewhere,
}

/// How a node begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    /// With an arrival at the path's step.
    Step,
    /// The path has been seen to arrive there for the first time.
    Arrived,
    /// And how the instruction there turns out is decided.
    Decided(Decided),
}

struct Unfolder<'a, 'm, S> {
    program: &'a Program,
    hart: HartId,
    code: &'a Hart,
    heads: &'a [Option<LoopHead>],
    refinement: &'a Refinement,
    options: &'a Options,
    /// Do branches whose arms only compute select, and has one?
    selects: bool,
    selected: bool,
    /// Are loops that are counted by constants followed, and was one?
    follows_counted: bool,
    followed: bool,
    /// Bytes that other harts take.
    bytes: usize,
    zero: ExprId,
    tree: &'a mut Tree<S>,
    buffers: &'a mut UnfoldBuffers,
    meter: &'a mut Meter<'m>,
}

/// A fork some of whose arms are still to be run. They stand on a heap, for a path may fork as often as a
/// hart's code can.
struct OpenFork<S> {
    node: NodeId,
    /// The path up to the fork.
    path: Path<S>,
    /// What decides it, unless that is free.
    guard: Option<ExprId>,
    /// The arms to come.
    ways: VecDeque<Way>,
}

/// How an arm of a fork goes on.
enum Way {
    /// At this step.
    Step(usize),
    /// See [`Entry::Decided`].
    Decided(Decided),
    /// See [`Entry::Arrived`].
    Arrived,
    /// Nowhere.
    End(End),
}

impl<S: Set> Unfolder<'_, '_, S> {
    /// Runs a path and all that it forks into, depth first.
    fn unfold(&mut self, first: Path<S>) -> Result<(), Fault> {
        let mut forks: Vec<OpenFork<S>> = Vec::new();
        let mut next = Some((first, Entry::Step));
        while let Some((path, entry)) = next {
            let id = self.begin(&path)?;
            let held = forks.iter().map(|fork| size_of_val(fork) + fork.path.bytes()).sum();
            forks.extend(self.node(id, path, entry, held)?);
            next = self.next_arm(&mut forks)?;
        }
        Ok(())
    }

    /// Enters the next arm of the innermost fork that has one. Arms without operations are nodes at once.
    fn next_arm(
        &mut self,
        forks: &mut Vec<OpenFork<S>>,
    ) -> Result<Option<(Path<S>, Entry)>, Fault> {
        while let Some(fork) = forks.last_mut() {
            let Some(way) = fork.ways.pop_front() else {
                forks.pop();
                continue;
            };
            let OpenFork { node, guard, path, .. } = fork;
            if path.forks >= MAX_FORKS {
                return Err(self.too_large("branches on one path", MAX_FORKS));
            }
            let arm = self.tree.add_arm(*node);
            let mut next = path.clone();
            next.forks += 1;
            if let Some(value) = *guard {
                next.guards.push(Guard { value, fork: *node, arm });
            }
            let entry = match way {
                Way::Step(target) => {
                    self.jump(&mut next, target);
                    Entry::Step
                }
                Way::Decided(decided) => Entry::Decided(decided),
                Way::Arrived => {
                    next.visits.push(Visit::of(&next));
                    Entry::Arrived
                }
                Way::End(end) => {
                    let id = self.begin(&next)?;
                    self.finish(id, &next, end);
                    continue;
                }
            };
            return Ok(Some((next, entry)));
        }
        Ok(None)
    }

    /// Adds a node that the path is to run.
    fn begin(&mut self, path: &Path<S>) -> Result<usize, Fault> {
        let id = self.tree.nodes.len();
        if id >= MAX_NODES {
            return Err(self.too_large("paths", MAX_NODES));
        }
        self.tree.begin(path.ops.len(), &path.guards, path.failed_pairs);
        Ok(id)
    }

    /// Runs the path to its next fork, which is given back, or to its end.
    fn node(
        &mut self,
        id: usize,
        mut path: Path<S>,
        entry: Entry,
        held: usize,
    ) -> Result<Option<OpenFork<S>>, Fault> {
        let mut arrived = entry != Entry::Step;
        let mut decided = match entry {
            Entry::Decided(decided) => Some(decided),
            Entry::Step | Entry::Arrived => None,
        };
        // What a path takes is copied to its node.
        self.work(path.ops.len() + path.guards.len(), &path, held)?;
        loop {
            self.work(1, &path, held)?;
            let heads = self.heads;
            if !arrived && let Some(Some(head)) = heads.get(path.step) {
                self.work(path.visits.len(), &path, held)?;
                match self.arrival(&path, head) {
                    Arrival::New => path.visits.push(Visit::of(&path)),
                    Arrival::Repeats => {
                        self.finish(id, &path, End::Repeats);
                        return Ok(None);
                    }
                    Arrival::RepeatsIf(same) => {
                        let ways = [Way::Arrived, Way::End(End::Repeats)];
                        let choice = Choice::Value(same, vec![0]);
                        return Ok(Some(self.fork(id, path, choice, ways)));
                    }
                }
            }
            arrived = false;
            if let Some(step) = path.over {
                self.finish(id, &path, End::Cut(step));
                return Ok(None);
            }
            let Some(step) = self.code.code.get(path.step) else {
                self.leaf(id, &mut path);
                return Ok(None);
            };
            match self.step(&mut path, step.action, decided.take())? {
                Next::Straight => {}
                Next::Jump(target) => self.jump(&mut path, target),
                Next::Goes(target) => path.step = target,
                Next::Stuck(target) => {
                    let step = path.step;
                    self.finish(id, &path, End::BadJump(step, target));
                    return Ok(None);
                }
                Next::Branch(value, targets) => {
                    let values = targets.iter().filter_map(|(value, _)| *value).collect();
                    let step = path.step;
                    let ways = targets.into_iter().map(|(_, target)| match target {
                        Target::Step(step) => Way::Step(step),
                        Target::Nowhere => Way::End(End::BadJump(step, value)),
                    });
                    let choice = Choice::Value(value, values);
                    return Ok(Some(self.fork(id, path, choice, ways)));
                }
                Next::Outcome => {
                    let ways = [Decided::Succeeds, Decided::Fails].map(Way::Decided);
                    return Ok(Some(self.fork(id, path, Choice::Outcome, ways)));
                }
                Next::Either(value, choices) => {
                    let choice = Choice::Value(value, vec![1]);
                    return Ok(Some(self.fork(id, path, choice, choices.map(Way::Decided))));
                }
            }
        }
    }

    /// Notes that much work on the path, `held` bytes being taken by the paths of the forks above.
    #[inline]
    fn work(&mut self, steps: usize, path: &Path<S>, held: usize) -> Result<(), Fault> {
        let Unfolder { meter, tree, bytes, .. } = self;
        // What a step leaves behind is as large as the sets are.
        meter.work(steps * S::WORDS, || *bytes + held + CompiledHart::bytes_of(tree) + path.bytes())
    }

    /// The end of the hart's code.
    fn leaf(&mut self, id: usize, path: &mut Path<S>) {
        let observed = self.buffers.observed.iter().map(|reg| path.registers[reg.number()].expr);
        let end = self.tree.leaf(observed);
        self.finish(id, path, end);
        self.buffers.ops = std::mem::take(&mut path.ops);
        self.buffers.fences = std::mem::take(&mut path.fences);
    }

    fn finish(&mut self, id: usize, path: &Path<S>, end: End) {
        self.tree.finish(id, &path.ops, &path.checks, path.failed_pairs, end);
    }

    /// Ends a node with a fork, whose arms are still to be run.
    fn fork(
        &mut self,
        id: usize,
        path: Path<S>,
        choice: Choice,
        ways: impl IntoIterator<Item = Way>,
    ) -> OpenFork<S> {
        let guard = match choice {
            Choice::Value(value, _) => Some(value),
            Choice::Outcome => None,
        };
        let ways: VecDeque<Way> = ways.into_iter().collect();
        let arms = Vec::with_capacity(ways.len());
        self.finish(id, &path, End::Fork(Fork { choice, arms }));
        OpenFork { node: id as NodeId, path, guard, ways }
    }

    fn too_large(&self, what: &str, limit: usize) -> Fault {
        Fault::TooLarge { what: format!("too many {what} of {}", self.hart), limit }
    }

    /// Goes to `target`. A backward jump is counted, and [`Path::over`] set when it is one too many.
    fn jump(&self, path: &mut Path<S>, target: usize) {
        if target <= path.step {
            let step = path.step;
            let taken = match path.jumps.iter_mut().find(|(s, _)| *s == step) {
                Some((_, taken)) => {
                    *taken += 1;
                    *taken
                }
                None => {
                    path.jumps.push((step, 1));
                    1
                }
            };
            path.over = (taken > self.options.unroll).then_some(step);
        }
        path.step = target;
    }
}

/// How a path goes on after one instruction.
enum Next {
    Straight,
    Jump(usize),
    /// To a step, which is not counted as a jump.
    Goes(usize),
    /// An indirect jump that leaves the code.
    Stuck(ExprId),
    Branch(ExprId, Vec<(Option<u64>, Target)>),
    /// The instruction at the path's step may succeed or fail.
    Outcome,
    /// The instruction at the path's step is the first of these if the value is 1, else the second.
    Either(ExprId, [Decided; 2]),
}

/// Where an arm of a branch goes.
#[derive(Clone, Copy)]
enum Target {
    Step(usize),
    Nowhere,
}
