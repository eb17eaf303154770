//! Explanations as data: what the command prints as text is made from it, too.

use schemars::JsonSchema;
use serde::Serialize;

/// The verdict on one state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum ExplanationRecord {
    /// It is reached.
    Allowed {
        /// Every operation once, in the global memory order.
        gmo: Vec<EventRecord>,
        /// rf: which store each load reads from, initial values left out.
        rf: Vec<OrderRecord>,
        /// co: stores to a common byte that follow one another in the global memory order.
        co: Vec<OrderRecord>,
    },
    /// It is not reached.
    Forbidden {
        /// Why: first what RVWMO does not forbid anyway, and of that the reason of the most executions.
        reasons: Vec<ReasonRecord>,
        /// Were all executions that would end in the state looked at?
        exhaustive: bool,
        /// What of the reasons RVWMO lacks.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        added: Vec<AddedRecord>,
        /// Which annotations forbid the state, where RVWMO allows it and no pair of `added` is needed.
        #[serde(skip_serializing_if = "Option::is_none")]
        decided_by: Option<DecidersRecord>,
    },
    /// Whatever loads return, the code does not end so.
    NoExecution {
        /// What cannot be so; empty if each part is possible alone.
        impossible: Vec<ImpossibleRecord>,
    },
    /// A limit ended the search: nothing is known.
    GaveUp,
}

/// A memory operation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct EventRecord {
    /// Place in the global memory order, from 1, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<usize>,
    /// Number of its hart.
    pub hart: u16,
    /// Line in the test.
    pub line: u32,
    /// The instruction.
    pub instruction: String,
    /// What it does: `[x]=1`, `[x] is 1`, `[x] is 0, becomes 1`.
    pub effect: String,
    /// The bytes of an operation that is part of a misaligned access: `[x+6, 2 bytes]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// What wrote what it read; several when its bytes come from several stores, none if it does not
    /// read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<SourceRecord>,
}

/// What wrote what a load read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SourceRecord {
    /// Its place in the global memory order, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<usize>,
    /// `the initial state` or `P0:7 sw x5,0(x6)`.
    pub written_by: String,
    /// The bytes of a store that is part of a misaligned access: `[x+6, 2 bytes]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
}

/// One operation before another, by their places in the global memory order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct OrderRecord {
    /// The earlier.
    pub from: usize,
    /// The later.
    pub to: usize,
}

/// Executions that are forbidden by the same argument.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ReasonRecord {
    /// The argument on one line.
    pub short: String,
    /// How many executions it forbids.
    pub executions: usize,
    /// Does the argument rest on what RVWMO lacks?
    pub beyond_rvwmo: bool,
    /// The argument: each step's first operation precedes its second, and the last step closes the
    /// cycle.
    pub steps: Vec<StepRecord>,
    /// The operations of the cycle, each the first of the step with the same number; empty if what is
    /// wrong is no cycle.
    pub cycle: Vec<EventRecord>,
    /// For each step of a cycle its rules for people: `r4 fence w,w`, `r9 address dependency`, `rf`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Vec<String>>,
    /// Numbers, from 0, of the steps that only Ztso makes.
    pub ztso: Vec<usize>,
    /// The loads of one of these executions and what they read.
    pub loads: Vec<EventRecord>,
    /// The order of stores that the argument rests on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub coherence: Vec<CoherenceRecord>,
}

/// One step of an argument.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Step")]
pub struct StepRecord {
    /// `r1` to `r13`, `ztso-load-acquire`, `ztso-store-release`, `ztso-amo`, `sc-program-order`, `rf`,
    /// `co`, `fr`, `atomicity`, `load-value`, `sc-failure`. A `ztso-` name says that nothing but Ztso
    /// orders the two, `sc-program-order` that nothing but sequential consistency does.
    pub rule: &'static str,
    /// Other rules that order the same two operations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<&'static str>,
    /// What it orders: `P0:7 sw x5,0(x6) -> P1:8 lw x7,0(x8)`, hart, line and instruction.
    pub orders: String,
}

/// Two stores to a common byte in their order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct CoherenceRecord {
    /// The earlier: `P0:7 sw x5,0(x6)`.
    pub before: String,
    /// The later.
    pub after: String,
    /// Is it one of two possibilities, the other of which another reason forbids?
    pub supposed: bool,
}

/// Two operations that only Ztso, or only sequential consistency, puts in order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct AddedRecord {
    /// `ztso-load-acquire`, `ztso-store-release`, `ztso-amo`, `sc-program-order`.
    pub rules: Vec<&'static str>,
    /// `P0:7 sw x5,0(x6) -> P0:8 sw x5,0(x7)`.
    pub orders: String,
    /// Would the state be allowed without this pair alone?
    pub needed: bool,
}

/// Instructions whose annotations, beyond those of RVWMO, forbid a state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct DecidersRecord {
    /// Which of them would have to be without: `any-one` of them is enough, or `all` have to be, and any
    /// one of them forbids the state.
    pub without: Enough,
    /// The instructions.
    pub instructions: Vec<AnnotatedRecord>,
}

/// How many instructions have to be without their annotations for a state to be allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Enough {
    /// Any one alone.
    AnyOne,
    /// All together.
    All,
}

/// An instruction with what its hart's model adds to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct AnnotatedRecord {
    /// `P1:13 lw x5,0(x6)`.
    pub instruction: String,
    /// `ztso-load-acquire`, `ztso-store-release`, `ztso-amo`, `sc-program-order`.
    pub rules: Vec<&'static str>,
}

/// A part of the state that the code cannot leave so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ImpossibleRecord {
    /// `1:x5`, `[x]`; several registers of one hart belong together.
    pub places: Vec<String>,
    /// The values that they can have together, at most a dozen.
    pub possible: Vec<Vec<String>>,
    /// How many there are.
    pub count: usize,
}

impl ImpossibleRecord {
    /// Returns the record as a sentence: `1:x6 can only be 0, 1`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let shown = |values: &Vec<String>| {
            let pairs = self.places.iter().zip(values).map(|(p, v)| format!("{p}={v}"));
            pairs.collect::<Vec<_>>().join(" ")
        };
        let possible: Vec<String> = match self.places.len() {
            1 => self.possible.iter().map(|values| values.join(" ")).collect(),
            _ => self.possible.iter().map(shown).collect(),
        };
        let more = match self.count.saturating_sub(possible.len()) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        match self.places.as_slice() {
            [place] => format!("{place} can only be {}{more}", possible.join(", ")),
            places => format!("{} can only be: {}{more}", places.join(", "), possible.join("; ")),
        }
    }
}

/// What is said of a state whose parts are each possible.
pub(super) const NOT_TOGETHER: &str = "each part is possible alone, but not all of them together";
