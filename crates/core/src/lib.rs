//! Every final state of a litmus test on any number of machines, and why they differ.
//!
//! A litmus test is a handful of instructions on a few harts and a question about the final state. This
//! crate answers it exhaustively, from the text to the answer, without files, terminal, clock or
//! process-wide state.
//!
//! # The road of a test
//!
//! Everybody goes the same one, [`session::Session`]:
//!
//! ```text
//! text -> litmus -> Test -> session ( machines -> program -> operational | axiomatic ) -> Answer
//! ```
//!
//! | room | holds | does not know |
//! |---|---|---|
//! | [`arch`] | neutral actions; for each architecture its registers and tables of instructions | litmus text, models |
//! | [`litmus`] | the herd language: grammar, [`litmus::Test`], printer, diagnostics with places, herd7's hash | models, engines |
//! | [`model`] | a memory model as a value: rules by the manual's numbers, annotations, readings | how engines work |
//! | [`program`] | a test made ready to run: addresses, labels, what is observed | text, engines |
//! | [`operational`] | the engine: states of simulated harts and memory, merged | text, the other engine |
//! | [`axiomatic`] | the second engine: candidate executions, relations, cycles, explanations | text, the first engine |
//! | [`answer`] | the outcomes of machines side by side: verdicts, completeness, differences | the engines' insides |
//! | [`session`] | the road above | files, the terminal, time |
//! | [`advise`] | which fences are needed, and which forbid an outcome: many forms of a test | how a test is answered |
//!
//! Each uses those above it in this table only.
//!
//! # Using it
//!
//! Answer one test under RVWMO and Ztso: see [`session::Session`]. Compare any two models:
//!
//! ```
//! use rvlitmus_core::answer::Reached;
//! use rvlitmus_core::session::{Session, Settings, Unwatched};
//!
//! let text = "RISCV MP+po+addr
//! { 0:x5=1; 0:x6=x; 0:x7=y; 1:x6=y; 1:x8=x; }
//!  P0          | P1             ;
//!  sw x5,0(x6) | lw x9,0(x6)    ;
//!  fence w,w   | xor x10,x9,x9  ;
//!  sw x5,0(x7) | add x8,x8,x10  ;
//!              | lw x11,0(x8)   ;
//! exists (1:x9=1 /\\ 1:x11=0)";
//! let models = vec!["rvwmo".parse()?, "rvwmo-r9".parse()?];
//! let session = Session::new(Settings { models, ..Settings::default() });
//! let test = session.read(text)?;
//! let answer = session.answer(&test, &session.machines(&test)?, &Unwatched)?;
//! let difference = answer.difference(1, 0).expect("without r9 there is more");
//! assert_eq!(difference.states.len(), 1);
//! // Whoever wants states is told whether they are all there are.
//! let Reached::All(states) = answer.reached(0) else { panic!("it has no loop") };
//! assert_eq!((states.len(), states.positive()), (3, 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Ask why a state is forbidden:
//!
//! ```
//! use rvlitmus_core::session::{Session, Settings, Unwatched};
//!
//! let text = "RISCV MP
//! { 0:x5=1; 0:x6=x; 0:x7=y; 1:x6=y; 1:x7=x; }
//!  P0          | P1          ;
//!  sw x5,0(x6) | lw x8,0(x6) ;
//!  sw x5,0(x7) | lw x9,0(x7) ;
//! exists (1:x8=1 /\\ 1:x9=0)";
//! let session = Session::new(Settings { explain: true, ..Settings::default() });
//! let test = session.read(text)?;
//! let answer = session.answer(&test, &session.machines(&test)?, &Unwatched)?;
//! let lacked = &answer.differences[0].states[0];
//! assert_eq!(
//!     lacked.argument.as_ref().unwrap().line,
//!     "ztso-store-release P0 sw->sw; rf; ztso-load-acquire P1 lw->lw; fr"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Invariants
//!
//! - **Two engines, one answer.** [`operational`] and [`axiomatic`] share the actions, the annotations and
//!   the [`program::Program`], and nothing of how they search. On every program their sets of outcomes are
//!   equal; generated programs check it.
//! - **A model is a value.** Ztso is RVWMO with three more annotations ([`model::annotate`]), chosen hart by
//!   hart; a rule that is removed and another reading make another value. No engine asks "is this Ztso?".
//! - **Complete or said.** [`answer::Reached`] tells whether the states are all there are. Nothing that is
//!   cut, by a loop bound, by time or by memory, is reported as complete, and what does not fit is an error
//!   ([`program::Fault::TooLarge`]). What is complete but for a chance below 10⁻²⁰ is said to be
//!   ([`program::ToldApart`]).
//! - **Bytes.** Operations overlap when they share a byte. The operational engine keeps bytes together
//!   only as long as every access of the test does.
//! - **Same answer always.** Outcomes are sorted sets; nothing depends on threads, on hash order or on time.
//! - **One road for every test.** No code knows a test by its name.
//! - **Engines are silent.** They take no writer, no clock and no progress bar: limits are a closure and
//!   a number of bytes.
//!
//! # What is deliberately absent
//!
//! I/O regions, instruction fetch and self-modifying code, page tables, CSRs, floating point and vector
//! accesses; each is refused with an error that names it.

#![warn(clippy::print_stdout, clippy::print_stderr)] // the library is silent

pub mod advise;
pub mod answer;
pub mod arch;
pub mod axiomatic;
pub mod litmus;
pub mod model;
pub mod operational;
pub mod program;
pub mod session;
