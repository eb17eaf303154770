//! Every outcome of a RISC-V litmus test, under RVWMO beside Ztso.
//!
//! A litmus test is a handful of instructions on a few harts and a question about the final state.
//! This crate answers it exhaustively: which final states can be reached when harts follow RVWMO, which
//! when they follow Ztso, and by which rule of the manual the difference comes about.
//!
//! # Architecture
//!
//! The road of a test, and the rooms on it:
//!
//! ```text
//! text -> litmus -> Test -> program -> Program -> explore -> Outcomes -> compare -> report -> bytes
//!                             ^                      ^
//!                    kvm: each hart's ISA      model: what orders what
//! ```
//!
//! | room | holds | does not know |
//! |---|---|---|
//! | [`litmus`] | the herd language: grammar, [`litmus::Test`], printer, diagnostics with places | memory models, KVM |
//! | [`isa`] | registers; a table of instructions for each extension: what they compute and read | litmus text, models |
//! | [`kvm`] | the ONE_REG interface: register ids, hosts, vCPUs, kernel policies, transcripts | litmus, exploration |
//! | [`model`] | the rules by the manual's numbers, annotations, options | how engines work |
//! | [`program`] | a test made ready to run: addresses, labels, what is observed | text, engines |
//! | [`explore`] | the executor: states of simulated harts and memory, merged | text, files, the terminal |
//! | [`axiomatic`] | the second engine: candidate executions, relations, cycles, explanations | [`explore`] |
//! | [`compare`] | outcomes side by side, verdicts, statuses | the engines' insides |
//! | [`report`] | results to bytes, one file for each format | files, the terminal |
//! | [`batch`] | finding tests, running many of them in parallel, limits | formats |
//! | [`family`] | generated tests that grow, and how their cost grows with them | formats of results |
//! | [`cli`] | arguments, the plan, exit codes | everything else but its public face |
//!
//! # Invariants
//!
//! - **Two engines, one answer.** [`explore`] and [`axiomatic`] share the instruction tables, the
//!   annotations and the [`program::Program`], and nothing of how they search. On every program their
//!   sets of outcomes are equal; generated programs check it.
//! - **A model is a choice of annotations and rules.** Ztso is RVWMO with three more annotations
//!   ([`model::annotate`]), chosen hart by hart. No engine asks "is this Ztso?" anywhere else.
//! - **Complete or said.** [`program::Outcomes::completeness`] tells whether the states are all there
//!   are. Nothing that is cut, by a loop bound, by time or by memory, is reported as complete, and what
//!   does not fit is an error ([`program::Fault::TooLarge`]).
//! - **Bytes.** Operations overlap when they share a byte. The executor keeps bytes together only as
//!   long as every access of the test does.
//! - **Same answer always.** Outcomes are sorted sets; nothing printed depends on threads, on hash order
//!   or on time, and figures of time stand under `stats` alone.
//! - **One road for every test.** No code knows a test by its name.
//! - **Engines are silent.** They take no writer, no clock and no progress bar: limits are a closure and
//!   a number of bytes.
//!
//! # What is deliberately absent
//!
//! I/O regions, instruction fetch and self-modifying code, page tables, CSRs, floating point and vector
//! accesses; each is refused with an error that names it.

#![warn(clippy::print_stdout, clippy::print_stderr)] // only the CLI writes to the terminal

pub mod cli;
pub mod compare;
pub mod measure;
pub mod report;
pub mod results;
pub mod run;
