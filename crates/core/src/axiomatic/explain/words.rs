//! Explanations in words.

use std::cell::OnceCell;

use schemars::JsonSchema;
use serde::Serialize;

use crate::arch::{Action, Extend, Order};
use crate::axiomatic::evidence::{
    Contradiction, Edge, EventId, Execution, ReadsOf, Refutation, Why,
};
use crate::axiomatic::footprint::Footprint;
use crate::axiomatic::ppo::{rules_between, rules_between_annotated};
use crate::axiomatic::trace::{Nth, Trace};
use crate::litmus::HartId;
use crate::model::{BaseModel, Options, Rule, RuleSet, annotate};
use crate::program::{self, Program};

/// What Ztso and sequential consistency add to RVWMO.
pub(super) const ADDED: [Rule; 4] =
    [Rule::ZtsoLoadAcquire, Rule::ZtsoStoreRelease, Rule::ZtsoAmo, Rule::ScProgramOrder];

/// The rules without what is added to RVWMO, except for that.
pub(super) fn without_added(rules: RuleSet, except: Option<Rule>) -> RuleSet {
    ADDED.into_iter().filter(|rule| Some(*rule) != except).fold(rules, RuleSet::without)
}

/// One step of an argument.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, JsonSchema)]
pub struct Step {
    /// `r1` to `r13`, `ztso-load-acquire`, `ztso-store-release`, `ztso-amo`, `sc-program-order`, `rf`,
    /// `co`, `fr`, `atomicity`, `load-value`, `sc-failure`. A `ztso-` name says that nothing but Ztso
    /// orders the two, `sc-program-order` that nothing but sequential consistency does.
    pub rule: String,
    /// Other rules that order the same two operations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// What it orders: `P0:7 sw x5,0(x6) -> P1:8 lw x7,0(x8)`, hart, line and instruction.
    pub orders: String,
}

/// Says things about the instructions of one program.
pub struct Words<'p> {
    pub(super) program: &'p Program,
    models: &'p [BaseModel],
    options: &'p Options,
    /// By hart and step, what [`Words::instruction`] says, once it was said.
    instructions: Vec<Vec<OnceCell<String>>>,
}

impl<'p> Words<'p> {
    /// For `program` when hart `i` follows `models[i]`.
    #[must_use]
    pub fn new(program: &'p Program, models: &'p [BaseModel], options: &'p Options) -> Self {
        let unsaid = |hart: &program::Hart| vec![OnceCell::new(); hart.code.len()];
        let instructions = program.harts.iter().map(unsaid).collect();
        Words { program, models, options, instructions }
    }

    /// The instruction of a step that the hart has taken.
    pub(super) fn instruction_of(&self, hart: HartId, step: usize) -> &'p program::Instruction {
        let hart = &self.program.harts[hart.index()];
        &hart.instructions[hart.code[step].instruction as usize]
    }

    /// The line of the file where a step's instruction stands.
    pub(super) fn line_of(&self, hart: HartId, step: usize) -> u32 {
        self.program.line_column(hart, step).map_or(1, |(line, _)| line)
    }

    /// The acquire and release bits of a step.
    fn order(&self, hart: HartId, step: usize) -> Order {
        self.program.harts[hart.index()].code[step].action.order()
    }

    /// `P0:7 sw x5,0(x6)`: hart, line, instruction; of an operation that is a part of a misaligned access
    /// its bytes, too: `P0:7 sw x5,6(x6) [x+6, 2 bytes]`.
    #[must_use]
    pub fn event(&self, execution: &Execution, event: EventId) -> String {
        let mut said = String::new();
        self.say(execution, event, &mut said);
        said
    }

    fn say(&self, execution: &Execution, event: EventId, to: &mut String) {
        to.push_str(self.instruction(event.hart, execution.op(event).step));
        if let Some(part) = self.part(execution, event) {
            to.push(' ');
            to.push_str(&part);
        }
    }

    /// `P0:7 sw x5,0(x6) -> P1:8 lw x7,0(x8)`
    fn arrow(&self, execution: &Execution, from: EventId, to: EventId) -> String {
        let mut said = String::with_capacity(64);
        self.say(execution, from, &mut said);
        said.push_str(" -> ");
        self.say(execution, to, &mut said);
        said
    }

    /// `[x+6, 2 bytes]`: the bytes of a part of a misaligned access.
    #[must_use]
    pub fn part(&self, execution: &Execution, event: EventId) -> Option<String> {
        let op = execution.op(event);
        let trace = &execution.traces[event.hart.index()];
        let whole = op.first == event.nth
            && !trace.iter().any(|(nth, other)| nth != event.nth && other.first == event.nth);
        (!whole).then(|| {
            let Footprint { address, width } = op.footprint;
            let s = if width == 1 { "" } else { "s" };
            format!("[{}, {width} byte{s}]", self.address(address))
        })
    }

    /// The same of an instruction that made no operation.
    #[must_use]
    pub fn instruction(&self, hart: HartId, step: usize) -> &str {
        self.instructions[hart.index()][step].get_or_init(|| {
            format!("{hart}:{} {}", self.line_of(hart, step), self.instruction_of(hart, step))
        })
    }

    /// What the operation does: `[x]=1`, `[x] is 1`, `[x] is 0, becomes 1`.
    #[must_use]
    pub fn effect(&self, execution: &Execution, event: EventId) -> String {
        let op = execution.op(event);
        let place = self.part(execution, event);
        let place = place.unwrap_or_else(|| format!("[{}]", self.address(op.footprint.address)));
        let extend = match self.program.harts[event.hart.index()].code[op.step].action {
            Action::Load { extend, .. } => extend,
            _ => Extend::Sign,
        };
        let shown = |value: u128| self.value(value, op.footprint.width, extend);
        match (op.reads(), op.writes()) {
            (true, true) => {
                format!("{place} is {}, becomes {}", shown(op.read), shown(op.written))
            }
            (true, false) => format!("{place} is {}", shown(op.read)),
            _ => format!("{place}={}", shown(op.written)),
        }
    }

    /// `x`, `x+4`
    fn address(&self, address: u64) -> String {
        let at = self.program.locations.partition_point(|l| l.address <= address);
        match at.checked_sub(1).map(|i| &self.program.locations[i]) {
            Some(location) if location.address == address => location.name.to_string(),
            Some(location) => format!("{}+{}", location.name, address - location.address),
            None => format!("{address:#x}"),
        }
    }

    /// The location whose address it is, or the number that a register gets from it.
    fn value(&self, value: u128, width: u8, extend: Extend) -> String {
        let bits = u32::from(width) * 8;
        if width == 8
            && let Some(location) =
                self.program.locations.iter().find(|l| u128::from(l.address) == value)
        {
            return location.name.to_string();
        }
        let unused = 128 - bits;
        match extend {
            Extend::Sign => ((value << unused) as i128 >> unused).to_string(),
            Extend::Zero => (value << unused >> unused).to_string(),
        }
    }

    /// `1:x5`, `[x]`: a part of the observed state.
    pub(super) fn place_observed(&self, index: usize) -> String {
        self.program.observed[index].place.to_string()
    }

    /// Its value as a number, or as the location whose address it is.
    pub(super) fn observed(&self, index: usize, value: u64) -> String {
        let location = self.program.locations.iter().find(|l| l.address == value);
        match location {
            Some(location) => location.name.to_string(),
            None if self.program.observed[index].rendering.signed() => (value as i64).to_string(),
            None => value.to_string(),
        }
    }

    /// `P0 (ztso)`.
    #[must_use]
    pub fn hart(&self, hart: usize) -> String {
        format!("P{hart} ({})", self.models[hart])
    }

    /// The rules in force.
    #[must_use]
    pub fn rule_set(&self) -> RuleSet {
        self.options.rules
    }

    /// The rules that put `from` before `to`, both of one hart, as [`Words::glossed`] names them.
    #[must_use]
    pub fn between(&self, execution: &Execution, from: EventId, to: EventId) -> Vec<String> {
        let reads = ReadsOf { execution, hart: from.hart };
        let trace = &execution.traces[from.hart.index()];
        let by = rules_between(trace, &reads, self.options.rules, from.nth, to.nth);
        self.glossed(execution, &Edge { from, to, why: Why::Ppo(by) })
    }

    /// The rules of an edge, the most telling first.
    #[must_use]
    pub fn rules(&self, execution: &Execution, edge: &Edge) -> Vec<&'static str> {
        let name = match &edge.why {
            Why::Ppo(_) => {
                return self.telling(execution, edge).into_iter().map(Rule::name).collect();
            }
            Why::ReadsFrom => "rf",
            Why::FromRead(_) => "fr",
            Why::ReadPast(_) | Why::Final | Why::Chosen => "co",
            Why::AtomicSource(_) | Why::Atomic(..) => "atomicity",
        };
        vec![name]
    }

    /// The rules of an edge of preserved program order: RVWMO's if there are any, else what the
    /// hart's model adds.
    pub(super) fn telling(&self, execution: &Execution, edge: &Edge) -> Vec<Rule> {
        let Why::Ppo(rules) = &edge.why else { return Vec::new() };
        let weak = self.by_rvwmo(execution, edge);
        if !weak.is_empty() {
            return weak.iter().collect();
        }
        let added = self.added(execution, edge);
        if added.is_empty() { rules.iter().collect() } else { added }
    }

    /// What of the hart's model orders the two operations, if RVWMO does not.
    #[must_use]
    pub fn added_alone(&self, execution: &Execution, edge: &Edge) -> Vec<Rule> {
        let program_order = matches!(edge.why, Why::Ppo(_));
        if !program_order || !self.by_rvwmo(execution, edge).is_empty() {
            return Vec::new();
        }
        self.added(execution, edge)
    }

    /// The same of an edge of preserved program order that RVWMO lacks.
    fn added(&self, execution: &Execution, edge: &Edge) -> Vec<Rule> {
        if self.models[edge.from.hart.index()] == BaseModel::Rvwmo {
            return Vec::new();
        }
        let rules = self.options.rules;
        let only = |wanted: Rule| without_added(rules, Some(wanted));
        let orders = |rule: Rule| !self.by(execution, edge, only(rule)).is_empty();
        ADDED.into_iter().filter(|rule| rules.contains(*rule) && orders(*rule)).collect()
    }

    /// Does the argument rest on an order that RVWMO does not demand?
    #[must_use]
    pub fn beyond_rvwmo(&self, refutation: &Refutation) -> bool {
        let cycle: &[Edge] = match &refutation.contradiction {
            Contradiction::Cycle(cycle) => cycle,
            _ => &[],
        };
        let proofs = refutation.coherence.iter().flat_map(|c| &c.proof);
        cycle
            .iter()
            .chain(proofs)
            .any(|edge| !self.added_alone(&refutation.execution, edge).is_empty())
    }

    /// The rules that order the two operations whatever model the hart follows.
    fn by_rvwmo(&self, execution: &Execution, edge: &Edge) -> RuleSet {
        self.by(execution, edge, without_added(self.options.rules, None))
    }

    /// The rules that order the two operations when only `rules` are in force.
    fn by(&self, execution: &Execution, edge: &Edge, rules: RuleSet) -> RuleSet {
        let hart = edge.from.hart;
        let options = Options { rules, ..*self.options };
        let trace = &execution.traces[hart.index()];
        let annotation = |nth: Nth| {
            let op = trace.op(nth);
            annotate(self.order(hart, op.step), op.kind, self.models[hart.index()], &options)
        };
        let pair = (edge.from.nth, edge.to.nth);
        let annotations = [annotation(pair.0), annotation(pair.1)];
        rules_between_annotated(trace, &ReadsOf { execution, hart }, rules, pair, annotations)
    }

    /// The trace with the annotations that it has under other options.
    pub(super) fn annotated(&self, trace: &Trace, hart: HartId, options: &Options) -> Trace {
        let mut trace = trace.clone();
        for op in &mut trace.ops {
            let order = self.order(hart, op.step);
            op.annotation = annotate(order, op.kind, self.models[hart.index()], options);
        }
        trace
    }

    /// The argument, step by step. A cycle starts with the program order of its first hart.
    #[must_use]
    pub fn steps(&self, refutation: &Refutation) -> Vec<Step> {
        let execution = &refutation.execution;
        match &refutation.contradiction {
            Contradiction::Cycle(cycle) => cycle_from_start(cycle)
                .map(|edge| {
                    let mut rules = self.rules(execution, edge).into_iter().map(str::to_string);
                    Step {
                        rule: rules.next().unwrap_or_default(),
                        also: rules.collect(),
                        orders: self.arrow(execution, edge.from, edge.to),
                    }
                })
                .collect(),
            Contradiction::InitialHidden { load, store } => vec![Step {
                rule: "load-value".to_string(),
                also: Vec::new(),
                orders: format!(
                    "{} -> {}, which returns the initial value",
                    self.event(execution, *store),
                    self.event(execution, *load)
                ),
            }],
            Contradiction::Unpaired(sc) => vec![Step {
                rule: "sc-failure".to_string(),
                also: Vec::new(),
                orders: format!(
                    "{} is not paired with an LR and fails",
                    self.event(execution, *sc)
                ),
            }],
            Contradiction::Unforced { hart, step } => {
                vec![Step {
                    rule: "sc-failure".to_string(),
                    also: Vec::new(),
                    orders: format!("{} fails unforced", self.instruction(*hart, *step)),
                }]
            }
        }
    }
}

/// The cycle, turned so that it starts with an edge of preserved program order of the first hart that
/// has one.
pub(super) fn cycle_from_start(cycle: &[Edge]) -> impl Iterator<Item = &Edge> {
    let start = cycle
        .iter()
        .enumerate()
        .filter(|(_, edge)| matches!(edge.why, Why::Ppo(_)))
        .min_by_key(|(_, edge)| (edge.from.hart, edge.from.nth))
        .map_or(0, |(index, _)| index);
    let (end, beginning) = cycle.split_at(start);
    beginning.iter().chain(end)
}
