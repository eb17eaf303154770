//! The states of a test under each model, in the numbers that a program compares.
//!
//! Addresses are those of the linked test: the program turns the addresses of its many instances into these before it
//! looks a state up.

use rvlitmus_core::answer::{Answer, Reached, Value};
use rvlitmus_core::program::Program;

/// What the models say of a test.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tables {
    /// The states that some model reaches whose states are all known: values, and a bit for each such model.
    pub(crate) states: Vec<(Vec<u64>, u64)>,
    /// By machine: nothing where its states are all known, or why they are not.
    pub(crate) unknown: Vec<Option<String>>,
}

impl Tables {
    /// Of an answer. A machine whose states are not all known is as if it had not been asked.
    pub(crate) fn new(answer: &Answer, program: &Program) -> Tables {
        let mut unknown = Vec::new();
        let mut machines = 0;
        for machine in 0..answer.machines.len() {
            unknown.push(match answer.reached(machine) {
                Reached::All(_) => {
                    machines |= 1 << machine;
                    None
                }
                Reached::NoExecution => {
                    Some("no execution ends, or none passes the filter".to_owned())
                }
                Reached::Deciding(_) => Some("only its condition was decided".to_owned()),
                Reached::Some(_, cut) => Some(rvlitmus_core::answer::cut_text(cut)),
                Reached::Unknown(failure) => Some(failure.error.message.clone()),
            });
        }
        let mut states = Vec::new();
        for row in 0..answer.states.len() {
            let reached = (0..answer.machines.len()).filter(|m| answer.states.reaches(*m, row));
            let reached = reached.fold(0, |bits, machine| bits | 1 << machine) & machines;
            if reached == 0 {
                continue;
            }
            let values = answer.states.row(row).map(|value| number(value, answer, program));
            match values.collect() {
                Some(values) => states.push((values, reached)),
                // The address of code: no program has it.
                None => {
                    let why = "its states have addresses of code".to_owned();
                    let unknown = vec![Some(why); answer.machines.len()];
                    return Tables { states: Vec::new(), unknown };
                }
            }
        }
        Tables { states, unknown }
    }

    /// Does some machine reach a state of these tables that it does not reach in `other`, as far as all are known?
    pub(crate) fn exceed(&self, other: &Tables) -> bool {
        let both = (0..self.unknown.len())
            .filter(|m| self.unknown[*m].is_none() && other.unknown[*m].is_none())
            .fold(0_u64, |bits, machine| bits | 1 << machine);
        self.states.iter().any(|(values, reached)| {
            let there = other.states.iter().find(|(known, _)| known == values);
            reached & both & !there.map_or(0, |(_, reached)| *reached) != 0
        })
    }
}

/// A value as 64 bits; `None` for the address of code.
fn number(value: Value, answer: &Answer, program: &Program) -> Option<u64> {
    match value {
        Value::Signed(value) => Some(value as u64),
        Value::Unsigned(value) => Some(value),
        Value::Symbol(id) => {
            let text = answer.symbols.text(id);
            let (name, offset) = text.rsplit_once('+').unwrap_or((text, "0"));
            let location = program.locations.iter().find(|location| &*location.name == name)?;
            Some(location.address + offset.parse::<u64>().ok()?)
        }
    }
}
