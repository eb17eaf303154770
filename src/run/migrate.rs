//! One test before and after a migration: what could a guest newly see?

use rvlitmus_core::answer::{Answer, Failure, Holds, Mistake, Reached, Status, cut_text};
use rvlitmus_core::arch::riscv::Base;
use rvlitmus_core::litmus::{Diagnostics, Quantifier, visible};
use rvlitmus_core::session::{Harts, Machine, ReadTest};
use rvlitmus_onereg::{Host, VmPlan, Vmm, migrate};

use super::explain::{asked, mistaken};
use super::machines::of_guest;
use super::{Setup, Source, TestWatch, Unexplained};

/// A VM that a program moves to another host.
#[derive(Clone, Debug)]
pub struct Move {
    /// The program.
    pub vmm: &'static Vmm,
    /// The VM on its source.
    pub plan: VmPlan,
    /// The host that it is moved to.
    pub target: Host,
}

/// One test on both hosts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MigratedTest {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub change: TestChange,
}

/// What the guest could see of one test after the move, and whether it could before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TestChange {
    /// These states are new and these are gone; all are known.
    States {
        /// On the target only.
        new: Vec<String>,
        /// On the source only.
        gone: Vec<String>,
        /// Does the test's claim, `~exists` or `forall`, hold no longer?
        violated: bool,
    },
    /// It would not run on the target, for this reason.
    NotOnTarget(String),
    /// It does not run on the source, for this reason, and would on the target.
    NotOnSource(String),
    /// It runs on neither host, for this reason.
    OnNeither(String),
    /// Not all states are known, and of those that are none is new.
    Undecided(String),
}

impl TestChange {
    /// Is nothing otherwise on the target?
    #[must_use]
    pub fn is_none(&self) -> bool {
        match self {
            TestChange::States { new, gone, violated } => {
                new.is_empty() && gone.is_empty() && !violated
            }
            TestChange::OnNeither(_) => true,
            _ => false,
        }
    }

    /// Does something become possible, or a claim false, or does the test run no longer?
    #[must_use]
    pub fn is_worse(&self) -> bool {
        match self {
            TestChange::States { new, violated, .. } => !new.is_empty() || *violated,
            TestChange::NotOnTarget(_) => true,
            _ => false,
        }
    }

    /// Is it not known what the move changes, or is there nothing that it could?
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(
            self,
            TestChange::NotOnSource(_) | TestChange::OnNeither(_) | TestChange::Undecided(_)
        )
    }
}

/// Place of the host's machine in the answer, before the move and after it.
const SOURCE: usize = 0;
const TARGET: usize = 1;

/// One test on both hosts, or nothing for a test that the selection of `setup` leaves out.
///
/// # Errors
/// The test cannot be read.
pub fn migrate_test(
    source: &Source,
    moved: &Move,
    setup: &Setup,
) -> Option<Result<MigratedTest, Unexplained>> {
    asked(source, setup, |text| {
        let watch = TestWatch::new(setup);
        let wrong = |mistakes| mistaken(mistakes, &source.shown, text, setup);
        let test = setup.session.read_within(text, &watch).map_err(wrong)?;
        let machines = machines(&test, moved, setup).map_err(wrong)?;
        let change = match setup.session.answer(&test, &machines, &watch).map_err(wrong) {
            Ok(answer) => change(&answer),
            Err(none) if none.failure.status == Status::IllegalInstruction => {
                TestChange::OnNeither(why(&none.failure))
            }
            Err(none) => return Err(none),
        };
        Ok(MigratedTest { name: visible(&test.test.name).into_owned(), change })
    })
}

fn why(failure: &Failure) -> String {
    visible(&failure.error.message).into_owned()
}

/// The guest's harts on the source and on the target.
fn machines(test: &ReadTest, moved: &Move, setup: &Setup) -> Result<Vec<Machine>, Diagnostics> {
    let (options, base) = (setup.session.options(test)?, setup.session.base(test)?);
    let unavailable = |error: String| {
        let failure = Failure::new(Status::Unsupported, Mistake::of_file(error));
        ["source", "target"].map(|id| {
            let harts = Harts::Unavailable(failure.clone());
            Machine { id: id.into(), harts, options }
        })
    };
    if base != Base::Rv64 {
        let what = "the test is for RV32, and the hosts have RV64 harts";
        return Ok(unavailable(what.to_owned()).into());
    }
    let Move { vmm, plan, target } = moved;
    Ok(match migrate(vmm, plan, target, test.test.harts.len()) {
        Ok(migration) => vec![
            of_guest("source", &migration.source, base, options),
            of_guest("target", &migration.target, base, options),
        ],
        Err(error) => unavailable(error.to_string()).into(),
    })
}

fn change(answer: &Answer) -> TestChange {
    let state = |row: usize| {
        let values = answer.places.iter().zip(answer.states.row(row));
        let parts = values.map(|(place, v)| format!("{place}={};", v.text(&answer.symbols)));
        visible(&parts.collect::<Vec<_>>().join(" ")).into_owned()
    };
    let only = |here, there| answer.states.lacked(here, there).map(state).collect::<Vec<String>>();
    let hint = "raise --unroll, or set `Unroll=N` in the test";
    match (answer.reached(SOURCE), answer.reached(TARGET)) {
        (Reached::Unknown(failure), _) if failure.status.unfinished() => {
            TestChange::Undecided(format!("on the source: {}", why(failure)))
        }
        (_, Reached::Unknown(failure)) if failure.status.unfinished() => {
            TestChange::Undecided(format!("on the target: {}", why(failure)))
        }
        (Reached::Unknown(failure), Reached::Unknown(_)) => TestChange::OnNeither(why(failure)),
        (Reached::Unknown(failure), _) => TestChange::NotOnSource(why(failure)),
        (_, Reached::Unknown(failure)) => TestChange::NotOnTarget(why(failure)),
        // What is new here may be old beyond the bound.
        (Reached::Some(_, cut), _) => {
            TestChange::Undecided(format!("on the source {}: {hint}", cut_text(cut)))
        }
        (_, Reached::Some(_, cut)) if only(TARGET, SOURCE).is_empty() => {
            TestChange::Undecided(format!("on the target {}: {hint}", cut_text(cut)))
        }
        (Reached::Deciding(_), _) | (_, Reached::Deciding(_)) => {
            TestChange::Undecided("only the condition was decided".to_owned())
        }
        (_, Reached::NoExecution) => TestChange::Undecided(
            "on the target no execution ends, or none passes the filter".to_owned(),
        ),
        _ => TestChange::States {
            new: only(TARGET, SOURCE),
            gone: only(SOURCE, TARGET),
            violated: answer.condition.is_some()
                && answer.quantifier() != Quantifier::Exists
                && answer.holds(TARGET) == Holds::No
                && answer.holds(SOURCE) != Holds::No,
        },
    }
}
