//! Tests of cycles that the arguments name.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use super::{GenerateArgs, Made};
use crate::cli::shared_args::ColorWhen;
use crate::cli::{output, plan};
use rvlitmus_core::litmus::{Colour, Diagnostics, decode, read_list, render};
use rvlitmus_generate::{Cycle, CycleOptions, cycles};

/// The tests; `None` if a cycle is wrong, which was said.
///
/// # Errors
/// A file cannot be read.
pub(super) fn made(args: &GenerateArgs, stop: &AtomicBool) -> anyhow::Result<Option<Vec<Made>>> {
    let options = CycleOptions { annotations: args.annotations.into(), width: args.r#type.into() };
    let mut tests = Vec::new();
    let mut wrong = false;
    let mut take =
        |found: Result<Made, Diagnostics>, name: &str, text: &str, offset: usize| match found {
            Ok(made) => tests.push(made),
            Err(mistakes) => {
                say(name, text, offset, mistakes);
                wrong = true;
            }
        };
    if let (Some(list), Some(most)) = (&args.edges, args.max_edges) {
        match cycles(list, usize::from(most), &|| stop.load(Ordering::Relaxed)) {
            Ok(found) => found.iter().for_each(|cycle| take(test(cycle, &options), "", "", 0)),
            Err(mistakes) => take(Err(mistakes), "--edges", list, 0),
        }
    }
    for argument in &args.cycle {
        let Some(path) = argument.strip_prefix('@') else {
            take(one(argument, &options), "--cycle", argument, 0);
            continue;
        };
        let shown = crate::results::shown_path(path.as_ref());
        let bytes = match path {
            "-" => std::io::read_to_string(std::io::stdin()).map(String::into_bytes),
            _ => fs::read(path),
        };
        let bytes = bytes.with_context(|| format!("{shown} cannot be read"))?;
        let text = decode(&bytes).with_context(|| format!("{shown} cannot be read"))?;
        for entry in read_list(&text) {
            let cycle = entry.path.strip_prefix("Cycle=").unwrap_or(entry.path);
            let offset = cycle.as_ptr() as usize - text.as_ptr() as usize;
            take(one(cycle, &options), &shown, &text, offset);
        }
    }
    Ok((!wrong).then_some(tests))
}

fn one(text: &str, options: &CycleOptions) -> Result<Made, Diagnostics> {
    test(&Cycle::parse(text)?, options)
}

fn test(cycle: &Cycle, options: &CycleOptions) -> Result<Made, Diagnostics> {
    Ok(Made {
        name: cycle.name(),
        about: cycle.to_string(),
        size: (cycle.operations(), cycle.harts()),
        text: cycle.test(options)?,
    })
}

/// Shows what is wrong with a cycle that stands in a text from `offset` on.
fn say(name: &str, text: &str, offset: usize, mut mistakes: Diagnostics) {
    for mistake in &mut mistakes.0 {
        mistake.span.start += offset as u32;
        mistake.span.end += offset as u32;
    }
    let colour = match plan::colored(ColorWhen::Auto, &std::io::stderr()) {
        true => Colour::Always,
        false => Colour::Never,
    };
    output::say(&render(name, text, &mistakes, colour));
}
