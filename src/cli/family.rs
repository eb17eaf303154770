//! `rvlitmus family`: the tests of a scaling family.

use std::fmt::Write as _;

use clap::Args;

use super::exit::Outcome;
use super::output;
use rvlitmus_core::litmus::suggest;
use rvlitmus_generate::{FAMILIES, Family, family};

/// What is listed below the options.
pub(super) const FAMILY_HELP: &str = "\
Examples:
  rvlitmus family                             the families, and what N counts
  rvlitmus family sb 10 > SB-10.litmus
  rvlitmus family ticket 3 | rvlitmus run -";

#[derive(Debug, Args)]
pub(super) struct FamilyArgs {
    /// Which family; all are listed without it
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// How many harts, readers, writers or words
    #[arg(value_name = "N")]
    n: Option<u32>,
}

/// Prints a test, or lists the families.
pub(super) fn run(args: &FamilyArgs) -> anyhow::Result<Outcome> {
    let Some(name) = &args.name else { return output::print(&list()) };
    let family = named(name)?;
    let Family { name, counts, least, most, .. } = family;
    let Some(n) = args.n else {
        anyhow::bail!("`{name}` needs a number of {counts}, {least} to {most}");
    };
    match family.test(n) {
        Some(text) => output::print(&text),
        None => anyhow::bail!("`{name}` has tests of {least} to {most} {counts}, not {n}"),
    }
}

/// The family called `name`.
///
/// # Errors
/// There is none; the message names the nearest.
pub(super) fn named(name: &str) -> anyhow::Result<&'static Family> {
    family(name).ok_or_else(|| {
        let near = suggest::nearest(name, FAMILIES.iter().map(|family| family.name));
        let help =
            near.map_or_else(|| "`rvlitmus family` lists them".to_owned(), suggest::did_you_mean);
        anyhow::anyhow!("there is no family `{name}`: {help}")
    })
}

fn list() -> String {
    let mut text = String::new();
    let width = FAMILIES.iter().map(|f| f.name.len()).max().unwrap_or(0);
    for Family { name, title, counts, least, most, .. } in &FAMILIES {
        let _ = writeln!(
            text,
            "{name:width$}  {title}\n{:width$}    N: {counts}, {least} to {most}",
            ""
        );
    }
    text
}
