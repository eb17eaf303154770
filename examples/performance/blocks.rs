//! The blocks of the page.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

const PLOT: &str = "docs/families.svg";
const ONE: &str = "litmus/mp/MP.litmus";
const PUBLIC: &str = "../shared/corpus/riscv";
/// Tests whose exploration is shared out.
const LARGE: [(&str, u32); 2] = [("sb", 16), ("iriw", 12)];

/// The program that is measured, and how long a test may take.
pub(crate) struct Bench {
    pub(crate) program: PathBuf,
    pub(crate) seconds: String,
}

impl Bench {
    pub(crate) fn block(&self, name: &str) -> anyhow::Result<String> {
        match name {
            "machine" => machine(),
            "public corpus" if public().is_dir() => self.corpus(PUBLIC, &public()),
            "public corpus" => Ok("Not there when this page was made.".to_owned()),
            "own corpus" => self.corpus("litmus", Path::new("litmus")),
            "families" => self.families(),
            "threads" => self.threads(),
            "start" => self.start(),
            "size" => self.size(),
            other => bail!("there is no block `{other}`"),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).stdin(Stdio::null());
        command
    }

    /// The best of some runs on one thread and on two, with the figures of where the time went.
    fn corpus(&self, shown: &str, folder: &Path) -> anyhow::Result<String> {
        let mut text = String::new();
        for jobs in ["1", "2"] {
            let arguments =
                ["run", "--format", "jsonl", "--output", "/dev/null", "--stats", "--jobs", jobs];
            let run = || -> anyhow::Result<(Duration, Output)> {
                let start = Instant::now();
                let output = self.command(&arguments).arg(folder).output()?;
                Ok((start.elapsed(), output))
            };
            let (mut best, mut output) = run()?;
            for _ in 0..9 {
                let (time, again) = run()?;
                if time < best {
                    (best, output) = (time, again);
                }
            }
            let said = String::from_utf8(output.stderr)?;
            let from = said.find("CPU time of").with_context(|| said.clone())?;
            let _ = writeln!(
                text,
                "    $ rvlitmus {} {shown}\n{}",
                arguments.join(" "),
                indented(&said[from..])
            );
        }
        Ok(text)
    }

    fn families(&self) -> anyhow::Result<String> {
        let arguments = [
            "measure",
            "--seconds",
            &self.seconds,
            "--memory",
            "8192",
            "--format",
            "markdown",
            "--svg",
            PLOT,
        ];
        let output = self
            .command(&arguments)
            // Freed memory goes back at once, so that one test's is not hidden by the one before.
            .envs(["TRIM_THRESHOLD", "MMAP_THRESHOLD"].map(|n| (format!("MALLOC_{n}_"), "65536")))
            .env("MALLOC_TOP_PAD_", "0")
            .output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let tables = String::from_utf8(output.stdout)?;
        let (summary, tests) = tables.split_once("\n\n").context("two tables")?;
        Ok(format!(
            "    $ rvlitmus {}\n\n{summary}\n\n![Time of one test over n]({})\n\n\
             <details><summary>Every test</summary>\n\n{tests}\n</details>\n",
            arguments.join(" "),
            PLOT.trim_start_matches("docs/")
        ))
    }

    fn threads(&self) -> anyhow::Result<String> {
        let mut text = String::new();
        for (name, n) in LARGE {
            for jobs in ["1", "2"] {
                let n = n.to_string();
                let arguments = [
                    "measure",
                    name,
                    "--least",
                    &n,
                    "--most",
                    &n,
                    "--seconds",
                    "300",
                    "--memory",
                    "8192",
                    "--jobs",
                    jobs,
                ];
                let output = self.command(&arguments).output()?;
                ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                let said = String::from_utf8(output.stdout)?;
                let _ =
                    writeln!(text, "    $ rvlitmus {}\n{}", arguments.join(" "), indented(&said));
            }
        }
        Ok(text)
    }

    fn start(&self) -> anyhow::Result<String> {
        let mut times = Vec::new();
        for _ in 0..200 {
            let start = Instant::now();
            let status = self.command(&["run", ONE]).stdout(Stdio::null()).status()?;
            times.push(start.elapsed());
            ensure!(status.success(), "{ONE} ends with {status}");
        }
        times.sort_unstable();
        let ms = |time: Duration| format!("{:.2} ms", 1e3 * time.as_secs_f64());
        Ok(format!(
            "`rvlitmus run {ONE}`, from the start of the process to its end: best of {} {}, median {}.",
            times.len(),
            ms(times[0]),
            ms(times[times.len() / 2])
        ))
    }

    fn size(&self) -> anyhow::Result<String> {
        let bytes = std::fs::metadata(&self.program)?.len();
        let arguments = ["tree", "--edges", "normal", "--prefix", "none", "--no-dedupe"];
        let tree = |depth: &str| -> anyhow::Result<usize> {
            let output = Command::new("cargo").args(arguments).args(["--depth", depth]).output()?;
            let tree = String::from_utf8(output.stdout)?;
            let mut crates: Vec<&str> = tree
                .lines()
                .map(|l| l.trim_end_matches(" (*)"))
                .filter(|l| !l.is_empty())
                .collect();
            crates.sort_unstable();
            crates.dedup();
            Ok(crates.len() - 1)
        };
        Ok(format!(
            "The release binary has {:.2} MiB (`cargo build --release`, with symbols). It is made of {} \
             crates besides this one, {} of them named in `Cargo.toml`\n(`cargo {}`).",
            bytes as f64 / f64::from(1 << 20),
            tree("255")?,
            tree("1")?,
            arguments.join(" ")
        ))
    }
}

/// The public corpus, below `RVLITMUS_SHARED` or `../shared`.
fn public() -> PathBuf {
    match std::env::var_os("RVLITMUS_SHARED") {
        Some(shared) => Path::new(&shared).join("corpus/riscv"),
        None => PUBLIC.into(),
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

fn machine() -> anyhow::Result<String> {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let threads = std::thread::available_parallelism()?;
    let rustc = String::from_utf8(Command::new("rustc").arg("--version").output()?.stdout)?;
    Ok(format!(
        "Made on {}, {threads} hardware threads, with {}.",
        model.map_or(std::env::consts::ARCH, |(_, model)| model),
        rustc.trim()
    ))
}
