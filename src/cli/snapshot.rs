//! `rvlitmus snapshot`: reviewed answers as text, written and compared.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use super::args::{SnapshotArgs, SnapshotCommand};
use super::collect::{Collected, collect};
use super::exit::Outcome;
use super::github::{Level, annotation};
use super::output::Outputs;
use super::{output, plan};
use crate::compare::snapshot::{
    Change, ChangeKind, SnapshotEntry, changes, is_snapshot, read_folder, write_folder,
};
use crate::report::undecided;
use crate::results::{Tally, counted, shown_path};
use rvlitmus_core::litmus::visible;

/// Writes or compares as the arguments say.
pub(super) fn snapshot(command: &SnapshotCommand) -> anyhow::Result<Outcome> {
    match command {
        SnapshotCommand::Check(args) => check(args),
        SnapshotCommand::Update(args) => update(args),
    }
}

/// What the tests come to today.
struct Current {
    /// The names of the models that every test is run under.
    models: Vec<Arc<str>>,
    /// The answers by folder.
    folders: BTreeMap<String, Vec<SnapshotEntry>>,
    tally: Tally,
    /// How many arguments name no test.
    troubles: usize,
    /// How many tests a limit ended.
    unfinished: usize,
}

impl Current {
    /// # Errors
    /// The tests cannot be run, or the run was interrupted.
    fn new(args: &SnapshotArgs) -> anyhow::Result<Current> {
        if !Path::new(&args.dir).is_dir() {
            anyhow::bail!("{} is no directory", args.dir);
        }
        let mut setup = plan::setup(&args.models.model, &args.semantics, &args.limits, true)?;
        let cache = plan::cache(&args.batch, &mut setup)?;
        let threads = args.limits.jobs.map_or(0, usize::from);
        let mut folders: BTreeMap<String, Vec<SnapshotEntry>> = BTreeMap::new();
        let tests = [args.dir.clone()];
        let deadline = args.batch.deadline.map(Duration::from_secs_f64);
        let Collected { tally, troubles } = collect(&tests, &setup, threads, deadline, |report| {
            let (folder, file) = report.path.rsplit_once('/').unwrap_or(("", &report.path));
            folders.entry(folder.to_owned()).or_default().push(SnapshotEntry::of(&report, file));
        })?;
        if let Some(cache) = cache {
            output::complain(&cache.summary());
        }
        let models = setup.session.settings().models.iter().map(|model| model.name().clone());
        let unfinished = folders.values().flatten().filter(|entry| entry.unfinished()).count();
        Ok(Current { models: models.collect(), folders, tally, troubles, unfinished })
    }

    /// The outcome, where so many answers differ from the reviewed ones.
    fn outcome(&self, differences: usize) -> Outcome {
        // The status of a test is that of one machine: on another a limit may have ended it.
        Outcome::of_review(&self.tally, self.troubles + self.unfinished, differences)
    }
}

fn update(args: &SnapshotArgs) -> anyhow::Result<Outcome> {
    let mut current = Current::new(args)?;
    if current.troubles > 0 || current.tally.tests() == 0 {
        let why =
            if current.folders.is_empty() { "no test was" } else { "not every test could be" };
        output::complain(&format!("{} is left as it is: {why} found", shown_path(&args.snapshots)));
        return Ok(Outcome::NotRun);
    }
    if current.unfinished > 0 {
        let stay = keep_reviewed(&mut current.folders, &reviewed(&args.snapshots)?);
        output::complain(&format!(
            "{} of tests that were not finished: kept",
            counted(stay, "reviewed answer")
        ));
    }
    let models: Vec<&str> = current.models.iter().map(|name| &**name).collect();
    let (mut kept, mut changed) = (Vec::new(), Vec::new());
    let mut outputs =
        Outputs::new(&args.force).reads_tests(std::slice::from_ref(&args.dir), &Arc::default());
    for (folder, entries) in &current.folders {
        let path = path_of(&args.snapshots, folder);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .with_context(|| format!("{} cannot be made", shown_path(parent)))?;
        }
        let text = write_folder(&shown(folder), &models, entries);
        if !path.is_file() || fs::read_to_string(&path).ok().as_deref() != Some(&text) {
            changed.push((outputs.place(Some(&path))?, text));
        }
        kept.push(path);
    }
    for (out, text) in changed {
        out.write_whole(text.as_bytes())?;
    }
    let written = snapshots(&args.snapshots)?.into_iter().map(|(path, _)| path);
    for stale in written.filter(|path| !kept.contains(path)) {
        fs::remove_file(&stale)
            .with_context(|| format!("{} cannot be removed", shown_path(&stale)))?;
    }
    Ok(current.outcome(0))
}

fn check(args: &SnapshotArgs) -> anyhow::Result<Outcome> {
    let mut current = Current::new(args)?;
    let reviewed = reviewed(&args.snapshots)?;
    for folder in reviewed.keys() {
        current.folders.entry(folder.clone()).or_default();
    }
    let (mut differences, mut unfinished) = (0, 0);
    let mut text = String::new();
    for (folder, entries) in &current.folders {
        let known = reviewed.get(folder).map(Vec::as_slice).unwrap_or_default();
        for change in changes(known, entries) {
            text += &change_text(args, folder, &change);
            match change.kind {
                ChangeKind::Unfinished => unfinished += 1,
                _ => differences += 1,
            }
        }
    }
    if current.tally.tests() == 0 {
        output::complain(&format!("no test was found in {}", args.dir));
        return Ok(Outcome::NotRun);
    }
    let outcome = current.outcome(differences);
    let not_run = current.tally.failed();
    if not_run > 0 {
        text += &format!("{} not run, or not to the end\n", counted(not_run, "test"));
    }
    if current.tally.undecided > 0 {
        text += &format!("{}\n", undecided(&current.tally));
    }
    if text.is_empty() {
        text = format!("{}: as reviewed\n", counted(current.tally.tests(), "test"));
    }
    if unfinished > 0 {
        text += &format!(
            "{} not compared, because limits ended the tests: raise --timeout or --memory\n",
            counted(unfinished, "reviewed answer")
        );
    }
    if differences > 0 {
        text += &format!(
            "{} to {}; if they are right, accept them with\n  {}\n",
            counted(differences, "difference"),
            shown_path(&args.snapshots),
            accept(),
        );
    }
    output::print_known(&text, outcome)
}

/// The reviewed answers by folder.
fn reviewed(dir: &Path) -> anyhow::Result<BTreeMap<String, Vec<SnapshotEntry>>> {
    let mut reviewed = BTreeMap::new();
    for (path, text) in snapshots(dir)? {
        let entries =
            read_folder(&text).with_context(|| format!("{} is no snapshot", shown_path(&path)))?;
        reviewed.insert(folder_of(dir, &path), entries);
    }
    Ok(reviewed)
}

/// Puts the reviewed answer in the place of each new entry that a limit cut short, and returns how often.
fn keep_reviewed(
    folders: &mut BTreeMap<String, Vec<SnapshotEntry>>,
    reviewed: &BTreeMap<String, Vec<SnapshotEntry>>,
) -> usize {
    let mut kept = 0;
    for (folder, entries) in folders {
        let known = reviewed.get(folder).map(Vec::as_slice).unwrap_or_default();
        for entry in entries.iter_mut().filter(|entry| entry.unfinished()) {
            let before = known.iter().find(|known| known.file == entry.file);
            if let Some(before) = before.filter(|before| !before.unfinished()) {
                entry.clone_from(before);
                kept += 1;
            }
        }
    }
    kept
}

/// Puts a change in words, and with `--github` in an annotation too.
fn change_text(args: &SnapshotArgs, folder: &str, change: &Change) -> String {
    let inside = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut text = format!("{}\n", visible(&format!("{inside}{change}")));
    if args.github {
        let title = match change.kind {
            ChangeKind::NewTest => "new test",
            ChangeKind::VanishedTest => "test vanished",
            ChangeKind::Incomplete => "answer incomplete",
            ChangeKind::Unfinished => "test not finished",
            ChangeKind::NowAllowed => "outcome now allowed",
            ChangeKind::NoLongerAllowed => "outcome no longer allowed",
            ChangeKind::Text => "answer changed",
        };
        let file = Path::new(&args.dir).join(format!("{inside}{}", change.file));
        text += &annotation(Level::Error, &file, None, title, &change.what);
    }
    text
}

/// The command line of this process with `update` instead of `check`.
fn accept() -> String {
    let mut words: Vec<String> = std::env::args().collect();
    if let Some(word) = words.iter_mut().find(|word| *word == "check") {
        "update".clone_into(word);
    }
    if let Some(program) = words.first_mut() {
        "rvlitmus".clone_into(program);
    }
    words.retain(|word| word != "--github");
    let quoted = words.iter().map(|word| {
        let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./=,@+".contains(c));
        if plain { word.clone() } else { format!("'{}'", word.replace('\'', r"'\''")) }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// The name of the snapshot of the folder of tests itself, which has none of its own.
const TOP: &str = "(top)";

/// What the head of a snapshot calls its folder.
fn shown(folder: &str) -> Cow<'_, str> {
    if folder.is_empty() { TOP.into() } else { visible(folder) }
}

/// The snapshot of a folder. No two folders share one, whatever they are called: a name that is already
/// meant otherwise has its first sign, or the point of its ending, written as `%28` and `%2E`.
fn path_of(snapshots: &Path, folder: &str) -> PathBuf {
    let name = match folder {
        "" => TOP.to_owned(),
        _ => folder.replace('%', "%25").replace(".txt/", "%2Etxt/"),
    };
    let name = match name.strip_prefix('(') {
        Some(rest) if folder == TOP => format!("%28{rest}"),
        _ => name,
    };
    snapshots.join(name + ".txt")
}

fn folder_of(snapshots: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(snapshots).unwrap_or(path).with_extension("");
    match &*inside.to_string_lossy() {
        TOP => String::new(),
        name => name.replace("%28", "(").replace("%2E", ".").replace("%25", "%"),
    }
}

/// Finds all snapshots below a directory, sorted, with their text; none if it is not there.
fn snapshots(dir: &Path) -> anyhow::Result<Vec<(PathBuf, String)>> {
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(dir).sort_by_file_name() {
        let path =
            entry.with_context(|| format!("{} cannot be listed", shown_path(dir)))?.into_path();
        if path.extension().is_some_and(|extension| extension == "txt") && path.is_file() {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("{} cannot be read", shown_path(&path)))?;
            if is_snapshot(&text) {
                found.push((path, text));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_has_a_snapshot_of_its_own() {
        let folders = [
            "",
            "(top)",
            "%28top)",
            "%2528top)",
            "a",
            "a.b",
            "a.txt",
            "a.txt/b",
            "a%2Etxt/b",
            "a/b",
            "a/(top)",
            "(top)/a",
            "a\n",
            "a%",
            "a%25",
            "(",
            "%28",
        ];
        let dir = Path::new("s");
        let mut paths: Vec<PathBuf> = folders.iter().map(|folder| path_of(dir, folder)).collect();
        for (folder, path) in folders.iter().zip(&paths) {
            assert_eq!(folder_of(dir, path), *folder, "{}", path.display());
        }
        assert_eq!(paths[..6][4..], [dir.join("a.txt"), dir.join("a.b.txt")]);
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), folders.len());
        // None is the folder of another.
        assert!(!paths.iter().any(|path| paths.iter().any(|other| other.parent() == Some(path))));
    }
}
