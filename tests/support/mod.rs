//! What several integration tests share.
#![allow(dead_code, missing_docs, unreachable_pub)] // no test uses all of it, none is a library

pub mod agree;
pub mod binary;
pub mod corpus;
pub mod generate;
pub mod runner;
#[cfg(unix)]
pub mod server;
