//! `rvlitmus port`: are mapping tables from x86 to RISC-V right, and what do they cost?

use std::path::PathBuf;

use clap::Args;
use rayon::prelude::*;

use super::exit::Outcome;
use super::gather::{Gathered, begin, beside_path, gather};
use super::output::Outputs;
use super::shared_args::{ForceArg, LimitArgs, SelectionArgs};
use super::values::whole;
use super::{lower, output, plan};
use crate::report::{PortRecord, search_text};
use crate::run::{Ported, Setup, Source, port_test};
use rvlitmus_core::model::Model;
use rvlitmus_core::session::{Settings, Unwatched};
use rvlitmus_port::Map;
use rvlitmus_port::check::Checker;
use rvlitmus_port::{lattice, programs};

pub(super) const PORT_HELP: &str = "\
Maps that are built in: ztso, fences (RVWMO by fences), zalasr (RVWMO by acquire and release), naive (as if
RISC-V were x86); `rvlitmus lower --show ztso` prints one.

Examples:
  rvlitmus port x86-tests --map ztso --map fences      are they right, and what does Ztso save?
  rvlitmus port x86-tests --map naive --model rvwmo    what breaks without fences
  rvlitmus port x86-tests --search                     all minimal sound maps
  rvlitmus port --all 4 --map mine.map                 every program of up to 4 accesses";

#[derive(Debug, Args)]
pub(super) struct PortArgs {
    /// Tests of x86: files, directories to search for *.litmus, @LIST files of such paths, or - for standard input
    #[arg(value_name = "PATH|@LIST|-", required_unless_present = "all")]
    tests: Vec<String>,
    #[command(flatten)]
    selection: SelectionArgs,
    /// Maps to check, by the name of one that is built in or as a file
    #[arg(long, value_name = "MAP", value_delimiter = ',', default_value = "ztso,fences")]
    map: Vec<String>,
    /// The models that targets follow [default: those of each map]
    #[arg(long, value_name = "MODEL,...", value_delimiter = ',', value_parser = whole::<Model>())]
    model: Vec<Model>,
    /// Look for all sound maps of fences and annotations for RVWMO, and for those that are minimal
    #[arg(long, conflicts_with = "map")]
    search: bool,
    /// Instead of tests, every program of up to N accesses: mov, xchg, mfence
    #[arg(long, value_name = "N", conflicts_with = "tests",
          value_parser = clap::value_parser!(u8).range(2..=8))]
    all: Option<u8>,
    #[command(flatten)]
    limits: LimitArgs,
    /// Write the result to a file, or - for standard output
    #[arg(long, short, value_name = "FILE|-", help_heading = "Output")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArg,
}

/// Prints what became of the maps.
pub(super) fn port(args: &PortArgs) -> anyhow::Result<Outcome> {
    let maps = maps(args)?;
    let mut setup = plan::limited(&args.limits);
    let stop = begin(&mut setup, &args.selection, &args.limits)?;
    let mut outputs = Outputs::new(&args.force).reads_tests(&args.tests, &setup.stop);
    let out = outputs.place(args.output.as_ref())?;
    let (mut record, mut troubles) = (PortRecord::new(&maps), 0);
    let checker = Checker::new(setup.session.settings().clone());
    let mut sources = Vec::new();
    if let Some(most) = args.all {
        troubles += all(most, &maps, &setup, args.search.then_some(&mut sources), &mut record);
    } else {
        let (flag, asked) =
            (setup.stop.clone(), if args.search { Vec::new() } else { maps.clone() });
        let ask = move |source: &Source| beside_path(source, port_test(source, &setup, &asked));
        let gathered: Gathered<(String, Ported)> = gather(&args.tests, &flag, ask)?;
        troubles += gathered.troubles;
        record.leave_out(gathered.troubles);
        for (path, ported) in gathered.kept {
            if args.search {
                sources.push((path, ported.origin));
            } else {
                record.add(&path, ported);
            }
        }
    }
    troubles += stop.complain("the result is of the tests that were finished");
    if args.search {
        anyhow::ensure!(!sources.is_empty(), "there is no test of x86 to look at");
        let (paths, sources): (Vec<_>, Vec<_>) = sources.into_iter().unzip();
        let judged = lattice::search(&checker, &sources)
            .map_err(|(test, error)| anyhow::anyhow!("{}: {error}", paths[test]))?;
        out.write_whole(search_text(&judged, &paths).as_bytes())?;
        return Ok(Outcome::of_decisions(troubles, 0));
    }
    out.write_whole(record.text(&checker).as_bytes())?;
    Ok(Outcome::of_maps(troubles + record.unknown(), record.unsound()))
}

/// Each map with each model that its targets follow.
fn maps(args: &PortArgs) -> anyhow::Result<Vec<(Map, Model)>> {
    let mut maps = Vec::new();
    for name in &args.map {
        let map = lower::map(name)?;
        let models = if args.model.is_empty() { &map.models } else { &args.model };
        maps.extend(models.iter().map(|model| (map.clone(), model.clone())));
    }
    Ok(maps)
}

/// Checks every program of up to so many accesses; returns how many could not be.
fn all(
    most: u8,
    maps: &[(Map, Model)],
    setup: &Setup,
    mut sources: Option<&mut Vec<(String, rvlitmus_port::check::Source)>>,
    record: &mut PortRecord,
) -> usize {
    // Each is small: what takes time is that they are many.
    let settings = Settings { parallel: false, ..setup.session.settings().clone() };
    let checker = Checker::new(settings);
    let mut troubles = 0;
    for accesses in 2..=usize::from(most) {
        for some in programs::programs(accesses).chunks(1 << 14) {
            if setup.stopped() {
                return troubles;
            }
            let ask = |program: &programs::Program| {
                let origin = checker.source(&program.text(), &Unwatched)?;
                let targets = maps.iter().filter(|_| sources.is_none()).map(|(map, model)| {
                    let target = checker.target(&origin, map, model, &Unwatched);
                    target.map_err(|error| error.to_string())
                });
                let targets = targets.collect();
                Ok::<_, rvlitmus_port::check::NotChecked>(Ported { origin, targets })
            };
            let found: Vec<_> = some.par_iter().map(ask).collect();
            for (program, ported) in some.iter().zip(found) {
                match (ported, &mut sources) {
                    (Ok(ported), Some(sources)) => {
                        sources.push((program.to_string(), ported.origin));
                    }
                    (Ok(ported), None) => record.add(&program.to_string(), ported),
                    (Err(error), _) => {
                        output::complain(&format!("{program}: {error}"));
                        troubles += 1;
                    }
                }
            }
        }
    }
    troubles
}
