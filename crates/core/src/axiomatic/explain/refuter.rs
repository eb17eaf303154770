//! What is wrong with every execution that would end in a state.

use std::cell::OnceCell;
use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use crate::axiomatic::candidate::{Candidate, Layout, OpId, Source, Sources};
use crate::axiomatic::evidence::{Refutation, Witness, Written};
use crate::axiomatic::interpreter::{Scope, traces};
use crate::axiomatic::trace::{End, Trace};
use crate::litmus::HartId;
use crate::model::{BaseModel, Options};
use crate::program::{Fault, FinalState, ObservedFrom, Program};

use super::key::Key;
use super::{MOST_CANDIDATES, Reason, Words, execution, propose, refute};

/// What is wrong with executions that would end in a state.
#[derive(Clone, Debug)]
pub struct Refuted {
    /// First what RVWMO does not forbid anyway, and of that the reason of the most executions.
    pub reasons: Vec<Reason>,
    /// Were all executions that would end in the state looked at?
    pub exhaustive: bool,
    /// How many were.
    pub candidates: usize,
}

/// Says what forbids states of one program.
pub struct Refuter<'p> {
    program: &'p Program,
    models: &'p [BaseModel],
    options: &'p Options,
    /// The traces of [`Scope::Any`], once they were needed.
    any: OnceCell<Vec<Vec<Trace>>>,
    words: Words<'p>,
}

impl<'p> Refuter<'p> {
    /// For `program` when hart `i` follows `models[i]`. `stop` is meant below as [`Explainer::new`] says.
    ///
    /// [`Explainer::new`]: super::Explainer::new
    #[must_use]
    pub fn new(program: &'p Program, models: &'p [BaseModel], options: &'p Options) -> Self {
        let words = Words::new(program, models, options);
        Refuter { program, models, options, any: OnceCell::new(), words }
    }

    /// What forbids `state` in the first `most` candidate executions that would end in it: nothing if
    /// one of them is allowed.
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    pub fn refute(
        &self,
        state: &FinalState,
        most: usize,
        stop: &dyn Fn() -> bool,
    ) -> Result<Refuted, Fault> {
        let traces = ending_in(self.program, self.any(stop)?, state);
        let layout = Layout::of(&traces);
        let open = vec![None; layout.size()];
        Ok(self.refute_among(&traces, (&layout, open), state, most, stop))
    }

    /// What forbids an execution that another model allows.
    #[must_use]
    pub fn refute_execution(&self, witness: &Witness, stop: &dyn Fn() -> bool) -> Refuted {
        let Witness { execution, state, .. } = witness;
        let annotated = |(hart, trace)| self.words().annotated(trace, hart, self.options);
        let traces: Vec<_> = (0u16..).map(HartId).zip(&execution.traces).map(annotated).collect();
        let traces: Vec<Vec<&Trace>> = traces.iter().map(|trace| vec![trace]).collect();
        let layout = Layout::of(&traces);
        let source = |written: &Written| match written {
            Written::Initially => Source::Initial,
            Written::By(store) => Source::Store(layout.id(store.hart, store.nth)),
        };
        let sources = execution.events().map(|event| {
            let reads = execution.op(event).reads();
            reads.then(|| execution.read(event).iter().map(source).collect())
        });
        let sources = sources.collect();
        self.refute_among(&traces, (&layout, sources), state, MOST_CANDIDATES, stop)
    }

    fn refute_among<'t>(
        &self,
        traces: &[Vec<&'t Trace>],
        (layout, sources): (&'t Layout, Vec<Option<Sources>>),
        state: &FinalState,
        most: usize,
        stop: &dyn Fn() -> bool,
    ) -> Refuted {
        let mut reasons: Vec<Reason> = Vec::new();
        let mut known: FxHashMap<Key, usize> = FxHashMap::default();
        let words = self.words();
        let mut candidates = 0;
        let mut consistent = false;
        let mut scratch = refute::Scratch::default();
        let mut visit = |candidate: &Candidate<'t>, final_pairs: &[(OpId, OpId)]| {
            let rules = self.options.rules;
            let contradictions = refute::refute(candidate, final_pairs, rules, &mut scratch);
            consistent |= contradictions.is_empty();
            for (coherence, contradiction) in contradictions {
                match known.entry(Key::new(candidate, &contradiction)) {
                    Entry::Occupied(known) => reasons[*known.get()].executions += 1,
                    Entry::Vacant(new) => {
                        new.insert(reasons.len());
                        let (execution, state) = (execution(candidate), state.clone());
                        let example = Refutation { execution, coherence, contradiction, state };
                        let beyond_rvwmo = words.beyond_rvwmo(&example);
                        reasons.push(Reason { example, executions: 1, beyond_rvwmo });
                    }
                }
            }
            candidates += 1;
            candidates < most && !consistent
        };
        let found_all =
            propose::proposals(self.program, (layout, sources), traces, (state, stop), &mut visit);
        if consistent {
            reasons.clear();
        }
        reasons.sort_by_key(|reason| std::cmp::Reverse((reason.beyond_rvwmo, reason.executions)));
        Refuted { reasons, exhaustive: found_all && !stop(), candidates }
    }

    /// What says explanations of this program.
    #[must_use]
    pub fn words(&self) -> &Words<'p> {
        &self.words
    }

    /// Works out what refutations start from.
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    pub fn prepare(&self, stop: &dyn Fn() -> bool) -> Result<(), Fault> {
        self.any(stop).map(drop)
    }

    /// The traces of [`Scope::Any`].
    pub(super) fn any(&self, stop: &dyn Fn() -> bool) -> Result<&[Vec<Trace>], Fault> {
        if let Some(any) = self.any.get() {
            return Ok(any);
        }
        let any = traces(self.program, self.models, self.options, Scope::Any, stop)?;
        Ok(self.any.get_or_init(|| any))
    }
}

/// The complete traces that leave the observed registers as `state` has them.
pub(super) fn ending_in<'t>(
    program: &Program,
    traces: &'t [Vec<Trace>],
    state: &FinalState,
) -> Vec<Vec<&'t Trace>> {
    let ends_so = |hart: usize, trace: &Trace| {
        program.observed.iter().zip(state).all(|(observed, value)| match observed.from {
            ObservedFrom::Register(of, reg) if of.index() == hart => {
                observed.rendering.normalize(trace.registers[reg.number()]) == *value
            }
            _ => true,
        })
    };
    traces
        .iter()
        .enumerate()
        .map(|(hart, traces)| {
            traces.iter().filter(|t| t.end == End::Complete && ends_so(hart, t)).collect()
        })
        .collect()
}
