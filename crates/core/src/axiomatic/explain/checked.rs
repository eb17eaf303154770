//! Explanations that are checked before anything is said.

use crate::axiomatic::check::{self, Unsound};
use crate::program::{Fault, FinalState};

use super::added_orders::AddedOrder;
use super::explainer::{Explainer, Explanation};
use super::needed_annotations::NeededAnnotations;

/// A checked explanation of one state, with what its reasons have beyond the weaker machine.
#[derive(Clone, Debug)]
pub struct CheckedExplanation {
    /// The verdict and its evidence.
    pub explanation: Explanation,
    /// The pairs of operations in the reasons that only the stronger machine puts in order.
    pub added: Vec<AddedOrder>,
    /// The annotations that forbid the state, where no pair of `added` is needed.
    pub needed_annotations: Option<NeededAnnotations>,
}

/// Why a state has no explanation.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ExplainError {
    /// The program cannot be explained.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// `stop` ended the search.
    #[error("the search was stopped")]
    Stopped,
    /// The verdict is not that of the outcomes.
    #[error("the explanation contradicts the outcomes")]
    Contradiction,
    /// The checker does not accept the evidence.
    #[error("the evidence is unsound: {0}")]
    Unsound(#[from] Unsound),
}

impl Explainer<'_> {
    /// Explains a state of which it is known whether the machine reaches it, and checks the evidence
    /// with [`check`], which shares nothing with the search.
    ///
    /// # Errors
    /// The search failed or was stopped, the verdict is another one, or the evidence does not stand up.
    pub fn explain_checked(
        &self,
        state: &FinalState,
        reached: bool,
        stop: &dyn Fn() -> bool,
    ) -> Result<CheckedExplanation, ExplainError> {
        let machine = &self.machines().stronger;
        let explanation = self.explain(state, stop)?;
        if matches!(explanation, Explanation::GaveUp) {
            return Err(ExplainError::Stopped);
        }
        if reached != matches!(explanation, Explanation::Allowed(_)) {
            return Err(ExplainError::Contradiction);
        }
        let mut added = Vec::new();
        let mut needed_annotations = None;
        match &explanation {
            Explanation::Allowed(witness) => {
                check::witness(machine.program, machine.options, witness)?;
            }
            Explanation::Forbidden { reasons, .. } => {
                for reason in reasons {
                    check::refutation(machine.program, machine.options, &reason.example)?;
                }
                added = self.added_orders(state, reasons, stop);
                needed_annotations = self.needed_annotations(state, reasons, &added, stop);
                if stop() {
                    return Err(ExplainError::Stopped);
                }
            }
            Explanation::NoExecution(_) | Explanation::GaveUp => {}
        }
        Ok(CheckedExplanation { explanation, added, needed_annotations })
    }
}
