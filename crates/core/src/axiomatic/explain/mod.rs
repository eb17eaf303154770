//! Why a final state is allowed or forbidden.
//!
//! An allowed state gets a witness. For a forbidden one, every execution that would end in it is built,
//! with every choice of what loads read and, where it matters, of how stores to a common byte are ordered,
//! and each gets a shortest cycle or a violated axiom. Those with the same argument are one [`Reason`].
//!
//! A machine is explained beside a weaker one ([`Comparison`]): reasons that the weaker machine does not
//! have come first, since they say why it reaches states that the stronger one does not.
//! [`CheckedExplainer`] looks at all executions that would end in a state only where they are few, and else
//! at one that would be allowed if less were ordered. [`DifferenceSearch`] asks for one argument for each
//! such state, within limits; [`Explainer`] tells all that there is to say of a state.

mod added_orders;
mod argument_key;
mod candidates;
mod checked;
mod comparison;
mod constraints;
mod contradictions;
mod describe;
mod difference;
mod effort;
mod execution;
mod explainer;
mod machine;
mod needed_annotations;
mod one_execution;
mod possible_states;
mod reason_search;
mod trace_facts;
mod witness_search;

pub use added_orders::AddedOrder;
pub use checked::{CheckedExplainer, CheckedExplanation, ExplainError};
pub use comparison::Comparison;
pub use describe::{Describer, Step};
pub use difference::{Argument, DifferenceSearch, NoArgument};
pub use explainer::{Explainer, Explanation};
pub use machine::Machine;
pub use needed_annotations::{AnnotatedInstruction, NeededAnnotations};
pub use possible_states::{ImpossiblePart, PossibleStates};
pub use reason_search::{Reason, ReasonSearch, Reasons};
pub use witness_search::WitnessSearch;
