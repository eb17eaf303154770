//! Which fence: what a test's means of ordering are good for, and the cheapest ones that forbid an outcome.
//!
//! A [`Site`] is a place in the code with [`Parts`] of ordering: pairs of a fence, bits of an annotation, a
//! dependency. Taking parts away never forbids anything, adding them never allows anything, so the choices
//! of parts that suffice are those above some minimal ones, which [`minimal`] enumerates, the cheapest
//! first; each candidate is a test that the session answers. [`find`] finds sites, [`rewrite`] makes the forms of a
//! test, [`forms`] answers them, [`uses`] says what each site is good for.
//!
//! Relies on `litmus` and `session`.

mod adviser;
mod costs;
mod find;
mod forms;
mod minimal;
mod ordering;
mod rewrite;
mod site;
mod uses;

pub use adviser::advise;
pub use costs::{CostError, Costs};
pub use find::{possible, present};
pub use forms::{FormStates, Forms};
pub use minimal::{Choice, contains};
pub use ordering::Parts;
pub use rewrite::with;
pub use site::{Site, SiteKind};
pub use uses::{Sufficiency, uses_of};

use crate::answer::{CutLoop, Failure};
use crate::litmus::{Diagnostics, HartId, Test};
use crate::session::ReadTest;

/// What is to stay as it is when ordering is taken away.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Preserve {
    /// All states.
    #[default]
    States,
    /// Whether there is a state that satisfies the condition, and whether there is one that does not.
    Verdict,
}

/// What may be added.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MayAdd {
    /// Fences.
    pub fences: bool,
    /// `.aq` and `.rl` of LR, SC and AMOs.
    pub annotations: bool,
    /// Load-acquire and store-release of Zalasr.
    pub zalasr: bool,
    /// Dependencies of addresses on what was loaded before.
    pub dependencies: bool,
    /// AMOs instead of loads and stores.
    pub amos: bool,
}

/// What is asked of a test.
#[derive(Clone, PartialEq, Debug)]
pub struct Question {
    /// What is to stay as it is.
    pub preserve: Preserve,
    /// What may be added.
    pub may: MayAdd,
    /// Lines of the test where nothing is taken away or added.
    pub keep: Vec<u32>,
    /// What each part costs.
    pub costs: Costs,
    /// Most ways of doing the same that are looked for.
    pub most: usize,
}

/// All states are to stay, nothing may be added, and one way is enough.
impl Default for Question {
    fn default() -> Question {
        Question {
            preserve: Preserve::default(),
            may: MayAdd::default(),
            keep: Vec::new(),
            costs: Costs::default(),
            most: 1,
        }
    }
}

impl Question {
    /// Is a site of this test to stay as it is?
    #[must_use]
    pub fn keeps(&self, test: &ReadTest, site: &Site) -> bool {
        self.keep.contains(&test.lines.line_column(site.span.start).0)
    }
}

/// What is to be said of a test on one machine.
#[derive(Clone, PartialEq, Debug)]
pub struct Advice {
    /// What each means of ordering does, in the order of the code.
    pub present: Vec<PresentSite>,
    /// What the test could have instead of all of them, the cheapest first; empty where nothing can go.
    pub instead: Ways,
    /// How to forbid what the condition asks for.
    pub forbid: Forbid,
    /// The contexts that this holds for; `None` where it is said of the test by itself.
    pub contexts: Option<Contexts>,
    /// Loops that were cut: all that is said holds as far as they were followed.
    pub cut: Vec<CutLoop>,
}

impl Advice {
    /// What to make of the test: what forbids its condition, else what is left without what is not needed.
    #[must_use]
    pub fn best(&self) -> Option<&Way> {
        match &self.forbid {
            Forbid::Ways(ways) => ways.ways.first(),
            _ => self.instead.ways.first(),
        }
    }
}

/// The contexts of a sequence that advice is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contexts {
    /// Most accesses of a context.
    pub accesses: usize,
    /// How many contexts there are.
    pub count: usize,
    /// In how many of them nothing can be said: an execution leaves the model, or a hart has too few registers.
    pub undecided: usize,
}

/// A means of ordering that a test has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PresentSite {
    /// Line and column, from 1.
    pub at: (u32, u32),
    /// Whose code.
    pub hart: HartId,
    /// The instruction.
    pub text: String,
    /// What it does, all others being there.
    pub use_: Use,
}

/// What a means of ordering does, all others being there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Use {
    /// Nothing: without it there are the same states.
    Nothing,
    /// Each of these would do instead of it, the weakest; without any this happens.
    Weaker(Vec<String>, Lost),
    /// It is needed as it is: without it this happens.
    Needed(Lost),
}

/// What happens without a means of ordering.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lost {
    /// A state appears, and why it does not with it, where that was found.
    State {
        /// The state.
        state: String,
        /// The argument: `r4 P0 sw->sw; rf; r4 P1 lw->lw; fr`.
        reason: Option<String>,
        /// The test that it is a state of, where that is another one.
        context: Option<Box<Test>>,
    },
    /// An execution leaves the model.
    Fault(String),
}

/// How to forbid what the condition asks for.
#[derive(Clone, PartialEq, Debug)]
pub enum Forbid {
    /// The test has no condition.
    NoCondition,
    /// It was not asked.
    NotAsked,
    /// It is forbidden as it is.
    Forbidden,
    /// Nothing that may be added forbids it.
    Impossible,
    /// Each of these does, and nothing weaker, the cheapest first.
    Ways(Ways),
}

/// Tests that do what was asked, the cheapest first.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Ways {
    /// The tests.
    pub ways: Vec<Way>,
    /// May there be more?
    pub more: bool,
}

/// A test that does what was asked.
#[derive(Clone, PartialEq, Debug)]
pub struct Way {
    /// What it costs: all that is there after taking away, all that is added.
    pub cost: u64,
    /// What is other than in the test.
    pub changes: Vec<Change>,
    /// The whole test.
    pub test: Test,
}

/// One change of a test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Line and column, from 1, of the instruction that changes, or that something is put before.
    pub at: (u32, u32),
    /// Whose code.
    pub hart: HartId,
    /// What stands there; `None` where something is added.
    pub from: Option<String>,
    /// What is to stand there; `None` where it goes.
    pub to: Option<String>,
}

/// Why there is no advice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoAdvice {
    /// The test cannot be run.
    Mistakes(Diagnostics),
    /// It has no answer.
    Failure(Failure),
}

impl From<Diagnostics> for NoAdvice {
    fn from(mistakes: Diagnostics) -> NoAdvice {
        NoAdvice::Mistakes(mistakes)
    }
}
