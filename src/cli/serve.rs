//! `rvlitmus serve`: a page to try tests in.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use super::exit::Outcome;
use super::output;
use super::stop::stop_on;
use super::values::seconds;
use crate::run::{Found, RunMemory, Setup, find};
use crate::serve::{Config, Examples, serve as answer_all};
use rvlitmus_core::session::{Session, Settings};

pub(super) const SERVE_EXAMPLES: &str = "\
Examples:
  rvlitmus serve                             with a few tests as examples
  rvlitmus serve litmus                      with all tests below a folder as examples
  rvlitmus serve --listen 127.0.0.1:0        on any free port

Who can reach the address can have tests run here, within the limits: it is this machine alone, unless
--listen says otherwise.";

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// A folder of tests, which the page offers as examples
    #[arg(value_name = "DIR")]
    dir: Option<String>,
    /// Address and port
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8421")]
    listen: SocketAddr,
    /// Wall time of one request
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, help_heading = "Limits")]
    timeout: f64,
    /// Memory of one test under one model
    #[arg(long, value_name = "MIB", default_value_t = 512, help_heading = "Limits",
          value_parser = clap::value_parser!(u64).range(1..=1 << 40))]
    memory: u64,
    /// Requests that are answered at once; others wait [default: one per processor]
    #[arg(long, value_name = "N", help_heading = "Limits",
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    requests: Option<u16>,
    /// Size of a request
    #[arg(long, value_name = "KIB", default_value_t = 256, help_heading = "Limits",
          value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    request_size: u32,
}

/// Most tests that the page offers.
const MOST_EXAMPLES: usize = 20_000;

/// Serves until it is told to stop.
pub(super) fn serve(args: &ServeArgs) -> anyhow::Result<Outcome> {
    let standard = Setup::default();
    let bytes = usize::try_from(args.memory.saturating_mul(1 << 20)).unwrap_or(usize::MAX);
    let settings = Settings { memory: bytes, ..standard.session.settings().clone() };
    let at_once = args.requests.map(usize::from);
    let at_once = at_once.unwrap_or_else(|| available_parallelism().map_or(1, usize::from));
    let all = (bytes as u64).saturating_mul(at_once as u64);
    let time = Duration::from_secs_f64(args.timeout);
    let setup = Setup {
        session: Session::new(settings),
        timeout: Some(time),
        memory: Arc::new(RunMemory::new(Some(all))),
        ..standard
    };
    let stop = setup.stop.clone();
    let examples = match &args.dir {
        None => Examples::default(),
        Some(dir) => {
            let folder = Path::new(dir);
            anyhow::ensure!(folder.exists(), "{dir}: there is no such folder");
            anyhow::ensure!(folder.is_dir(), "{dir}: it is no folder");
            let mut found = Vec::new();
            for test in find(std::slice::from_ref(dir), &stop).take(MOST_EXAMPLES) {
                match test {
                    Found::Test(source) => found.push(source),
                    Found::Error(error) => anyhow::bail!("{error}"),
                }
            }
            Examples::of(folder, found).with_context(|| format!("{dir}: cannot be found"))?
        }
    };
    let listener = TcpListener::bind(args.listen)
        .with_context(|| format!("{} cannot be listened to", args.listen))?;
    let address = listener.local_addr().context("the address is not known")?;
    if !address.ip().is_loopback() {
        output::complain("warning: everybody who can reach this address can have tests run here");
    }
    stop_on(&stop, None)?;
    output::print(&format!("http://{address}/\n"))?;
    let largest = args.request_size as usize * 1024;
    let config = Config { setup, time, largest, at_once, examples };
    answer_all(&listener, config, &stop).context("connections cannot be accepted")?;
    Ok(Outcome::AsExpected)
}
