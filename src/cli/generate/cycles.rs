//! Tests of cycles that the arguments name.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use super::{GenerateArgs, Made};
use crate::cli::shared_args::ColorWhen;
use crate::cli::{output, plan};
use crate::run::{Origin, Source};
use rvlitmus_core::litmus::{Colour, Diagnostics, decode, read_list, render};
use rvlitmus_generate::{Cycle, CycleOptions, cycles};

/// The most bytes of a file of cycles.
const LONGEST_LIST: usize = 1 << 26;

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
        let origin = match path {
            "-" => Origin::Stdin,
            _ if Path::new(path).is_file() => Origin::File(path.into()),
            _ => Origin::Stream(path.into()),
        };
        let source = Source { origin, shown: shown.clone() };
        let read = source.read(LONGEST_LIST, || stop.load(Ordering::Relaxed));
        let bytes = read.with_context(|| format!("the cycles of {shown}"))?;
        let text = decode(&bytes).with_context(|| format!("the cycles of {shown}"))?;
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
