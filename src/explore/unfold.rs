//! Builds a hart's [`Tree`] by running its code on expressions.
//!
//! Syntactic dependencies (manual, "Syntactic Dependencies") are tracked beside the values: each
//! register has the set of operations that it depends on, which `x0`, constants and the results of
//! memory instructions cut. An SC's result carries a dependency on the SC's store when it succeeds,
//! and none when it fails, for then there is no store.

use super::expr::{ExprId, MAX_OPS, OpSet, members};
use super::tree::{Address, Choice, End, Fork, Guard, Node, NodeId, Op, Tree};
use crate::isa::{Extend, Extension, FenceSet, Instr, Kind, Reg, Width};
use crate::litmus::HartId;
use crate::model::{AccessKind, Options, Reservation, fence_orders};
use crate::program::{Fault, Hart, Program, Step};

/// Forks on one path; the recursion goes one level deeper with each.
const MAX_FORKS: usize = 400;
/// Paths' pieces of one hart.
const MAX_NODES: usize = 100_000;

/// Unfolds hart number `hart` of `program` into `tree`, whose old content is dropped.
///
/// # Errors
/// [`Fault::TooLarge`] when the paths are too long or too many.
pub(super) fn unfold(
    program: &Program,
    hart: HartId,
    options: &Options,
    tree: &mut Tree,
) -> Result<(), Fault> {
    tree.nodes.clear();
    tree.ops.clear();
    tree.exprs.clear();
    tree.depth = 0;
    let code = &program.harts[hart.index()];
    let mut observed = Vec::new();
    for item in &program.observed {
        if let crate::program::ObservedFrom::Register(h, reg) = item.from
            && h == hart
        {
            observed.push(reg);
        }
    }
    let zero = tree.exprs.constant(0);
    let mut registers = [Value { expr: zero, deps: 0 }; 32];
    for (register, initial) in registers.iter_mut().zip(code.registers) {
        if initial != 0 {
            register.expr = tree.exprs.constant(initial);
        }
    }
    let mut unfolder = Unfolder { hart, code, observed, options, zero, tree };
    let path = Path {
        step: 0,
        registers,
        ops: Vec::new(),
        guards: Vec::new(),
        fences: Vec::new(),
        jumps: Vec::new(),
        control: 0,
        addresses: 0,
        reserved: None,
        failed_pairs: 0,
        forks: 0,
    };
    unfolder.node(path, None).map(|_| ())
}

/// What a register holds and which operations it syntactically depends on.
#[derive(Clone, Copy)]
struct Value {
    expr: ExprId,
    deps: OpSet,
}

/// What an SC or `amocas` turned out to be, when a fork has just decided it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Decided {
    Succeeds,
    Fails,
}

/// One path so far.
#[derive(Clone)]
struct Path {
    step: usize,
    registers: [Value; 32],
    ops: Vec<u32>,
    guards: Vec<Guard>,
    fences: Vec<Fence>,
    /// Backward jumps taken: step and how often.
    jumps: Vec<(usize, u32)>,
    /// Control dependencies of whatever comes next.
    control: OpSet,
    /// Address dependencies of every memory operation so far.
    addresses: OpSet,
    /// The LR that the next SC is paired with.
    reserved: Option<u8>,
    failed_pairs: OpSet,
    forks: usize,
}

/// A fence, and how many operations of the path stand before it.
#[derive(Clone, Copy)]
struct Fence {
    ops: usize,
    tso: bool,
    pred: FenceSet,
    succ: FenceSet,
}

struct Unfolder<'a> {
    hart: HartId,
    code: &'a Hart,
    observed: Vec<Reg>,
    options: &'a Options,
    zero: ExprId,
    tree: &'a mut Tree,
}

impl Unfolder<'_> {
    /// Runs the path to its next fork or end, and makes it a node.
    fn node(&mut self, mut path: Path, mut decided: Option<Decided>) -> Result<NodeId, Fault> {
        let id = self.tree.nodes.len();
        if id >= MAX_NODES {
            return Err(self.too_large("paths", MAX_NODES));
        }
        let first = path.ops.len();
        self.tree.nodes.push(Node {
            path: Vec::new(),
            first,
            guards: path.guards.clone(),
            failed_pairs: path.failed_pairs,
            end: End::Cut(0),
        });
        let end = loop {
            let Some(step) = self.code.code.get(path.step) else {
                let observed =
                    self.observed.iter().map(|r| path.registers[r.number()].expr).collect();
                break self.finish(id, &path, End::Leaf(observed));
            };
            match self.step(&mut path, step, decided.take())? {
                Next::Straight => {}
                Next::Jump(target) => {
                    if !self.jump(&mut path, target) {
                        let step = path.step;
                        break self.finish(id, &path, End::Cut(step));
                    }
                }
                Next::Stuck(target) => {
                    let step = path.step;
                    break self.finish(id, &path, End::BadJump(step, target));
                }
                Next::Branch(value, targets) => break self.branch(id, path, value, &targets)?,
                Next::Outcome => break self.outcome(id, path)?,
            }
        };
        Ok(end)
    }

    fn finish(&mut self, id: usize, path: &Path, end: End) -> NodeId {
        self.tree.depth = self.tree.depth.max(path.ops.len());
        let node = &mut self.tree.nodes[id];
        node.path.clone_from(&path.ops);
        node.failed_pairs = path.failed_pairs;
        node.end = end;
        id as NodeId
    }

    /// Forks for each of `targets`: the values of the last arm are "everything else".
    fn branch(
        &mut self,
        id: usize,
        path: Path,
        value: ExprId,
        targets: &[(Option<u64>, Target)],
    ) -> Result<NodeId, Fault> {
        let values: Vec<u64> = targets.iter().filter_map(|(v, _)| *v).collect();
        self.finish(id, &path, End::Cut(0));
        let mut arms = Vec::with_capacity(targets.len());
        for (arm, (_, target)) in targets.iter().enumerate() {
            let mut next = self.fork(&path)?;
            next.guards.push(Guard { value, values: values.clone(), arm });
            let ended = match *target {
                Target::Step(step) if self.jump(&mut next, step) => None,
                Target::Step(_) => Some(End::Cut(path.step)),
                Target::Nowhere => Some(End::BadJump(path.step, value)),
            };
            arms.push(match ended {
                None => self.node(next, None)?,
                Some(end) => self.stub(&next, end)?,
            });
        }
        self.tree.nodes[id].end = End::Fork(Fork { choice: Choice::Value(value, values), arms });
        Ok(id as NodeId)
    }

    /// A node without operations.
    fn stub(&mut self, path: &Path, end: End) -> Result<NodeId, Fault> {
        let id = self.tree.nodes.len();
        if id >= MAX_NODES {
            return Err(self.too_large("paths", MAX_NODES));
        }
        self.tree.nodes.push(Node {
            path: Vec::new(),
            first: path.ops.len(),
            guards: path.guards.clone(),
            failed_pairs: path.failed_pairs,
            end: End::Cut(0),
        });
        Ok(self.finish(id, path, end))
    }

    /// Forks for success and failure of the instruction at the path's step.
    fn outcome(&mut self, id: usize, path: Path) -> Result<NodeId, Fault> {
        self.finish(id, &path, End::Cut(0));
        let succeeds = self.fork(&path)?;
        let succeeds = self.node(succeeds, Some(Decided::Succeeds))?;
        let fails = self.fork(&path)?;
        let fails = self.node(fails, Some(Decided::Fails))?;
        self.tree.nodes[id].end =
            End::Fork(Fork { choice: Choice::Outcome, arms: vec![succeeds, fails] });
        Ok(id as NodeId)
    }

    fn fork(&self, path: &Path) -> Result<Path, Fault> {
        if path.forks >= MAX_FORKS {
            return Err(self.too_large("branches on one path", MAX_FORKS));
        }
        Ok(Path { forks: path.forks + 1, ..path.clone() })
    }

    fn too_large(&self, what: &str, limit: usize) -> Fault {
        Fault::TooLarge { what: format!("too many {what} of {}", self.hart), limit }
    }

    /// Goes to `target`; `false` when that is a backward jump once too often.
    fn jump(&self, path: &mut Path, target: usize) -> bool {
        if target <= path.step {
            let step = path.step;
            match path.jumps.iter_mut().find(|(s, _)| *s == step) {
                Some((_, taken)) if *taken >= self.options.unroll => return false,
                Some((_, taken)) => *taken += 1,
                None if self.options.unroll == 0 => return false,
                None => path.jumps.push((step, 1)),
            }
        }
        path.step = target;
        true
    }

    /// Runs one instruction.
    fn step(
        &mut self,
        path: &mut Path,
        step: &Step,
        decided: Option<Decided>,
    ) -> Result<Next, Fault> {
        let instr = &step.instr;
        let operands = &instr.operands;
        let rs1 = path.registers[operands.rs1.number()];
        let rs2 = path.registers[operands.rs2.number()];
        let link = step.address + 4;
        match instr.def.kind {
            Kind::AluReg(f) => {
                let expr = if instr.def.cancels() && rs1.expr == rs2.expr {
                    self.zero
                } else {
                    self.tree.exprs.apply(f, rs1.expr, rs2.expr)
                };
                self.write(path, operands.rd, Value { expr, deps: rs1.deps | rs2.deps });
            }
            Kind::AluImm(f) => {
                let immediate = self.tree.exprs.constant(operands.imm as u64);
                let expr = if instr.def.masks() && operands.imm == 0 {
                    self.zero
                } else {
                    self.tree.exprs.apply(f, rs1.expr, immediate)
                };
                self.write(path, operands.rd, Value { expr, deps: rs1.deps });
            }
            Kind::Constant(f) => self.write_constant(path, operands.rd, f(operands.imm)),
            Kind::Auipc => {
                let value = step.address.wrapping_add(((operands.imm as i32) << 12) as u64);
                self.write_constant(path, operands.rd, value);
            }
            Kind::LoadAddress => self.write_constant(path, operands.rd, step.address),
            Kind::Hint => {}
            Kind::Fence => {
                let fence = Fence {
                    ops: path.ops.len(),
                    tso: false,
                    pred: operands.pred,
                    succ: operands.succ,
                };
                path.fences.push(fence);
            }
            Kind::FenceTso => {
                let sets = FenceSet::IORW;
                path.fences.push(Fence { ops: path.ops.len(), tso: true, pred: sets, succ: sets });
            }
            Kind::Jal => {
                self.write_constant(path, operands.rd, link);
                return Ok(Next::Jump(step.target));
            }
            Kind::Jalr => return Ok(self.indirect(path, operands.rd, link, rs1, operands.imm)),
            Kind::Branch(f) => {
                path.control |= rs1.deps | rs2.deps;
                return Ok(self.conditional(path, f, rs1, rs2, step));
            }
            Kind::Load(width, extend) => {
                let value = self.access(
                    path,
                    instr,
                    Access::new(AccessKind::Load, width, extend),
                    rs1,
                    None,
                )?;
                self.write(path, operands.rd, value);
            }
            Kind::LoadReserved(width) => {
                path.reserved = Some(path.ops.len() as u8);
                let access = Access::new(AccessKind::LoadReserved, width, Extend::Sign);
                let value = self.access(path, instr, access, rs1, None)?;
                self.write(path, operands.rd, value);
            }
            Kind::Store(width) => {
                self.access(
                    path,
                    instr,
                    Access::new(AccessKind::Store, width, Extend::Zero),
                    rs1,
                    Some(rs2),
                )?;
            }
            Kind::Amo(width, f) => {
                let access =
                    Access { amo: Some(f), ..Access::new(AccessKind::Amo, width, Extend::Sign) };
                let value = self.access(path, instr, access, rs1, Some(rs2))?;
                self.write(path, operands.rd, value);
            }
            Kind::StoreConditional(width) => {
                return self.store_conditional(path, instr, width, rs1, rs2, decided);
            }
            Kind::CompareAndSwap(width) => {
                return self.compare_and_swap(path, instr, width, rs1, rs2, decided);
            }
        }
        path.step += 1;
        Ok(Next::Straight)
    }

    fn write(&mut self, path: &mut Path, rd: Reg, value: Value) {
        if !rd.is_zero() {
            path.registers[rd.number()] = value;
        }
    }

    fn write_constant(&mut self, path: &mut Path, rd: Reg, value: u64) {
        let expr = self.tree.exprs.constant(value);
        self.write(path, rd, Value { expr, deps: 0 });
    }

    fn conditional(
        &mut self,
        path: &Path,
        f: fn(u64, u64) -> bool,
        rs1: Value,
        rs2: Value,
        step: &Step,
    ) -> Next {
        let next = path.step + 1;
        // Both ways lead to the same place: a control dependency, but no fork.
        if step.target == next {
            return Next::Jump(next);
        }
        let exprs = &self.tree.exprs;
        if let (Some(a), Some(b)) = (exprs.as_constant(rs1.expr), exprs.as_constant(rs2.expr)) {
            return Next::Jump(if f(a, b) { step.target } else { next });
        }
        if rs1.expr == rs2.expr && exprs.sources(rs1.expr) != 0 {
            return Next::Jump(if f(0, 0) { step.target } else { next });
        }
        let value = self.tree.exprs.condition(f, rs1.expr, rs2.expr);
        Next::Branch(value, vec![(Some(1), Target::Step(step.target)), (None, Target::Step(next))])
    }

    fn indirect(&mut self, path: &mut Path, rd: Reg, link: u64, rs1: Value, offset: i64) -> Next {
        path.control |= rs1.deps;
        let offset = self.tree.exprs.constant(offset as u64);
        let value = self.tree.exprs.apply(|a, b| a.wrapping_add(b) & !1, rs1.expr, offset);
        self.write_constant(path, rd, link);
        let step_at = |address: u64| {
            let offset = address.checked_sub(self.code.code_address)?;
            let step = usize::try_from(offset / 4).ok()?;
            (offset % 4 == 0 && step <= self.code.code.len()).then_some(step)
        };
        if let Some(address) = self.tree.exprs.as_constant(value) {
            return step_at(address).map_or(Next::Stuck(value), Next::Jump);
        }
        let mut targets: Vec<(Option<u64>, Target)> = self
            .code
            .indirect_targets
            .iter()
            .map(|&step| (Some(self.code.code_address + 4 * step as u64), Target::Step(step)))
            .collect();
        targets.push((None, Target::Nowhere));
        Next::Branch(value, targets)
    }

    /// Fails at once when it is not paired; otherwise either outcome is a path of its own.
    fn store_conditional(
        &mut self,
        path: &mut Path,
        instr: &Instr,
        width: Width,
        rs1: Value,
        rs2: Value,
        decided: Option<Decided>,
    ) -> Result<Next, Fault> {
        let address = self.address(rs1, instr.operands.imm);
        let possible = path.reserved.is_some_and(|lr| self.may_match(path, lr, address, width));
        let rd = instr.operands.rd;
        match (possible, decided) {
            (true, None) => return Ok(Next::Outcome),
            (true, Some(Decided::Succeeds)) => {
                let paired = path.reserved.take();
                let op = path.ops.len();
                let access = Access {
                    paired,
                    ..Access::new(AccessKind::StoreConditional, width, Extend::Zero)
                };
                self.access(path, instr, access, rs1, Some(rs2))?;
                let deps = if path.ops.len() > op { 1 << op } else { 0 };
                self.write(path, rd, Value { expr: self.zero, deps });
            }
            (false, _) | (true, Some(Decided::Fails)) => {
                let paired = path.reserved.take();
                if possible && let Some(lr) = paired {
                    path.failed_pairs |= 1 << lr;
                }
                self.write_constant(path, rd, 1);
            }
        }
        path.step += 1;
        Ok(Next::Straight)
    }

    /// May the SC's bytes lie within what the LR reserved? `true` also when nobody knows yet.
    fn may_match(&self, path: &Path, lr: u8, address: Address, width: Width) -> bool {
        let lr = &self.tree.ops[path.ops[lr as usize] as usize];
        match (lr.address, address) {
            (Address::Known(lr_address), Address::Known(sc_address)) => reservation_covers(
                self.options.reservation,
                lr_address,
                lr.width,
                sc_address,
                width,
            ),
            _ => true,
        }
    }

    fn compare_and_swap(
        &mut self,
        path: &mut Path,
        instr: &Instr,
        width: Width,
        rs1: Value,
        rs2: Value,
        decided: Option<Decided>,
    ) -> Result<Next, Fault> {
        let rd = path.registers[instr.operands.rd.number()];
        let expected = Some(rd.expr);
        let access = match decided {
            None => return Ok(Next::Outcome),
            Some(Decided::Succeeds) => Access {
                expected,
                amo: Some(|_, new| new),
                ..Access::new(AccessKind::Amo, width, Extend::Sign)
            },
            Some(Decided::Fails) => {
                Access { expected, ..Access::new(AccessKind::FailedCas, width, Extend::Sign) }
            }
        };
        let data = Value { expr: rs2.expr, deps: rs2.deps | rd.deps };
        let value = self.access(path, instr, access, rs1, Some(data))?;
        self.write(path, instr.operands.rd, value);
        path.step += 1;
        Ok(Next::Straight)
    }

    fn address(&mut self, rs1: Value, offset: i64) -> Address {
        let offset = self.tree.exprs.constant(offset as u64);
        let expr = self.tree.exprs.apply(|a, b| a.wrapping_add(b), rs1.expr, offset);
        match self.tree.exprs.as_constant(expr) {
            Some(address) => Address::Known(address),
            None => Address::Computed(expr),
        }
    }

    /// Appends the memory operation of `instr`, or its bytes when it is misaligned; gives what a
    /// register gets from it.
    fn access(
        &mut self,
        path: &mut Path,
        instr: &Instr,
        access: Access,
        rs1: Value,
        data: Option<Value>,
    ) -> Result<Value, Fault> {
        let address = self.address(rs1, instr.operands.imm);
        if !splits(instr, &access, address) {
            let op = self.push(path, access, address, rs1.deps, data, 0)?;
            return Ok(Value { expr: self.tree.exprs.loaded(op), deps: 1 << op });
        }
        let bytes = access.width.bytes() as usize;
        let first = path.ops.len();
        let siblings = (((1u128 << bytes) - 1) << first) as OpSet;
        let mut loaded = Value { expr: self.zero, deps: 0 };
        let before = path.addresses;
        for byte in 0..bytes {
            let address = self.address(rs1, instr.operands.imm.wrapping_add(byte as i64));
            let piece = Access::new(access.kind, Width::B, Extend::Zero);
            let shift = self.tree.exprs.constant(8 * byte as u64);
            let part = data
                .map(|d| Value { expr: self.tree.exprs.apply(|a, b| a >> b, d.expr, shift), ..d });
            path.addresses = before;
            let op = self.push(path, piece, address, rs1.deps, part, siblings)?;
            let value = self.tree.exprs.loaded(op);
            let shifted = self.tree.exprs.apply(|a, b| a << b, value, shift);
            loaded.expr = self.tree.exprs.apply(|a, b| a | b, loaded.expr, shifted);
            loaded.deps |= 1 << op;
        }
        let extended: fn(u64, u64) -> u64 = match (access.extend, access.width) {
            (Extend::Sign, Width::H) => |a, _| Width::H.sign_extend(a),
            (Extend::Sign, Width::W) => |a, _| Width::W.sign_extend(a),
            _ => |a, _| a,
        };
        loaded.expr = self.tree.exprs.apply(extended, loaded.expr, self.zero);
        Ok(loaded)
    }

    fn push(
        &mut self,
        path: &mut Path,
        access: Access,
        address: Address,
        address_deps: OpSet,
        data: Option<Value>,
        siblings: OpSet,
    ) -> Result<usize, Fault> {
        let place = path.ops.len();
        if place >= MAX_OPS {
            return Err(self.too_large("memory operations on one path", MAX_OPS));
        }
        let siblings = siblings & !(1 << place);
        let mut fence_deps = 0;
        for fence in &path.fences {
            for a in members(low(fence.ops) & !fence_deps) {
                let kind = self.tree.ops[path.ops[a] as usize].kind;
                if fence_orders(fence.tso, fence.pred, fence.succ, kind, access.kind) {
                    fence_deps |= 1 << a;
                }
            }
        }
        self.tree.ops.push(Op {
            step: path.step,
            kind: access.kind,
            width: access.width,
            extend: access.extend,
            address,
            data: data.map(|d| d.expr),
            amo: access.amo,
            expected: access.expected,
            paired: access.paired,
            address_deps,
            data_deps: data.map_or(0, |d| d.deps),
            control_deps: path.control,
            earlier_address_deps: path.addresses,
            fence_deps,
            siblings,
        });
        path.ops.push(self.tree.ops.len() as u32 - 1);
        path.addresses |= address_deps;
        Ok(place)
    }
}

/// Does the access fall into bytes? Manual, chapter "RVWMO": a misaligned load or store may be
/// decomposed into component operations of any granularity; single bytes allow all that any other
/// decomposition allows. Where the address is not known before the hart runs, a misaligned access is
/// reported when it happens, as it is for instructions that may not be misaligned.
fn splits(instr: &Instr, access: &Access, address: Address) -> bool {
    let plain = matches!(access.kind, AccessKind::Load | AccessKind::Store)
        && instr.def.extension != Extension::Zalasr;
    matches!(address, Address::Known(address) if plain && address % access.width.bytes() != 0)
}

/// All places below `count`.
fn low(count: usize) -> OpSet {
    if count >= MAX_OPS { OpSet::MAX } else { (1 << count) - 1 }
}

/// What of an operation its mnemonic says.
struct Access {
    kind: AccessKind,
    width: Width,
    extend: Extend,
    amo: Option<fn(u64, u64) -> u64>,
    expected: Option<ExprId>,
    paired: Option<u8>,
}

impl Access {
    fn new(kind: AccessKind, width: Width, extend: Extend) -> Access {
        Access { kind, width, extend, amo: None, expected: None, paired: None }
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
}

/// Where an arm of a branch goes.
#[derive(Clone, Copy)]
enum Target {
    Step(usize),
    Nowhere,
}

/// Option `reservation`: may an SC of these bytes be paired with an LR of those?
pub(super) fn reservation_covers(
    reservation: Reservation,
    lr_address: u64,
    lr_width: Width,
    sc_address: u64,
    sc_width: Width,
) -> bool {
    match reservation {
        Reservation::Exact => {
            sc_address >= lr_address
                && sc_address.wrapping_add(sc_width.bytes())
                    <= lr_address.wrapping_add(lr_width.bytes())
        }
        Reservation::Line(bytes) => sc_address & !(bytes - 1) == lr_address & !(bytes - 1),
        Reservation::Any => true,
    }
}
