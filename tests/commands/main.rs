//! The program as people and other programs use it: its commands, files and documents.

#[allow(unreachable_pub)] // there it is a library
#[path = "../../fuzz/readers.rs"]
mod fuzz_readers;
#[path = "../support/mod.rs"]
mod support;

mod advise_command;
mod batch;
#[cfg(unix)]
mod browser;
mod cli;
mod compare;
mod decide;
mod docs_explanations;
mod docs_reports;
mod emit_command;
mod escaping;
mod explain_command;
mod family_cli;
mod formats;
mod generate;
mod github;
mod hostile;
mod html_report;
mod limits;
mod long_reports;
mod onereg_cli;
mod outputs;
mod own_corpus;
mod pictures;
mod port_command;
mod readers;
mod report;
mod resume;
mod rules;
#[cfg(unix)]
mod serve;
mod shards;
mod shells;
mod snapshot_command;
mod snapshots;
mod vm_files;
mod warnings;
