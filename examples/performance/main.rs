//! Fills in the figures of `docs/performance.md`, and draws its plot.
//!
//! ```text
//! cargo run --release --example performance             a minute a test, 8 GiB
//! cargo run --release --example performance -- 10       ten seconds a test
//! ```
//!
//! The page is text with blocks between `<!-- begin NAME -->` and `<!-- end -->`; each block is what
//! the commands print that it shows. Nothing else may run meanwhile if the times are to mean anything.
#![allow(clippy::print_stdout)]

mod blocks;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, bail, ensure};

use blocks::Bench;

const BEGIN: &str = "<!-- begin ";
const END: &str = "<!-- end -->";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("performance: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> anyhow::Result<()> {
    let seconds = std::env::args().nth(1).unwrap_or_else(|| "60".to_owned());
    ensure!(seconds.parse::<f64>().is_ok(), "`{seconds}` is no number of seconds");
    let bench = Bench { program: built()?, seconds };
    let page = Path::new("docs/performance.md");
    let text = std::fs::read_to_string(page).context("docs/performance.md, seen from here")?;
    std::fs::write(page, filled(&text, |name| bench.block(name))?)?;
    Ok(())
}

/// The program, compiled from what is here now.
fn built() -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(["build", "--quiet", "--release"]).status()?;
    ensure!(status.success(), "cargo build --release ended with {status}");
    let examples = std::env::current_exe()?;
    let release =
        examples.ancestors().nth(2).context("this program lies in target/release/examples")?;
    Ok(release.join("rvlitmus"))
}

/// The page with every block made anew.
fn filled(page: &str, block: impl Fn(&str) -> anyhow::Result<String>) -> anyhow::Result<String> {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(at) = rest.find(BEGIN) {
        let after = &rest[at + BEGIN.len()..];
        let Some((name, body)) = after.split_once(" -->\n") else { bail!("a block has no name") };
        let Some(end) = body.find(END) else { bail!("block {name} has no end") };
        println!("{name}");
        out += &rest[..at];
        out += &format!("{BEGIN}{name} -->\n{}\n", block(name)?.trim_end());
        rest = &body[end..];
    }
    Ok(out + rest)
}
