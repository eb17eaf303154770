//! C programs that run litmus tests on RISC-V hardware, in emulators and in guests of KVM.
//!
//! A model says what harts may do; what they do is seen by running. [`Harness::test`] makes of a test, and of mutants
//! of it, what a C program needs to run it: functions with the instructions of its harts, how its locations begin, and
//! the states that each model reaches. [`Folder`] puts tests together with the runtime, which is fixed text
//! (`runtime/`), into a folder that a C compiler builds without anything else.
//!
//! ```text
//! Test -> session -> Answer -> tables --.
//!   `---> body (one C function a hart) --+-> test (a C file) -> folder
//!   `---> perpetual (the same, endless) -'
//! ```
//!
//! | module | holds |
//! |---|---|
//! | `body` | the code of a hart as inline assembly, registers that the ABI keeps replaced |
//! | `encode` | what assemblers may not know, as numbers |
//! | `perpetual` | the form of tests that run without a fresh start, and why what they show is of the test |
//! | `tables` | the states of each model; of one that is not known to the end, none |
//! | `mutants` | a test without one of its fences or annotations |
//! | `folder` | all files |
//!
//! # Invariants
//!
//! - **Nothing is green that was not checked.** A model whose states are not all known is not in the tables, and the
//!   program says so whenever it runs the test.
//! - **What a test does not mean is not run.** A test that hardware cannot run as it is written is a [`Refusal`].
//!
//! # What is deliberately absent
//!
//! Harts of RV32, addresses of code (jumps through registers), page tables. A part of an address among the observed
//! values, as a load of two bytes of a pointer shows it, is compared as a number, which differs from run to run.

mod body;
mod ctext;
mod encode;
mod folder;
mod mutants;
mod perpetual;
mod refusal;
mod tables;
mod test;

use std::sync::Arc;

use rvlitmus_core::answer::{Answer, Failure};
use rvlitmus_core::arch::riscv::Base;
use rvlitmus_core::litmus::Diagnostics;
use rvlitmus_core::model::{BaseModel, Reservation};
use rvlitmus_core::session::{Harts, Machine, ReadTest, Session, Watch};

pub use folder::{Folder, Target};
pub use refusal::{NotEmitted, Refusal};

use test::Prepared;

/// A model that the program knows states of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownModel {
    /// Its name.
    pub name: Arc<str>,
    /// Do only harts with Ztso keep to it?
    pub ztso: bool,
    /// Was it asked for? If not, it says which states are relaxed.
    pub asked: bool,
}

/// A test for the program, with its mutants.
#[derive(Clone, PartialEq, Debug)]
pub struct HardwareTest {
    test: Prepared,
    mutants: Vec<Prepared>,
    models: Vec<KnownModel>,
}

impl HardwareTest {
    /// The models whose states of the test are not all known, and why: the program does not check them.
    pub fn unchecked(&self) -> impl Iterator<Item = (&str, &str)> {
        let unknown = self.models.iter().zip(&self.test.tables.unknown);
        let unknown = unknown.filter(|(model, _)| model.asked);
        unknown.filter_map(|(model, why)| Some((&*model.name, why.as_deref()?)))
    }

    /// The test's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.test.name
    }
}

/// What tests are prepared with.
#[derive(Clone, Debug)]
pub struct Harness {
    /// Answers them, and has the models.
    pub session: Session,
    /// Harts that there are.
    pub harts: usize,
    /// Mutants of each test, at most.
    pub mutants: usize,
}

impl Harness {
    /// Prepares a test.
    ///
    /// # Errors
    /// It cannot be run, has no answer, or is not for hardware.
    pub fn test(&self, test: &ReadTest, watch: &dyn Watch) -> Result<HardwareTest, NotEmitted> {
        test::check(&test.test, self.session.base(test)?, self.harts)?;
        let machines = self.machines(test)?;
        let (prepared, answer) = self.prepared(test, &machines, watch)?;
        let mutants = mutants::mutants(self, test, &prepared, &machines, watch);
        let models = machines.iter().zip(0..).map(|(machine, place)| KnownModel {
            name: machine.id.clone(),
            ztso: matches!(machine.harts, Harts::All(hart) if hart.model == BaseModel::Ztso),
            asked: place < answer.machines.len() - usize::from(self.adds_sc()),
        });
        Ok(HardwareTest { models: models.collect(), test: prepared, mutants })
    }

    /// Is sequential consistency looked at without being asked for?
    fn adds_sc(&self) -> bool {
        !self.session.settings().models.iter().any(|model| &**model.name() == "sc")
    }

    /// The machines of the models asked for, and sequential consistency, beyond which a state is relaxed.
    fn machines(&self, test: &ReadTest) -> Result<Vec<Machine>, Diagnostics> {
        let mut machines = self.session.machines(test)?;
        if self.adds_sc()
            && let Some(first) = machines.first()
            && let Harts::All(hart) = first.harts
        {
            let mut hart = hart;
            hart.model = BaseModel::Sc;
            let options = self.session.options(test)?;
            machines.push(Machine { id: "sc".into(), harts: Harts::All(hart), options });
        }
        Ok(machines)
    }

    fn prepared(
        &self,
        test: &ReadTest,
        machines: &[Machine],
        watch: &dyn Watch,
    ) -> Result<(Prepared, Answer), NotEmitted> {
        let Some(machine) = machines.first() else { return Err(Refusal::Architecture.into()) };
        let program = self.session.link(test, machine)?;
        let answer = self.session.answer(test, machines, watch)?;
        let failures = answer.machines.iter().map(|machine| machine.extent.failure());
        if let Some(Some(failure)) = failures.reduce(|all, one| all.and(one)) {
            return Err(NotEmitted::Failed(Failure::clone(failure)));
        }
        if !matches!(machine.options.reservation, Reservation::Any | Reservation::Line(64..)) {
            return Err(Refusal::Reservation.into());
        }
        let granule = machine.options.misaligned_granule;
        debug_assert_eq!(self.session.base(test), Ok(Base::Rv64));
        let prepared = Prepared::new(&test.test, test.hash.clone(), program, &answer, granule)?;
        Ok((prepared, answer))
    }
}
