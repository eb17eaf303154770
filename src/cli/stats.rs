//! `--stats`: where the time of a run went.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::measure::table::{count, memory, time};
use crate::results::TestReport;
use crate::run::PhaseTimes;
use crate::run::usage::{peak_memory, process_time, thread_time};
use rvlitmus_core::litmus::visible;
use rvlitmus_core::session::Phase;

/// What one test adds.
#[derive(Debug)]
pub(super) struct TestStats {
    name: String,
    times: PhaseTimes,
    machines: Vec<Arc<str>>,
    states: u64,
}

impl TestStats {
    pub(super) fn of(report: &TestReport) -> TestStats {
        let machines = report.answer().map_or(&[][..], |answer| &answer.machines);
        TestStats {
            name: visible(&report.path).into_owned(),
            times: PhaseTimes::default(),
            machines: machines.iter().map(|machine| machine.id.clone()).collect(),
            states: machines.iter().map(|machine| machine.stats.work).sum(),
        }
    }

    pub(super) fn took(&mut self, times: PhaseTimes) {
        self.times = times;
    }
}

/// The figures of a run, collected on the thread that hands results on.
#[derive(Debug)]
pub(super) struct Stats {
    begun: Instant,
    process: Duration,
    thread: Duration,
    states: u64,
    /// The names of the machines that explorations are numbered by.
    machines: Vec<Arc<str>>,
    tests: Vec<(String, PhaseTimes)>,
}

impl Stats {
    /// Starts the clocks.
    pub(super) fn start() -> Stats {
        Stats {
            begun: Instant::now(),
            process: process_time(),
            thread: thread_time(),
            states: 0,
            machines: Vec::new(),
            tests: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, test: TestStats) {
        self.states += test.states;
        if test.machines.len() > self.machines.len() {
            self.machines = test.machines;
        }
        self.tests.push((test.name, test.times));
    }

    /// The table, for standard error. To be called on the thread that called [`Stats::start`].
    pub(super) fn table(&self) -> String {
        let used = Used {
            wall: self.begun.elapsed(),
            process: process_time().saturating_sub(self.process),
            thread: thread_time().saturating_sub(self.thread),
            threads: rayon::current_num_threads(),
            peak: peak_memory(),
        };
        self.table_of(&used)
    }

    fn table_of(&self, used: &Used) -> String {
        let mut table = Table { text: String::new(), all: used.process, slowest: Vec::new() };
        let tests = plural(self.tests.len(), "test");
        let threads = plural(used.threads, "thread");
        let wall = time(used.wall);
        let _ = writeln!(table.text, "CPU time of {tests} on {threads}, {wall} by the clock");
        table.row("", ["all", "share", "median", "p99", "slowest"]);
        let mut phases: Vec<Phase> =
            self.tests.iter().flat_map(|(_, times)| times.phases()).collect();
        phases.sort_unstable();
        phases.dedup();
        for phase in phases {
            table.phase(label(phase, &self.machines), &self.tests, |times| times.of(phase));
        }
        table.phase("a test".to_owned(), &self.tests, PhaseTimes::total);
        let tests: Duration = self.tests.iter().map(|(_, times)| times.total()).sum();
        let rest = used.process.saturating_sub(used.thread).saturating_sub(tests);
        table.part("find and write", used.thread);
        table.part("threads, help", rest);
        table.part("process", used.process);
        let Table { mut text, slowest, .. } = table;
        // Machines that are equal are explored once for each thread, so this says nothing of speed.
        let states = count(self.states);
        let _ = writeln!(text, "states branched on {states}, equal tests included");
        if let Some(peak) = used.peak {
            let _ = writeln!(text, "peak memory {}", memory(peak));
        }
        for (test, phases) in slowest {
            let _ = writeln!(text, "{}\n  {test}", slowest_in(&phases));
        }
        text
    }
}

/// What the process used from the start to the table.
struct Used {
    wall: Duration,
    process: Duration,
    /// Of the thread that finds tests and writes results.
    thread: Duration,
    /// That work on tests.
    threads: usize,
    peak: Option<u64>,
}

/// The table as it is written.
struct Table<'s> {
    text: String,
    /// What shares are of.
    all: Duration,
    /// The slowest tests, each with the phases that it is the slowest of.
    slowest: Vec<(&'s str, Vec<String>)>,
}

impl<'s> Table<'s> {
    fn row<S: AsRef<str>>(&mut self, name: &str, cells: [S; 5]) {
        let [all, share, median, p99, slowest] = cells.each_ref().map(AsRef::as_ref);
        let row = format!("  {name:15} {all:>9} {share:>7} {median:>9} {p99:>9} {slowest:>9}");
        let _ = writeln!(self.text, "{}", row.trim_end());
    }

    fn share(&self, part: Duration) -> String {
        match self.all.as_secs_f64() {
            all if all > 0.0 => format!("{:.1}%", 100.0 * part.as_secs_f64() / all),
            _ => "-".to_owned(),
        }
    }

    fn part(&mut self, name: &str, part: Duration) {
        self.row(name, [&time(part), &self.share(part), "", "", ""]);
    }

    /// A phase that took no time at all was not asked for.
    fn phase(
        &mut self,
        name: String,
        tests: &'s [(String, PhaseTimes)],
        figure: impl Fn(&PhaseTimes) -> Duration,
    ) {
        let mut times: Vec<(Duration, &str)> =
            tests.iter().map(|(test, times)| (figure(times), test.as_str())).collect();
        times.sort_unstable();
        let all: Duration = times.iter().map(|(time, _)| *time).sum();
        let at = |share: usize| {
            let index = times.len().saturating_sub(1) * share / 100;
            times.get(index).copied().unwrap_or_default()
        };
        let (slowest, test) = at(100);
        if slowest == Duration::ZERO {
            return;
        }
        let figures = [all, at(50).0, at(99).0, slowest].map(time);
        let [all, median, p99, slowest] = figures.each_ref();
        self.row(
            &name,
            [all, &self.share(times.iter().map(|(time, _)| *time).sum()), median, p99, slowest],
        );
        match self.slowest.iter_mut().find(|(known, _)| *known == test) {
            Some((_, phases)) => phases.push(name),
            None => self.slowest.push((test, vec![name])),
        }
    }
}

fn plural(number: usize, what: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {what}{ending}", count(number as u64))
}

fn label(phase: Phase, machines: &[Arc<str>]) -> String {
    match phase {
        Phase::Read => "read".into(),
        Phase::Parse => "parse".into(),
        Phase::Link => "link".into(),
        Phase::Compile => "compile".into(),
        Phase::Explore(machine) => {
            format!("explore {}", machines.get(machine).map_or("", |id| id))
        }
        Phase::Compare => "compare".into(),
        Phase::Explain => "explain".into(),
        Phase::Print => "print".into(),
    }
}

/// `slowest in parse, link, compile:`, in lines of at most 80 columns.
fn slowest_in(phases: &[String]) -> String {
    let mut text = "slowest in".to_owned();
    let mut column = text.len();
    for (index, phase) in phases.iter().enumerate() {
        let end = if index + 1 == phases.len() { ':' } else { ',' };
        column += phase.len() + 2;
        if column > 80 {
            text.push_str("\n   ");
            column = phase.len() + 5;
        }
        let _ = write!(text, " {phase}{end}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Setup;

    #[test]
    fn one_test_may_be_the_slowest_in_everything() {
        let phases = [Phase::Read, Phase::Parse, Phase::Link, Phase::Compile, Phase::Explore(0)];
        let phases = phases.into_iter().chain([
            Phase::Explore(1),
            Phase::Compare,
            Phase::Explain,
            Phase::Print,
        ]);
        let phases: Vec<String> =
            phases.map(|phase| label(phase, &["rvwmo".into(), "ztso".into()])).collect();
        let said = slowest_in(&phases);
        assert!(said.lines().count() > 1 && said.lines().all(|line| line.len() <= 80), "{said}");
        let words: Vec<&str> = said.split_whitespace().collect();
        assert_eq!(words.join(" "), format!("slowest in {}:", phases.join(", ")));
    }

    #[test]
    fn a_table_adds_up() {
        let mut stats = Stats::start();
        let setup = Setup { stats: true, ..Setup::default() };
        for number in 0..3 {
            let (_, times) = setup.measured(|| {
                setup.timed(Phase::Parse, || {
                    let start = thread_time();
                    while thread_time() < start + Duration::from_millis(1 + number) {}
                });
            });
            let times = *times.expect("it was asked for");
            let name = format!("{number}.litmus");
            stats.add(TestStats { name, times, machines: Vec::new(), states: 5 });
        }
        let table = stats.table();
        let rows: Vec<&str> = table.lines().filter_map(|l| l.get(2..17)).map(str::trim).collect();
        assert_eq!(rows[2..7], ["parse", "a test", "find and write", "threads, help", "process"]);
        assert!(table.starts_with("CPU time of 3 tests on "), "{table}");
        assert!(table.contains("states branched on 15, "), "{table}");
        assert!(table.ends_with("slowest in parse, a test:\n  2.litmus\n"), "{table}");
        assert!(table.lines().all(|line| line.len() <= 80), "{table}");
    }

    #[test]
    fn a_run_without_tests_has_a_table() {
        assert!(Stats::start().table().contains("CPU time of 0 tests on "));
    }
}
