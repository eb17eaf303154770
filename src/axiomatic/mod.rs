//! The second engine: candidate executions checked against the axioms.
