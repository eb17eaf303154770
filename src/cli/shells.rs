//! `rvlitmus completions` and `rvlitmus man`: what shells and manuals know of the command line.

use std::path::Path;

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use super::args::{Cli, ManArgs};
use super::exit::Outcome;
use super::output::{self, Outputs};

const NAME: &str = "rvlitmus";

/// Prints the script that completes arguments in a shell.
pub(super) fn completions(shell: Shell) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), NAME, &mut script);
    output::print(&String::from_utf8(script)?)
}

/// Prints the manual page of the program, or writes a page for each command.
pub(super) fn man(args: &ManArgs) -> anyhow::Result<Outcome> {
    let mut program = Cli::command();
    program.build();
    let Some(folder) = &args.output else { return output::print(&page(&program)?) };
    let mut pages = Vec::new();
    collect(&program, &mut pages)?;
    write(folder, &pages, args)
}

fn write(folder: &Path, pages: &[(String, String)], args: &ManArgs) -> anyhow::Result<Outcome> {
    let shown = crate::results::shown_path(folder);
    std::fs::create_dir_all(folder).with_context(|| format!("{shown} cannot be created"))?;
    let mut outputs = Outputs::new(&args.force);
    let mut files = Vec::with_capacity(pages.len());
    for (name, page) in pages {
        files.push((outputs.place(Some(&folder.join(name)))?, page));
    }
    for (file, page) in files {
        file.write_whole(page.as_bytes())?;
    }
    Ok(Outcome::AsExpected)
}

/// The pages of a command and of those below it, by the names of their files.
fn collect(command: &clap::Command, pages: &mut Vec<(String, String)>) -> anyhow::Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    pages.push((format!("{name}.1"), page(command)?));
    command.get_subcommands().try_for_each(|below| collect(below, pages))
}

/// The manual page of one command.
fn page(command: &clap::Command) -> anyhow::Result<String> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    Ok(String::from_utf8(page)?)
}
