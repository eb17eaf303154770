//! Builds a hart's [`Tree`] by running its code on expressions.
//!
//! Syntactic dependencies (manual, "Syntactic Dependencies") are tracked beside the values: each
//! register has the set of operations that it depends on, which `x0`, constants and the results of
//! memory instructions cut. An SC's result carries a dependency on the SC's store when it succeeds,
//! and none when it fails, for then there is no store.

mod access;
mod repeat;
mod step;
mod swap;

use super::Reductions;
use super::expr::ExprId;
use super::set::Set;
use super::tree::{Check, Choice, End, Fork, Guard, NodeId, Tree};
use crate::arch::{FencePairs, Register};
use crate::litmus::HartId;
use crate::model::Options;
use crate::program::repeat::{Live, loop_heads};
use crate::program::{Fault, Hart, ObservedFrom, Program};

pub(in crate::operational) use access::reservation_covers;
use repeat::{Arrival, Visit};

/// Forks on one path; the recursion goes one level deeper with each.
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
/// [`Fault::TooLarge`] when the paths are too long or too many.
pub(super) fn unfold<S: Set>(
    program: &Program,
    hart: HartId,
    assumed: Assumed<'_>,
    tree: &mut Tree<S>,
    buffers: &mut UnfoldBuffers,
) -> Result<(), Fault> {
    tree.clear();
    let code = &program.harts[hart.index()];
    buffers.observed.clear();
    buffers.observed.extend(program.observed.iter().filter_map(|observed| match observed.from {
        ObservedFrom::Register(h, reg) if h == hart => Some(reg),
        ObservedFrom::Register(..) | ObservedFrom::Memory { .. } => None,
    }));
    tree.shown = buffers.observed.len();
    let zero = tree.exprs.constant(0);
    let mut registers = [Value { expr: zero, deps: S::EMPTY }; Register::COUNT];
    for (register, initial) in registers.iter_mut().zip(code.registers) {
        if initial != 0 {
            register.expr = tree.exprs.constant(initial);
        }
    }
    let heads =
        if assumed.reductions.idle_iterations { loop_heads(program, hart) } else { Vec::new() };
    let Assumed { options, splits, .. } = assumed;
    let mut ops = std::mem::take(&mut buffers.ops);
    let mut fences = std::mem::take(&mut buffers.fences);
    ops.clear();
    fences.clear();
    let mut unfolder =
        Unfolder { program, hart, code, heads, splits, options, zero, tree, buffers };
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
    unfolder.node(path, Entry::Step).map(|_| ())
}

/// What the paths depend on besides the program.
#[derive(Clone, Copy)]
pub(super) struct Assumed<'a> {
    pub(super) options: &'a Options,
    pub(super) reductions: Reductions,
    /// Harts and steps where an access to a computed address may fall into bytes.
    pub(super) splits: &'a [(usize, usize)],
}

/// What a register holds and which operations it syntactically depends on.
#[derive(Clone, Copy)]
struct Value<S> {
    expr: ExprId,
    deps: S,
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

/// One path so far.
#[derive(Clone)]
struct Path<S> {
    step: usize,
    registers: [Value<S>; Register::COUNT],
    ops: Vec<u32>,
    guards: Vec<Guard>,
    fences: Vec<Fence>,
    /// Backward jumps taken: step and how often.
    jumps: Vec<(usize, u32)>,
    /// The step of a backward jump that has just been taken once too often.
    over: Option<usize>,
    /// Arrivals at heads of loops.
    visits: Vec<Visit<S>>,
    /// Control dependencies of whatever comes next.
    control: S,
    /// Address dependencies of every memory operation so far.
    addresses: S,
    /// The LR that the next SC is paired with.
    reserved: Option<u16>,
    failed_pairs: S,
    checks: Vec<Check>,
    forks: usize,
}

impl<S: Copy> Path<S> {
    /// What is in a register.
    fn get(&self, register: Register) -> Value<S> {
        self.registers[register.number()]
    }

    /// Adds a fence. Earlier ones of its kind say nothing that it does not say.
    fn fence(&mut self, pairs: FencePairs) {
        let ops = self.ops.len();
        match self.fences.iter_mut().find(|fence| fence.pairs == pairs) {
            Some(fence) => fence.ops = ops,
            None => self.fences.push(Fence { ops, pairs }),
        }
    }
}

/// A fence, and how many operations of the path stand before it.
#[derive(Clone, Copy, Debug)]
struct Fence {
    ops: usize,
    pairs: FencePairs,
}

struct Unfolder<'a, S> {
    program: &'a Program,
    hart: HartId,
    code: &'a Hart,
    heads: Vec<Option<Live>>,
    splits: &'a [(usize, usize)],
    options: &'a Options,
    zero: ExprId,
    tree: &'a mut Tree<S>,
    buffers: &'a mut UnfoldBuffers,
}

impl<S: Set> Unfolder<'_, S> {
    /// Runs the path to its next fork or end, and makes it a node.
    fn node(&mut self, mut path: Path<S>, entry: Entry) -> Result<NodeId, Fault> {
        let id = self.tree.nodes.len();
        if id >= MAX_NODES {
            return Err(self.too_large("paths", MAX_NODES));
        }
        self.tree.begin(path.ops.len(), &path.guards, path.failed_pairs);
        let mut arrived = entry != Entry::Step;
        let mut decided = match entry {
            Entry::Decided(decided) => Some(decided),
            Entry::Step | Entry::Arrived => None,
        };
        let end = loop {
            if !arrived && let Some(live) = self.heads.get(path.step).copied().flatten() {
                match self.arrival(&path, live) {
                    Arrival::New => path.visits.push(Visit::of(&path)),
                    Arrival::Repeats => break self.finish(id, &path, End::Repeats),
                    Arrival::RepeatsIf(same) => break self.maybe_repeats(id, path, same)?,
                }
            }
            arrived = false;
            if let Some(step) = path.over {
                break self.finish(id, &path, End::Cut(step));
            }
            let Some(step) = self.code.code.get(path.step) else {
                break self.leaf(id, &mut path);
            };
            match self.step(&mut path, step.action, decided.take())? {
                Next::Straight => {}
                Next::Jump(target) => self.jump(&mut path, target),
                Next::Stuck(target) => {
                    let step = path.step;
                    break self.finish(id, &path, End::BadJump(step, target));
                }
                Next::Branch(value, targets) => break self.branch(id, path, value, &targets)?,
                Next::Outcome => break self.outcome(id, path)?,
                Next::Either(value, arms) => break self.either(id, path, value, arms)?,
            }
        };
        Ok(end)
    }

    /// The end of the hart's code.
    fn leaf(&mut self, id: usize, path: &mut Path<S>) -> NodeId {
        let observed = self.buffers.observed.iter().map(|reg| path.registers[reg.number()].expr);
        let end = self.tree.leaf(observed);
        self.finish(id, path, end);
        self.buffers.ops = std::mem::take(&mut path.ops);
        self.buffers.fences = std::mem::take(&mut path.fences);
        id as NodeId
    }

    fn finish(&mut self, id: usize, path: &Path<S>, end: End) -> NodeId {
        self.tree.finish(id, &path.ops, &path.checks, path.failed_pairs, end);
        id as NodeId
    }

    /// Forks for each of `targets`: the values of the last arm are "everything else".
    fn branch(
        &mut self,
        id: usize,
        path: Path<S>,
        value: ExprId,
        targets: &[(Option<u64>, Target)],
    ) -> Result<NodeId, Fault> {
        let values: Vec<u64> = targets.iter().filter_map(|(v, _)| *v).collect();
        self.finish(id, &path, End::Cut(0));
        let mut arms = Vec::with_capacity(targets.len());
        for (arm, (_, target)) in targets.iter().enumerate() {
            let mut next = self.fork(&path)?;
            next.guards.push(Guard { value, fork: id as NodeId, arm });
            arms.push(match *target {
                Target::Step(step) => {
                    self.jump(&mut next, step);
                    self.node(next, Entry::Step)?
                }
                Target::Nowhere => self.stub(&next, End::BadJump(path.step, value))?,
            });
        }
        self.tree.nodes[id].end = End::Fork(Fork { choice: Choice::Value(value, values), arms });
        Ok(id as NodeId)
    }

    /// A node without operations.
    fn stub(&mut self, path: &Path<S>, end: End) -> Result<NodeId, Fault> {
        let id = self.tree.nodes.len();
        if id >= MAX_NODES {
            return Err(self.too_large("paths", MAX_NODES));
        }
        self.tree.begin(path.ops.len(), &path.guards, path.failed_pairs);
        Ok(self.finish(id, path, end))
    }

    /// Forks for success and failure of the instruction at the path's step.
    fn outcome(&mut self, id: usize, path: Path<S>) -> Result<NodeId, Fault> {
        self.finish(id, &path, End::Cut(0));
        let succeeds = self.fork(&path)?;
        let succeeds = self.node(succeeds, Entry::Decided(Decided::Succeeds))?;
        let fails = self.fork(&path)?;
        let fails = self.node(fails, Entry::Decided(Decided::Fails))?;
        self.tree.nodes[id].end =
            End::Fork(Fork { choice: Choice::Outcome, arms: vec![succeeds, fails] });
        Ok(id as NodeId)
    }

    /// Forks for what the instruction at the path's step is: the first of `choices` if `value` is 1.
    fn either(
        &mut self,
        id: usize,
        path: Path<S>,
        value: ExprId,
        choices: [Decided; 2],
    ) -> Result<NodeId, Fault> {
        self.finish(id, &path, End::Cut(0));
        let values = vec![1];
        let mut arms = Vec::with_capacity(2);
        for (arm, decided) in choices.into_iter().enumerate() {
            let mut next = self.fork(&path)?;
            next.guards.push(Guard { value, fork: id as NodeId, arm });
            arms.push(self.node(next, Entry::Decided(decided))?);
        }
        self.tree.nodes[id].end = End::Fork(Fork { choice: Choice::Value(value, values), arms });
        Ok(id as NodeId)
    }

    fn fork(&self, path: &Path<S>) -> Result<Path<S>, Fault> {
        if path.forks >= MAX_FORKS {
            return Err(self.too_large("branches on one path", MAX_FORKS));
        }
        Ok(Path { forks: path.forks + 1, ..path.clone() })
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
