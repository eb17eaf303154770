//! From the outcomes of each machine to the answer of a test.

use std::sync::Arc;

use super::naming::Naming;
use super::{
    Answer, Argument, ConditionText, CutLoop, Difference, Extent, Failure, Lacked, MachineAnswer,
    Mistake, PlaceNames, States, Stats, Status, Value, condition, tables,
};
use crate::litmus::{CType, Test};
use crate::program::{
    Completeness, FinalState, FinalStates, Observed, Outcomes, Program, ToldApart,
};

/// What an engine found on one machine, or why it found nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// The machine's name.
    pub id: Arc<str>,
    /// Its outcomes.
    pub outcomes: Result<Outcomes, Failure>,
}

/// Puts the outcomes of all machines beside one another.
///
/// `program` is the test as linked for any of them: they name and observe the same. Where `expired` says that
/// the time is up before the condition was looked at in every state, no machine has an answer.
#[must_use]
pub fn side_by_side(
    test: &Test,
    program: &Program,
    found: &[Found],
    expired: &dyn Fn() -> bool,
) -> Answer {
    let naming = Naming::new(test, program);
    let observed = program.observed.iter().enumerate();
    let printed = observed.filter(|(_, observed)| observed.printed);
    let reached: Vec<Option<&FinalStates>> = found.iter().map(final_states).collect();
    let Some((states, symbols)) =
        tables::table(program, printed.clone(), &naming, &reached, expired)
    else {
        let found: Vec<Found> = found.iter().map(late).collect();
        return side_by_side(test, program, &found, &|| false);
    };
    let machines: Vec<MachineAnswer> = found
        .iter()
        .enumerate()
        .map(|(m, found)| machine(program, found, states.count(m)))
        .collect();
    Answer {
        condition: test.condition.as_ref().map(ConditionText::from),
        places: PlaceNames::written(printed.clone(), |(_, observed), text| {
            condition::place(&observed.place, text);
        }),
        types: types(printed.map(|(_, observed)| observed)),
        differences: Difference::all(&machines, &states),
        warnings: Vec::new(),
        symbols,
        states,
        machines,
    }
}

/// The states of a machine that was not ended by a limit.
fn final_states(found: &Found) -> Option<&FinalStates> {
    let outcomes = found.outcomes.as_ref().ok()?;
    (!outcomes.completeness.ran_out()).then_some(&*outcomes.states)
}

/// A machine of whose states too little is known to say anything.
fn late(Found { id, outcomes }: &Found) -> Found {
    let what = "the test's time limit ran out while its condition was looked at in the states";
    let late = || Failure::new(Status::Timeout, Mistake::of_file(what.to_owned()));
    Found { id: id.clone(), outcomes: Err(outcomes.as_ref().err().cloned().unwrap_or_else(late)) }
}

fn machine(program: &Program, found: &Found, states: usize) -> MachineAnswer {
    let (extent, told_apart, stats) = match &found.outcomes {
        Err(failure) => (Extent::Failed(failure.clone()), ToldApart::Exactly, Stats::default()),
        Ok(outcomes) => {
            let Outcomes { completeness, told_apart, work, transitions, .. } = outcomes;
            let stats = Stats { work: *work, transitions: *transitions, microseconds: None };
            let extent = extent(program, &found.id, completeness, states);
            // Where there is no answer none is uncertain.
            let told_apart =
                if extent.failure().is_some() { ToldApart::Exactly } else { *told_apart };
            (extent, told_apart, stats)
        }
    };
    MachineAnswer { id: found.id.clone(), extent, told_apart, stats }
}

fn extent(program: &Program, id: &str, completeness: &Completeness, states: usize) -> Extent {
    let limit = |status, what| {
        let message = format!("the test's {what} limit ran out while exploring it under {id}");
        Extent::Failed(Failure::new(status, Mistake::of_file(message)))
    };
    match completeness {
        Completeness::Complete if states == 0 => Extent::NoExecution,
        Completeness::Complete => Extent::Complete,
        Completeness::Decided => Extent::Decided,
        Completeness::Bounded(loops) => {
            let cut = loops.iter().map(|(hart, step)| CutLoop::at(program, *hart, *step));
            let mut cut: Vec<CutLoop> = cut.collect();
            cut.sort_unstable();
            cut.dedup();
            Extent::Bounded(cut)
        }
        Completeness::Timeout => limit(Status::Timeout, "time"),
        Completeness::MemoryLimit => limit(Status::MemoryLimit, "memory"),
    }
}

/// The declared type of each place, or nothing if none has one.
fn types<'o>(printed: impl Iterator<Item = &'o Observed> + Clone) -> Vec<Option<CType>> {
    let declared = printed.map(|observed| observed.declared);
    if declared.clone().any(|ctype| ctype.is_some()) { declared.collect() } else { Vec::new() }
}

impl Difference {
    /// The differences between every two machines that were explored, in the order of the machines: what
    /// the earlier one reaches beyond the later one, and the other way round where there is something.
    #[must_use]
    pub fn all(machines: &[MachineAnswer], states: &States) -> Vec<Difference> {
        let explored = |machine: &usize| {
            let extent = &machines[*machine].extent;
            extent.failure().is_none() && *extent != Extent::Decided
        };
        let difference = |weaker, stronger| {
            let lacked = states.lacked(weaker, stronger);
            let states = lacked.map(|row| Lacked { row, argument: None }).collect();
            Difference { weaker, stronger, states }
        };
        let mut all = Vec::new();
        for a in (0..machines.len()).filter(explored) {
            for b in (a + 1..machines.len()).filter(explored) {
                let (forth, back) = (difference(a, b), difference(b, a));
                if !forth.states.is_empty() || back.states.is_empty() {
                    all.push(forth);
                }
                if !back.states.is_empty() {
                    all.push(back);
                }
            }
        }
        all
    }
}

impl Answer {
    /// The answer to a test that could not be linked for any machine.
    #[must_use]
    pub fn of_no_machine(test: &Test, found: &[Found]) -> Answer {
        let failed = |found: &Found| {
            let extent = found
                .outcomes
                .as_ref()
                .err()
                .map_or(Extent::NoExecution, |failure| Extent::Failed(failure.clone()));
            let (told_apart, stats) = (ToldApart::Exactly, Stats::default());
            MachineAnswer { id: found.id.clone(), extent, told_apart, stats }
        };
        Answer {
            condition: test.condition.as_ref().map(ConditionText::from),
            machines: found.iter().map(failed).collect(),
            ..Answer::default()
        }
    }

    /// Asks `argue` about every state of difference number `index`, and keeps what it says. `weaker` and
    /// `stronger` are the outcomes of the two machines.
    ///
    /// States that differ only in what the filter looks at are one row: the first argument stands.
    pub fn argue(
        &mut self,
        index: usize,
        (test, program): (&Test, &Program),
        (weaker, stronger): (&Outcomes, &Outcomes),
        mut argue: impl FnMut(&FinalState) -> Option<Argument>,
    ) {
        let naming = Naming::new(test, program);
        let printed: Vec<_> =
            program.observed.iter().enumerate().filter(|(_, observed)| observed.printed).collect();
        for state in weaker.states.iter().filter(|state| !stronger.states.contains(state)) {
            let values: Vec<Value> = naming.values(&state, &printed, &mut self.symbols).collect();
            let Some(row) = self.states.find(values, &self.symbols) else { continue };
            let lacked = &mut self.differences[index].states;
            let Ok(at) = lacked.binary_search_by_key(&row, |lacked| lacked.row) else { continue };
            let argument = &mut lacked[at].argument;
            if argument.as_ref().is_none_or(|known| known.steps.is_empty()) {
                *argument = argue(&state).or(argument.take());
            }
        }
    }
}
