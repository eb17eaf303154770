//! What mapping tables are worth: sound or not, too strong or not, and how many instructions they cost.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rvlitmus_core::litmus::visible_lines;
use rvlitmus_core::model::{BaseModel, Model};
use rvlitmus_port::check::{Checker, Source, State, Target, shown, size};
use rvlitmus_port::lattice::Judged;
use rvlitmus_port::{Construct, Map, Size};

use crate::results::counted;
use crate::run::Ported;

/// What was found out of maps.
#[derive(Debug)]
pub struct PortRecord {
    tests: usize,
    columns: Vec<Column>,
}

/// A map under a model.
#[derive(Debug)]
struct Column {
    map: Map,
    model: Model,
    /// Tests whose states are those of the source.
    equal: usize,
    unsound: usize,
    stronger: usize,
    /// Tests that could not be checked, and why the first could not.
    unknown: usize,
    why: Option<String>,
    smallest_unsound: Option<Example>,
    smallest_stronger: Option<Example>,
    uses: BTreeMap<(Construct, &'static str), usize>,
}

/// A test that shows something.
#[derive(Debug)]
struct Example {
    size: (usize, usize, usize),
    path: String,
    /// Others of that size.
    others: Vec<String>,
    source: Source,
    target: Target,
}

impl PortRecord {
    /// Of these maps nothing is known yet.
    #[must_use]
    pub fn new(maps: &[(Map, Model)]) -> PortRecord {
        let column = |(map, model): &(Map, Model)| Column {
            map: map.clone(),
            model: model.clone(),
            equal: 0,
            unsound: 0,
            stronger: 0,
            unknown: 0,
            why: None,
            smallest_unsound: None,
            smallest_stronger: None,
            uses: BTreeMap::new(),
        };
        PortRecord { tests: 0, columns: maps.iter().map(column).collect() }
    }

    /// Adds a test.
    pub fn add(&mut self, path: &str, ported: Ported) {
        self.tests += 1;
        let Ported { origin, targets } = ported;
        for (column, target) in self.columns.iter_mut().zip(targets) {
            match target {
                Err(why) => {
                    column.unknown += 1;
                    column.why.get_or_insert_with(|| format!("{path}: {why}"));
                }
                Ok(target) => column.add(path, &origin, target),
            }
        }
    }

    /// Notes tests of which nothing is known, for any map.
    pub fn leave_out(&mut self, tests: usize) {
        self.columns.iter_mut().for_each(|column| column.unknown += tests);
    }

    /// How often something is unsound.
    #[must_use]
    pub fn unsound(&self) -> usize {
        self.columns.iter().map(|column| column.unsound).sum()
    }

    /// How often nothing is known.
    #[must_use]
    pub fn unknown(&self) -> usize {
        self.columns.iter().map(|column| column.unknown).sum()
    }

    /// For people.
    #[must_use]
    pub fn text(&self, checker: &Checker) -> String {
        let mut out = String::new();
        self.verdicts(&mut out);
        for column in &self.columns {
            column.examples(checker, &mut out);
        }
        self.constructs(&mut out);
        self.saved(&mut out);
        out
    }

    fn verdicts(&self, out: &mut String) {
        let names = self.columns.iter().map(|column| column.map.name.len());
        let width = names.max().unwrap_or(0).max(3);
        let _ = writeln!(
            out,
            "{:width$}  {:8}  {:>7}  {:>7}  {:>8}  {:>7}  verdict",
            "map", "model", "unsound", "equal", "stronger", "unknown"
        );
        for column in &self.columns {
            let Column { map, model, equal, unsound, stronger, unknown, .. } = column;
            let verdict = match (*unsound, *unknown) {
                (0, 0) if self.tests == 0 => "no test",
                (0, 0) => "sound",
                (0, _) => "not decided",
                _ => "UNSOUND",
            };
            let _ = writeln!(
                out,
                "{:width$}  {:8}  {unsound:>7}  {equal:>7}  {stronger:>8}  {unknown:>7}  {verdict}",
                map.name,
                model.to_string()
            );
        }
        let _ = writeln!(
            out,
            "{} of x86. Unsound: the target reaches a state that x86-TSO forbids. Stronger: it lacks one.",
            counted(self.tests, "test")
        );
    }

    /// What each construct becomes, and how often it stands in the tests.
    fn constructs(&self, out: &mut String) {
        let mut maps: Vec<&Column> = Vec::new();
        for column in &self.columns {
            if maps.iter().all(|known| known.map != column.map) {
                maps.push(column);
            }
        }
        out.push_str(
            "\nWhat constructs become (32 bits): instructions, fences among them, bytes\n",
        );
        let _ = write!(out, "{:9}{:>8}", "", "uses");
        for column in &maps {
            let _ = write!(out, "  {:>22}", column.map.name);
        }
        out.push('\n');
        for construct in Construct::ALL {
            let uses = maps.first().map_or(0, |column| column.used(construct));
            let _ = write!(out, "{construct:9}{uses:>8}");
            for column in &maps {
                let size = column.map.template(construct, "w").map(|template| template.size);
                let _ = write!(out, "  {:>22}", size.map_or_else(String::new, sized));
            }
            out.push('\n');
        }
        let _ = write!(out, "{:9}{:>8}", "all", "");
        for column in &maps {
            let _ = write!(out, "  {:>22}", sized(column.total()));
        }
        out.push('\n');
    }

    /// RVWMO beside Ztso, each by the first of its sound maps.
    fn saved(&self, out: &mut String) {
        let of = |base: BaseModel| {
            let sound = |column: &&Column| column.unsound + column.unknown == 0;
            self.columns.iter().filter(sound).find(|column| column.model.base() == base)
        };
        let (Some(weak), Some(ztso)) = (of(BaseModel::Rvwmo), of(BaseModel::Ztso)) else { return };
        let (of_weak, of_ztso) = (weak.total(), ztso.total());
        let less = |weak: u64, ztso: u64| match weak {
            0 => "0 %".to_owned(),
            weak => format!("{:.0} %", 100.0 * (weak as f64 - ztso as f64) / weak as f64),
        };
        let _ = writeln!(
            out,
            "\nWhat Ztso saves: {} instead of {} (`{}` beside `{}`): {} fewer fences, {} fewer bytes",
            sized(of_ztso),
            sized(of_weak),
            ztso.map.name,
            weak.map.name,
            less(of_weak.fences as u64, of_ztso.fences as u64),
            less(of_weak.bytes, of_ztso.bytes)
        );
    }
}

/// `3 (1) 12 B`
fn sized(Size { instructions, fences, bytes }: Size) -> String {
    format!("{instructions} ({fences}) {bytes} B")
}

impl Column {
    fn add(&mut self, path: &str, source: &Source, target: Target) {
        for (key, uses) in &target.lowered.uses {
            *self.uses.entry(*key).or_default() += uses;
        }
        let place = match (target.more.is_empty(), target.fewer.is_empty()) {
            (true, true) => {
                self.equal += 1;
                return;
            }
            (false, _) => {
                self.unsound += 1;
                &mut self.smallest_unsound
            }
            (true, false) => {
                self.stronger += 1;
                &mut self.smallest_stronger
            }
        };
        let (size, path) = (size(source, &target.lowered), path.to_owned());
        match place {
            Some(known) if known.size < size => {}
            Some(known) if known.size == size => known.others.push(path),
            place => {
                let (source, others) = (source.clone(), Vec::new());
                *place = Some(Example { size, path, others, source, target });
            }
        }
    }

    fn used(&self, construct: Construct) -> usize {
        self.uses.iter().filter(|((c, _), _)| *c == construct).map(|(_, uses)| uses).sum()
    }

    /// The size of all that constructs become in the tests.
    fn total(&self) -> Size {
        let mut total = Size::default();
        for ((construct, width), uses) in &self.uses {
            if let Some(template) = self.map.template(*construct, width) {
                total.instructions += uses * template.size.instructions;
                total.fences += uses * template.size.fences;
                total.bytes += *uses as u64 * template.size.bytes;
            }
        }
        total
    }

    fn examples(&self, checker: &Checker, out: &mut String) {
        let Column { map, model, .. } = self;
        if let Some(example) = &self.smallest_unsound {
            let _ = writeln!(
                out,
                "\n{} under {model} is unsound on {}; the smallest is {}{}:",
                map.name,
                counted(self.unsound, "test"),
                example.path,
                example.others()
            );
            if let Some(state) = example.target.more.first() {
                let why = checker.forbidden_by_source(&example.source, state);
                example.print("x86-tso forbids it", state, why, out);
            }
        }
        if let Some(example) = &self.smallest_stronger {
            let _ = writeln!(
                out,
                "\n{} under {model} is stronger than x86-TSO on {}; the smallest is {}{}:",
                map.name,
                counted(self.stronger, "test"),
                example.path,
                example.others()
            );
            if let Some(state) = example.target.fewer.first() {
                let Example { source, target, .. } = example;
                let why = checker.forbidden_by_target(source, target, model, state);
                example.print("x86-tso allows it, the target does not", state, why, out);
            }
        }
        if let Some(why) = &self.why {
            let _ = writeln!(
                out,
                "\n{} under {model} is not known of {}; the first is {}",
                map.name,
                counted(self.unknown, "test"),
                visible_lines(why)
            );
        }
    }
}

impl Example {
    /// `, and as small MP, S and 3 more`
    fn others(&self) -> String {
        const MOST: usize = 5;
        let name = |path: &String| {
            let file = path.rsplit('/').next().unwrap_or(path);
            file.strip_suffix(".litmus").unwrap_or(file).to_owned()
        };
        let mut names: Vec<String> = self.others.iter().map(name).collect();
        names.sort();
        names.dedup();
        let more = names.len().saturating_sub(MOST);
        names.truncate(MOST);
        match (names.is_empty(), more) {
            (true, _) => String::new(),
            (false, 0) => format!(" (and as small: {})", names.join(", ")),
            (false, more) => format!(" (and as small: {} and {more} more)", names.join(", ")),
        }
    }

    fn print(&self, what: &str, state: &State, why: Option<String>, out: &mut String) {
        let state = shown(&self.source, state);
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        let _ = writeln!(out, "    {}", visible_lines(&state));
        let _ = writeln!(out, "    {what}{}", visible_lines(&why));
        for line in self.target.lowered.text.lines().filter(|line| line.ends_with(';')) {
            if line.starts_with(' ') {
                let _ = writeln!(out, "    {}", visible_lines(line));
            }
        }
    }
}

/// The maps of the lattice that are sound on tests of these names, for people.
#[must_use]
pub fn search_text(judged: &[Judged], tests: &[String]) -> String {
    let mut out = String::new();
    let sound: Vec<&Judged> = judged.iter().filter(|it| it.broken.is_none()).collect();
    let minimal = sound.iter().filter(|it| it.minimal).count();
    let _ = writeln!(
        out,
        "{} for RVWMO on {}: {} sound, {minimal} of them minimal\n",
        counted(judged.len(), "map"),
        counted(tests.len(), "test"),
        sound.len()
    );
    for it in sound {
        let mark = if it.minimal { "minimal  " } else { "         " };
        let _ = writeln!(out, "{mark}{}", it.point.text());
    }
    let mut broken: BTreeMap<&str, usize> = BTreeMap::new();
    for test in judged.iter().filter_map(|it| it.broken) {
        *broken.entry(&tests[test]).or_default() += 1;
    }
    if !broken.is_empty() {
        out.push_str("\nWhat breaks the others\n");
    }
    for (test, maps) in broken {
        let _ = writeln!(out, "{maps:>6}  {}", visible_lines(test));
    }
    out
}
