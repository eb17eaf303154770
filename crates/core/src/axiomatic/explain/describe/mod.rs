//! Descriptions for people: operations, values, rules and arguments as text.

mod one_line;
mod rules;
mod steps;

use std::cell::OnceCell;

use crate::arch::{Action, Extend};
use crate::axiomatic::evidence::{EventId, Execution};
use crate::axiomatic::footprint::Footprint;
use crate::litmus::HartId;
use crate::program::{Hart, Program, Step as CodeStep};

use super::comparison::Comparison;

pub use steps::Step;

/// Describes what happens on the stronger of two machines.
pub struct Describer<'p> {
    machines: Comparison<'p>,
    /// By hart and step, what [`Describer::instruction`] says, once it was said.
    instructions: Vec<Vec<OnceCell<String>>>,
}

impl<'p> Describer<'p> {
    /// Returns a describer of a machine beside a weaker one.
    #[must_use]
    pub fn new(machines: Comparison<'p>) -> Self {
        let unsaid = |hart: &Hart| vec![OnceCell::new(); hart.code.len()];
        let instructions = machines.stronger.program.harts.iter().map(unsaid).collect();
        Describer { machines, instructions }
    }

    /// Returns the machines.
    #[must_use]
    pub fn machines(&self) -> &Comparison<'p> {
        &self.machines
    }

    fn program(&self) -> &'p Program {
        self.machines.stronger.program
    }

    fn code(&self, hart: HartId, step: usize) -> &'p CodeStep {
        &self.program().harts[hart.index()].code[step]
    }

    fn code_of(&self, execution: &Execution, event: EventId) -> &'p CodeStep {
        self.code(event.hart, execution.op(event).step)
    }

    /// Returns the line of the test where the operation's instruction stands.
    #[must_use]
    pub fn line(&self, execution: &Execution, event: EventId) -> u32 {
        self.line_of_step(event.hart, execution.op(event).step)
    }

    fn line_of_step(&self, hart: HartId, step: usize) -> u32 {
        self.program().line_column(hart, step).map_or(1, |(line, _)| line)
    }

    /// Returns the operation's instruction without hart and line: `sw x5,0(x6)`.
    #[must_use]
    pub fn instruction_text(&self, execution: &Execution, event: EventId) -> String {
        self.program().harts[event.hart.index()].text(execution.op(event).step)
    }

    /// Returns an instruction with its hart and line: `P0:7 sw x5,0(x6)`.
    #[must_use]
    pub fn instruction(&self, hart: HartId, step: usize) -> &str {
        self.instructions[hart.index()][step].get_or_init(|| {
            let line = self.line_of_step(hart, step);
            format!("{hart}:{line} {}", self.program().harts[hart.index()].text(step))
        })
    }

    /// Returns an operation as its instruction, `P0:7 sw x5,0(x6)`; one that is a part of a misaligned
    /// access with its bytes, `P0:7 sw x5,6(x6) [x+6, 2 bytes]`.
    #[must_use]
    pub fn event(&self, execution: &Execution, event: EventId) -> String {
        let mut text = String::new();
        self.push_event(execution, event, &mut text);
        text
    }

    fn push_event(&self, execution: &Execution, event: EventId, to: &mut String) {
        to.push_str(self.instruction(event.hart, execution.op(event).step));
        if let Some(part) = self.part(execution, event) {
            to.push(' ');
            to.push_str(&part);
        }
    }

    /// Returns two operations with an arrow between: `P0:7 sw x5,0(x6) -> P1:8 lw x7,0(x8)`.
    #[must_use]
    pub fn arrow(&self, execution: &Execution, from: EventId, to: EventId) -> String {
        let mut text = String::with_capacity(64);
        self.push_event(execution, from, &mut text);
        text.push_str(" -> ");
        self.push_event(execution, to, &mut text);
        text
    }

    /// Returns the bytes of a part of a misaligned access: `[x+6, 2 bytes]`.
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

    /// Returns what an operation does: `[x]=1`, `[x] is 1`, `[x] is 0, becomes 1`.
    #[must_use]
    pub fn effect(&self, execution: &Execution, event: EventId) -> String {
        let op = execution.op(event);
        let place = self.part(execution, event);
        let place = place.unwrap_or_else(|| format!("[{}]", self.address(op.footprint.address)));
        let unsigned = matches!(
            self.code_of(execution, event).action,
            Action::Load { extend: Extend::Zero, .. }
        );
        let shown = |value: u128| self.value(value, op.footprint.width, unsigned);
        match (op.reads(), op.writes()) {
            (true, true) => {
                format!("{place} is {}, becomes {}", shown(op.read), shown(op.written))
            }
            (true, false) => format!("{place} is {}", shown(op.read)),
            _ => format!("{place}={}", shown(op.written)),
        }
    }

    /// Returns an address by its location: `x`, `x+4`.
    fn address(&self, address: u64) -> String {
        let locations = &self.program().locations;
        let at = locations.partition_point(|l| l.address <= address);
        match at.checked_sub(1).map(|i| &locations[i]) {
            Some(location) if location.address == address => location.name.to_string(),
            Some(location) => format!("{}+{}", location.name, address - location.address),
            None => format!("{address:#x}"),
        }
    }

    /// Returns the name of the location whose address `address` is.
    fn location(&self, address: u128) -> Option<String> {
        let mut locations = self.program().locations.iter();
        locations.find(|l| u128::from(l.address) == address).map(|l| l.name.to_string())
    }

    /// Returns the location whose address a value is, or the number that a register gets from it.
    fn value(&self, value: u128, width: u8, unsigned: bool) -> String {
        if width == 8
            && let Some(location) = self.location(value)
        {
            return location;
        }
        let unused = 128 - u32::from(width) * 8;
        match unsigned {
            false => ((value << unused) as i128 >> unused).to_string(),
            true => (value << unused >> unused).to_string(),
        }
    }

    /// Returns a part of the observed state, `1:x5` or `[x]`, by its index in [`Program::observed`].
    #[must_use]
    pub fn observed_place(&self, index: usize) -> String {
        self.program().observed[index].place.to_string()
    }

    /// Returns the value of such a part as a number, or as the location whose address it is.
    #[must_use]
    pub fn observed_value(&self, index: usize, value: u64) -> String {
        match self.location(value.into()) {
            Some(location) => location,
            None if self.program().observed[index].ctype().signed() => (value as i64).to_string(),
            None => value.to_string(),
        }
    }

    /// Returns the heading of a hart: `P0 (ztso)`.
    #[must_use]
    pub fn hart(&self, hart: HartId) -> String {
        format!("{hart} ({})", self.machines.stronger.models[hart.index()])
    }
}
