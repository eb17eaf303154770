//! `rvlitmus measure`: how the cost of the scaling families grows.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::exit::Outcome;
use super::family;
use super::output::{self, Outputs};
use super::shared_args::ForceArg;
use super::stop::stop_on;
use super::values::{file, seconds, whole};
use crate::measure::{Budget, Curve, End, measure, svg, table};
use rvlitmus_core::model::Model;
use rvlitmus_generate::{FAMILIES, Family};

/// What is listed below the options.
pub(super) const MEASURE_HELP: &str = "\
Examples:
  rvlitmus measure sb iriw                     for growing N, up to 10 s a test
  rvlitmus measure --seconds 60 --memory 8192 --format markdown --svg growth.svg
  rvlitmus measure --model ztso --jobs 2 writers";

#[derive(Debug, Args)]
pub(super) struct MeasureArgs {
    /// Families, see `rvlitmus family` [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Wall time of one test; a family ends with the first that takes longer
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "10")]
    seconds: f64,
    /// Memory for the exploration of one test
    #[arg(long, value_name = "MIB", default_value_t = 2048, value_parser = clap::value_parser!(u64).range(1..=1 << 40))]
    memory: u64,
    /// Smallest N
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true)]
    least: u32,
    /// Largest N
    #[arg(long, value_name = "N", default_value_t = u32::MAX, hide_default_value = true)]
    most: u32,
    /// The model that all harts follow
    #[arg(long, value_name = "MODEL", default_value = "rvwmo",
          value_parser = whole::<Model>())]
    model: Model,
    /// Threads that one test may use
    #[arg(long, short, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: u16,
    /// Format of the figures
    #[arg(long, short, value_enum, default_value_t)]
    format: Form,
    /// Draw time over N, too
    #[arg(long, value_name = "FILE", value_parser = file())]
    svg: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArg,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
enum Form {
    /// One line for each test, as soon as it is there
    #[default]
    Text,
    /// One row for each family, and one for each test
    Markdown,
    /// One JSON array
    Json,
}

/// Measures the families of the arguments.
pub(super) fn run(args: &MeasureArgs) -> anyhow::Result<Outcome> {
    let families = chosen(&args.names)?;
    let mut outputs = Outputs::new(&args.force);
    let _stdout = outputs.place(None)?;
    let picture = args.svg.as_ref().map(|path| outputs.place(Some(path))).transpose()?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(usize::from(args.jobs)).build()?;
    let stop = Arc::new(AtomicBool::new(false));
    stop_on(&stop, None)?;
    let budget = Budget {
        model: args.model.clone(),
        time: Duration::from_secs_f64(args.seconds),
        memory: usize::try_from(args.memory.saturating_mul(1 << 20)).unwrap_or(usize::MAX),
        parallel: args.jobs > 1,
        least: args.least,
        most: args.most,
    };
    let mut curves = Vec::with_capacity(families.len());
    if args.format == Form::Text {
        output::print(&table::text_head())?;
    }
    let stopped = || stop.load(Ordering::Relaxed);
    for family in families {
        let mut failed = Ok(Outcome::AsExpected);
        let curve = pool.install(|| {
            measure(family, &budget, &stop, |point| {
                if args.format == Form::Text {
                    failed = output::print(&table::text_row(family, point));
                    if failed.is_err() {
                        stop.store(true, Ordering::Relaxed);
                    }
                }
            })
        });
        failed?;
        say_refusals(&curve);
        curves.push(curve);
    }
    match args.format {
        Form::Text => {}
        Form::Markdown => {
            output::print(&table::markdown(&curves))?;
        }
        Form::Json => {
            output::print(&format!("{:#}\n", table::to_json(&curves)))?;
        }
    }
    if let Some(out) = picture {
        let title = format!("Time of one test under {}, threads: {}", args.model, args.jobs);
        out.write_whole(svg(&curves, &title).as_bytes())?;
    }
    if stopped() {
        anyhow::bail!("interrupted: the figures hold what was finished");
    }
    Ok(Outcome::AsExpected)
}

fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static Family>> {
    match names {
        [] => Ok(FAMILIES.iter().collect()),
        names => names.iter().map(|name| family::named(name)).collect(),
    }
}

/// Why a curve ends where the engine gives up.
fn say_refusals(curve: &Curve) {
    for point in &curve.points {
        if let End::Refused(why) = &point.end {
            output::complain(&format!("{} {}: {why}", curve.family.name, point.n));
        }
    }
}
