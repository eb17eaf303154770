//! The libraries: what is read, what the engines answer, and that they agree.

#[path = "../support/mod.rs"]
mod support;

mod advice;
mod advice_corpus;
mod advice_in_contexts;
mod as_people_write;
mod axiomatic_corpus;
mod decide;
mod docs_language;
mod engines_agree;
mod engines_mutated;
mod every_instruction;
mod explanations;
mod fingerprints;
mod generated_suites;
mod herd_hash;
mod isa_reference;
mod litmus_corpus;
mod litmus_language;
mod litmus_mistakes;
mod litmus_robustness;
mod litmus_round_trip;
mod lock_orders;
mod long_tests;
mod mixed_size;
mod monotonicity;
mod onereg_facts;
mod onereg_selftest;
mod onereg_transcripts;
mod reasons;
mod reductions;
mod retries;
mod rooms;
mod sequential_consistency;
mod similar_harts;
mod unseen_loads;
mod values;
mod vm_outcomes;
mod x86_agree;
mod x86_corpus;
mod x86_values;
