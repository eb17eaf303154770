//! Words that several formats for people say alike.

use rvlitmus_core::answer::{Answer, Extent, Failure, Holds};

use crate::results::{Tally, counted};

/// What a machine says of the condition, or why it says nothing: `Sometimes`, `holds`, `no-condition`, `timeout`.
pub(super) fn verdict(answer: &Answer, machine: usize) -> &'static str {
    let extent = &answer.machines[machine].extent;
    match answer.observation(machine) {
        _ if *extent == Extent::Decided => holds(answer, machine),
        Some(_) if *extent == Extent::Complete && answer.condition.is_none() => "no-condition",
        Some(observation) if *extent != Extent::NoExecution => observation.name(),
        _ => extent.status().name(),
    }
}

/// Whether the condition is true of a machine, and if that is not known, why.
pub(super) fn holds(answer: &Answer, machine: usize) -> &'static str {
    match (answer.holds(machine), &answer.machines[machine].extent) {
        (Holds::Yes, _) => "holds",
        (Holds::No, _) => "does not hold",
        (Holds::Unknown, Extent::Bounded(_)) => "not decided, because loops were cut",
        (Holds::Unknown, _) => "not decided",
    }
}

/// How many tests are not decided, and why that may be.
pub(crate) fn undecided(tally: &Tally) -> String {
    let tests = counted(tally.undecided, "test");
    let why = match tally.without_execution {
        0 => "loops were cut (try --unroll 10)",
        without if without == tally.undecided => "no execution ends",
        _ => "loops were cut (try --unroll 10), or no execution ends",
    };
    format!("{tests} not decided: {why}")
}

/// Where the mistake is, and what it is.
pub(super) fn mistake(failure: &Failure) -> String {
    failure.error.told()
}

/// Is it RVWMO that reaches something, and Ztso that does not? Most runs compare these two.
pub(super) fn forbidden_by_ztso(weaker: &str, stronger: &str) -> bool {
    (weaker, stronger) == ("rvwmo", "ztso")
}

/// How many states some machine reaches and another, that was explored, does not.
pub(super) fn not_everywhere(answer: &Answer) -> usize {
    let explored = |machine: &usize| answer.found(*machine).is_some();
    let explored: Vec<usize> = (0..answer.machines.len()).filter(explored).collect();
    let everywhere = |row: &usize| explored.iter().all(|m| answer.states.reaches(*m, *row));
    answer.states.len() - (0..answer.states.len()).filter(everywhere).count()
}
