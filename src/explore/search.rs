//! Depth-first search over the states of a machine.

use super::Limits;
use super::expand::{Expansion, Scratch};
use super::key;
use super::machine::Machine;
use super::perform::Stop;
use super::table::Table;
use crate::litmus::HartId;
use crate::program::{Completeness, FinalState, Outcomes};

/// States between two looks at the limits.
const PATIENCE: u32 = 1024;

/// Visits every state that can be reached.
pub(super) fn search(machine: &Machine<'_>, limits: Limits<'_>) -> Result<Outcomes, Stop> {
    let mut search = Search::default();
    let mut stack = machine.initial();
    search.run(machine, &mut stack, limits)?;
    Ok(search.outcomes(machine))
}

/// The tables of one search.
#[derive(Default)]
struct Search {
    met: Table,
    finals: Table,
    cuts: Vec<(HartId, usize)>,
    limit: Option<Completeness>,
    state: Vec<u64>,
    key: Vec<u8>,
    values: Vec<u64>,
    scratch: Scratch,
}

impl Search {
    fn run(
        &mut self,
        machine: &Machine<'_>,
        stack: &mut Vec<u64>,
        limits: Limits<'_>,
    ) -> Result<(), Stop> {
        let words = machine.words();
        let mut patience = PATIENCE;
        let mut states = usize::from(words > 0) * (stack.len() / words.max(1));
        if words == 0 {
            // No hart and no memory: one empty final state.
            self.finals.insert(b"");
            return Ok(());
        }
        while states > 0 {
            let start = stack.len() - words;
            self.state.clear();
            self.state.extend_from_slice(&stack[start..]);
            stack.truncate(start);
            match machine.advance(&mut self.state, &mut self.scratch)? {
                Expansion::Dead => {}
                Expansion::Cut(hart, step) => {
                    if !self.cuts.contains(&(hart, step)) {
                        self.cuts.push((hart, step));
                    }
                }
                Expansion::Final => self.record(machine),
                Expansion::Branch(branch) => {
                    machine.encode(&self.state, &mut self.key);
                    if self.met.insert(&self.key) {
                        machine.branch(&self.state, &branch, &self.scratch, stack)?;
                    }
                }
            }
            states = stack.len() / words;
            patience -= 1;
            if patience == 0 {
                patience = PATIENCE;
                if (limits.interrupted)() {
                    self.limit = Some(Completeness::Timeout);
                    break;
                }
                if self.met.memory() + self.finals.memory() > limits.memory {
                    self.limit = Some(Completeness::MemoryLimit);
                    break;
                }
            }
        }
        Ok(())
    }

    fn record(&mut self, machine: &Machine<'_>) {
        machine.observe(&self.state, &mut self.values);
        self.key.clear();
        for value in &self.values {
            key::push(&mut self.key, *value);
        }
        self.finals.insert(&self.key);
    }

    fn outcomes(mut self, machine: &Machine<'_>) -> Outcomes {
        let observed = machine.program.observed.len();
        let mut states: Vec<FinalState> = (0..self.finals.len())
            .map(|index| {
                let mut bytes = self.finals.get(index);
                (0..observed).map(|_| key::pull(&mut bytes).unwrap_or(0)).collect()
            })
            .filter(|state| machine.program.filter.as_ref().is_none_or(|f| f.holds(state)))
            .collect();
        states.sort_unstable_by(|a, b| {
            let signed = |s: &FinalState| s.iter().map(|v| *v as i64).collect::<Vec<_>>();
            signed(a).cmp(&signed(b))
        });
        self.cuts.sort_unstable();
        let completeness = match self.limit {
            Some(limit) => limit,
            None if self.cuts.is_empty() => Completeness::Complete,
            None => Completeness::Bounded(self.cuts),
        };
        Outcomes { states, completeness, work: self.met.len() as u64 }
    }
}
