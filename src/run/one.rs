//! The road of one test: text, test, program, outcomes under each model, answer.

use std::any::Any;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Instant;

use super::diagnosed::diagnosed;
use super::engines::Engines;
use super::{Phase, Setup, Source, SourceError, VmChoice, explain, metadata, vm};
use rvlitmus_core::answer::{
    Answer, Column, Conclusion, Failure, Mistake, ModelOutcomes, Status, TestReport, side_by_side,
};
use rvlitmus_core::arch::riscv::Base;
use rvlitmus_core::litmus::herd_hash;
use rvlitmus_core::litmus::{self, Diagnostics, HartId, LineIndex, Metadata, Test, parse};
use rvlitmus_core::model::BaseModel;
use rvlitmus_core::program::{HartConfig, Program, link};
use rvlitmus_onereg::Machine;

/// One test, run.
#[derive(Clone, PartialEq, Debug)]
pub struct Finished {
    /// What reports say.
    pub report: TestReport,
    /// The mistakes of the file shown in its text, for the terminal.
    pub rendered: Option<String>,
}

impl Finished {
    /// What the terminal is told of a test without an answer.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        let Conclusion::Failed(failure) = &self.report.conclusion else { return None };
        Some(self.rendered.clone().unwrap_or_else(|| failure.told(&self.report.path)))
    }

    /// Might the result say more with more time? Such a result is not worth keeping, and if the run was
    /// stopped, not worth reporting.
    #[must_use]
    pub fn lacks_something(&self, setup: &Setup) -> bool {
        lacks_something(&self.report, setup)
    }
}

pub(super) fn lacks_something(report: &TestReport, setup: &Setup) -> bool {
    match &report.conclusion {
        Conclusion::Failed(failure) => failure.status == Status::Timeout,
        Conclusion::Answered(answer) => {
            let mut forbidden = answer.forbidden_by_ztso.iter().flatten();
            setup.explain && forbidden.any(|forbidden| forbidden.argument.is_none())
        }
    }
}

/// Reads and runs one test. Whatever happens to it is its report, a panic included.
#[must_use]
pub fn run_test(source: &Source, setup: &Setup) -> Finished {
    with_text(source, setup, |text| match text {
        Ok(text) => run_read(source, text, setup),
        Err(finished) => *finished,
    })
}

/// As [`run_test`], or nothing for a test that the selection of `setup` leaves out.
#[must_use]
pub fn run_selected(source: &Source, setup: &Setup) -> Option<Finished> {
    with_text(source, setup, |text| match text {
        Ok(text) => {
            let wanted = setup.selection.wants(&source.shown, Some(text));
            wanted.then(|| run_read(source, text, setup))
        }
        Err(finished) => setup.selection.wants(&source.shown, None).then_some(*finished),
    })
}

/// Works with the text, or the report of a test that has none.
fn with_text<T>(
    source: &Source,
    setup: &Setup,
    work: impl FnOnce(Result<&str, Box<Finished>>) -> T,
) -> T {
    let bytes = setup.timed(Phase::Read, || source.read()).map_err(|error| {
        let error = SourceError::from(error).to_string();
        let failure = Failure::new(Status::ParseError, Mistake::of_file(error));
        Box::new(Finished { report: unread(source, "", failure), rendered: None })
    });
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(finished) => return work(Err(finished)),
    };
    match text(source, &bytes, setup) {
        Ok(text) => work(Ok(&text)),
        Err(finished) => work(Err(finished)),
    }
}

/// The text of a file, or the report of a test that has none.
fn text<'b>(
    source: &Source,
    bytes: &'b [u8],
    setup: &Setup,
) -> Result<Cow<'b, str>, Box<Finished>> {
    litmus::decode(bytes).map_err(|diagnostics| {
        // What is no text is shown as well as it can be.
        let text = String::from_utf8_lossy(bytes);
        let (failure, rendered) = diagnosed(&source.shown, &text, &diagnostics, setup);
        Box::new(Finished { report: unread(source, &text, failure), rendered: Some(rendered) })
    })
}

/// Recalls the answer to a text, or finds it.
fn run_read(source: &Source, text: &str, setup: &Setup) -> Finished {
    let identity = setup.identity.as_ref().map(|identity| identity.of_test(text));
    if let Some(known) = identity.and_then(|identity| identity.recall(&source.shown, setup)) {
        return known;
    }
    let mut finished = guarded(source, text, || run_text(source, text, setup));
    if let Some(identity) = identity {
        identity.mark(&mut finished.report);
    }
    if !finished.lacks_something(setup) {
        setup.memos.iter().for_each(|memo| memo.keep(&finished.report));
    }
    finished
}

/// Runs a test; a panic is its report, and an internal error has the test attached.
fn guarded(source: &Source, text: &str, run: impl FnOnce() -> Finished) -> Finished {
    let mut finished = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| Finished {
        report: unread(source, text, panicked(&*panic)),
        rendered: None,
    });
    if let Conclusion::Failed(failure) = &mut finished.report.conclusion {
        failure.attach(text);
    }
    finished
}

/// What becomes of a test that this program fails on.
pub(super) fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let what = panic.downcast_ref::<String>().map(String::as_str);
    let what = what.or(panic.downcast_ref::<&str>().copied()).unwrap_or("of unknown cause");
    Failure::new(Status::InternalError, Mistake::of_file(format!("panic: {what}")))
}

fn run_text(source: &Source, text: &str, setup: &Setup) -> Finished {
    let test = match setup.timed(Phase::Parse, || parse(text)) {
        Ok(test) => test,
        Err(diagnostics) => {
            let (failure, rendered) = diagnosed(&source.shown, text, &diagnostics, setup);
            return Finished { report: unread(source, text, failure), rendered: Some(rendered) };
        }
    };
    let lines = setup.timed(Phase::Link, || LineIndex::new(text));
    let answered = standard_hart(&test, setup).and_then(|hart| {
        let linked = setup.timed(Phase::Link, || link(&test, &lines, |_| hart));
        answer(&test, &lines, &linked.map_err(NoAnswer::Diagnosed)?, setup)
    });
    let (conclusion, rendered) = match answered {
        Ok(answer) => (Conclusion::Answered(answer), None),
        Err(NoAnswer::Failure(failure)) => (Conclusion::Failed(failure), None),
        Err(NoAnswer::Diagnosed(diagnostics)) => {
            let (failure, rendered) = diagnosed(&source.shown, text, &diagnostics, setup);
            (Conclusion::Failed(failure), Some(rendered))
        }
    };
    let hash = setup.timed(Phase::Compare, || {
        test.metadata("Hash").map(str::to_owned).or_else(|| herd_hash(&test, text))
    });
    let Test { name, description, metadata, .. } = test;
    let path = source.shown.clone();
    Finished {
        report: TestReport {
            path,
            name,
            description,
            metadata,
            hash,
            fingerprint: None,
            conclusion,
        },
        rendered,
    }
}

/// Why a test that links on the standard machine has no answer all the same.
pub(super) enum NoAnswer {
    Failure(Failure),
    /// The machine of the column `vm` lacks instructions, or a metadata line asks for what cannot be.
    Diagnosed(Diagnostics),
}

impl From<Diagnostics> for NoAnswer {
    fn from(diagnostics: Diagnostics) -> NoAnswer {
        NoAnswer::Diagnosed(diagnostics)
    }
}

impl From<Failure> for NoAnswer {
    fn from(failure: Failure) -> NoAnswer {
        NoAnswer::Failure(failure)
    }
}

/// A hart of the machine that is no VM, with the base that the run or the test asks for.
pub(super) fn standard_hart(test: &Test, setup: &Setup) -> Result<HartConfig, NoAnswer> {
    let base = metadata::base_for(test, setup.hart.base)?;
    Ok(HartConfig { base, ..setup.hart })
}

pub(super) fn unsupported(what: String) -> Failure {
    Failure::new(Status::Unsupported, Mistake::of_file(what))
}

/// Explores on every machine and compares.
fn answer(
    test: &Test,
    lines: &LineIndex,
    program: &Program,
    setup: &Setup,
) -> Result<Answer, NoAnswer> {
    let options = metadata::options_for(test, &setup.options)?;
    let Columns { columns, machine, of_vm } = columns(test, lines, program, setup)?;
    let mut engines = setup.timed(Phase::Compile, || Engines::new(program, &options, setup))?;
    let mut found = Vec::with_capacity(columns.len());
    for (column, models) in columns {
        let start = setup.times.then(Instant::now);
        let explore = || match &of_vm {
            Some(own) if column == Column::Vm => {
                Engines::new(own, &options, setup)?.outcomes(column, &models)
            }
            _ => engines.outcomes(column, &models),
        };
        let outcomes = setup.timed(Phase::Explore(column), explore)?;
        let microseconds =
            start.map(|start| u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX));
        let ran_out = outcomes.completeness.ran_out();
        found.push(ModelOutcomes { model: column, outcomes, microseconds });
        if ran_out {
            // The test has no answer, whatever there is on the other machines.
            break;
        }
    }
    let compare = || side_by_side(test, program, &found);
    let mut answer = setup.timed(Phase::Compare, compare)?;
    answer.vm = machine.as_ref().map(vm::report);
    if setup.explain {
        setup.timed(Phase::Explain, || {
            explain::explain(&mut answer, test, program, &options, &found, setup);
        });
    }
    Ok(answer)
}

/// The model of each hart.
pub(super) type Models = Cow<'static, [BaseModel]>;

/// The same model for each hart. Most tests have few harts, for which it need not be made.
fn each(model: BaseModel, harts: usize) -> Models {
    const FEW: usize = 8;
    let few: &'static [BaseModel; FEW] = match model {
        BaseModel::Rvwmo => &[BaseModel::Rvwmo; FEW],
        BaseModel::Ztso => &[BaseModel::Ztso; FEW],
        BaseModel::Sc => &[BaseModel::Sc; FEW],
    };
    few.get(..harts).map_or_else(|| vec![model; harts].into(), Cow::Borrowed)
}

/// The machines that a test is run on.
pub(super) struct Columns {
    /// With the model of each hart.
    pub(super) columns: Vec<(Column, Models)>,
    /// What the column `vm` stands for.
    machine: Option<Machine>,
    /// The program as that machine runs it, where it differs.
    pub(super) of_vm: Option<Program>,
}

/// The machines of the run and of the test.
pub(super) fn columns(
    test: &Test,
    lines: &LineIndex,
    program: &Program,
    setup: &Setup,
) -> Result<Columns, NoAnswer> {
    let harts = program.harts.len();
    let models = setup.models.iter();
    let mut columns: Vec<(Column, Models)> =
        models.map(|model| (Column::from(*model), each(*model, harts))).collect();
    let machine = vm::machine(test, harts, setup)?;
    let mut of_vm = None;
    if let Some(machine) = &machine {
        let configs = machine.hart_configs();
        let of_machine = |hart: HartId| HartConfig {
            base: program.harts[hart.index()].base,
            ..configs[hart.index()]
        };
        let narrow = program.harts.iter().any(|hart| hart.base != Base::Rv64);
        if narrow && matches!(setup.vm, VmChoice::Vm(_)) {
            let what = "the test is for RV32, and the machine of `--vm` has RV64 harts";
            return Err(unsupported(what.to_owned()).into());
        }
        of_vm = Some(link(test, lines, of_machine).map_err(NoAnswer::Diagnosed)?);
        // Reports list the states of the first column, which must not be the stronger machine.
        let first = columns.first().is_some_and(|(column, _)| *column == Column::Rvwmo);
        let at = if first { columns.len() } else { 0 };
        columns.insert(at, (Column::Vm, configs.iter().map(|config| config.model).collect()));
    }
    // The machine's harts may take misaligned accesses in another way.
    let of_vm = of_vm.filter(|of_vm| of_vm != program);
    Ok(Columns { columns, machine, of_vm })
}

/// The report of a test of which nothing but its text, or not even that, is known.
fn unread(source: &Source, text: &str, failure: Failure) -> TestReport {
    TestReport {
        path: source.shown.clone(),
        name: name_of(&source.shown, text),
        description: None,
        metadata: Metadata::default(),
        hash: None,
        fingerprint: None,
        conclusion: Conclusion::Failed(failure),
    }
}

/// The name in the header, or else the file's.
fn name_of(path: &str, text: &str) -> String {
    let mut words = text.lines().next().unwrap_or_default().split_whitespace();
    match (words.next(), words.next()) {
        (Some("RISCV"), Some(name)) => name.to_owned(),
        _ => {
            let stem = Path::new(path).file_stem();
            stem.map_or_else(|| path.to_owned(), |stem| stem.to_string_lossy().into_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::source::Origin;

    #[test]
    fn an_internal_error_has_the_test_attached() {
        let text = "RISCV t\n{ }\n\n P0 ;\n nop ;\n";
        let source = Source { origin: Origin::Stdin, shown: "t.litmus".to_owned() };
        let differ = Failure::new(Status::InternalError, Mistake::of_file("they differ".into()));
        let differs = || Finished { report: unread(&source, text, differ.clone()), rendered: None };
        let panics = || -> Finished { panic!("oh") };
        for (finished, what) in [
            (guarded(&source, text, differs), "they differ"),
            (guarded(&source, text, panics), "panic: oh"),
        ] {
            let told = finished.message().unwrap();
            let shown = "    RISCV t\n    { }\n\n     P0 ;\n     nop ;\n";
            assert_eq!(told, format!("t.litmus:1:1: internal-error: {what}\n{shown}"));
            let Conclusion::Failed(failure) = finished.report.conclusion else { panic!() };
            assert_eq!(failure.test.as_deref(), Some(text));
        }
        let mut timeout = Failure::new(Status::Timeout, Mistake::of_file("late".into()));
        timeout.attach(text);
        assert_eq!(timeout.test, None);
    }
}
