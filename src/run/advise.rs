//! Which fence: one test, from its file to the advice on each machine.

use rvlitmus_core::advise::{Advice, NoAdvice, Question, Use, advise};
use rvlitmus_core::answer::{Failure, Mistake, Status};
use rvlitmus_core::arch::Architecture;
use rvlitmus_core::litmus::Test;
use rvlitmus_generate::{Alphabet, advise_in_contexts};

use super::explain::{asked, failed, mistaken, unasked};
use super::machines::machines;
use super::test::WholeTestWatch;
use super::{Setup, Source, TestWatch, Unexplained};

/// What advice is asked for.
#[derive(Clone, PartialEq, Debug)]
pub struct AdviceRequest {
    /// What is asked of every test.
    pub question: Question,
    /// What is to be forbidden instead of what the test's condition asks for: a proposition.
    pub forbid: Option<String>,
    /// Most accesses of the contexts that the test's sequence is put into, and what they are made of; `None`
    /// for advice on the test by itself.
    pub contexts: Option<(usize, Alphabet)>,
}

/// The advice on one test.
#[derive(Debug)]
pub struct Advised {
    /// The test.
    pub test: Test,
    /// The machines, and what is to be said on each.
    pub machines: Vec<(String, Advice)>,
}

impl Advised {
    /// Is something said that may be otherwise beyond the bound of loops, or in contexts that fault?
    #[must_use]
    pub fn undecided(&self) -> bool {
        self.machines.iter().any(|(_, advice)| {
            let idle = || advice.present.iter().any(|site| !matches!(site.use_, Use::Needed(_)));
            let undecided = advice.contexts.as_ref().is_some_and(|contexts| contexts.undecided > 0);
            !advice.cut.is_empty() || undecided && idle()
        })
    }
}

/// Reads one test and says what its means of ordering are good for, and what forbids its condition; `None` for
/// a test that the selection of `setup` leaves out.
///
/// # Errors
/// The test or what is asked of it cannot be read, it has no answer, or a limit ran out.
pub fn advise_test(
    source: &Source,
    setup: &Setup,
    request: &AdviceRequest,
) -> Option<Result<Advised, Unexplained>> {
    asked(source, setup, |text| advise_text(source, text, setup, request))
}

/// As [`advise_test`], of a text that is at hand.
///
/// # Errors
/// As there.
pub fn advise_text(
    source: &Source,
    text: &str,
    setup: &Setup,
    request: &AdviceRequest,
) -> Result<Advised, Unexplained> {
    let AdviceRequest { question, forbid, contexts } = request;
    let wrong = |mistakes| mistaken(mistakes, &source.shown, text, setup);
    let read = setup.session.read_within(text, &TestWatch::new(setup));
    let mut test = read.map_err(wrong)?;
    if test.test.language.architecture() != Architecture::Riscv {
        let help = "`rvlitmus lower` makes a test of RISC-V of it";
        let what = "advice is on fences and annotations of RISC-V, the test is of x86".to_owned();
        let mistake = Mistake { help: Some(help.to_owned()), ..Mistake::of_file(what) };
        return Err(failed(Failure::new(Status::Unsupported, mistake), setup));
    }
    let (machines, _) = machines(&test, setup).map_err(wrong)?;
    if let (Some(forbid), Some(machine)) = (forbid.as_deref(), machines.first()) {
        let asked = setup.session.ask_about(&mut test, machine, forbid);
        asked.map_err(|cause| unasked(cause, "--forbid", forbid, (source, text), setup))?;
    }
    let watch = WholeTestWatch::new(setup);
    let mut advised = Vec::with_capacity(machines.len());
    for machine in &machines {
        let session = &setup.session;
        let advice = match contexts {
            None => advise(session, &test, machine, question, &watch),
            Some((accesses, alphabet)) => {
                let contexts = (*accesses, alphabet);
                advise_in_contexts(session, (&test, text), machine, question, contexts, &watch)
            }
        };
        let advice = advice.map_err(|none| match none {
            NoAdvice::Mistakes(mistakes) => wrong(mistakes),
            NoAdvice::Failure(failure) => failed(failure, setup),
        })?;
        advised.push((machine.id.to_string(), advice));
    }
    Ok(Advised { test: test.test, machines: advised })
}
