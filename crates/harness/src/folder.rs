//! The folder that a C compiler builds: the runtime, a file for each test, a Makefile and a README.

use std::fmt::Write as _;

use crate::HardwareTest;
use crate::ctext::string;

/// Parts of the program that are the same for all tests.
const RUNTIME: [(&str, &str); 11] = [
    ("rvlitmus.h", include_str!("../runtime/rvlitmus.h")),
    ("main.c", include_str!("../runtime/main.c")),
    ("states.c", include_str!("../runtime/states.c")),
    ("layout.c", include_str!("../runtime/layout.c")),
    ("team.c", include_str!("../runtime/team.c")),
    ("together.c", include_str!("../runtime/together.c")),
    ("perpetual.c", include_str!("../runtime/perpetual.c")),
    ("settings.c", include_str!("../runtime/settings.c")),
    ("isa.c", include_str!("../runtime/isa.c")),
    ("log.c", include_str!("../runtime/log.c")),
    ("cost.c", include_str!("../runtime/cost.c")),
];
const GUEST_C: &str = include_str!("../runtime/guest.c");
const NO_GUEST_C: &str = include_str!("../runtime/no_guest.c");
const GUEST_SCRIPT: &str = include_str!("../runtime/guest.sh");
const MAKEFILE: &str = include_str!("../runtime/Makefile.in");
const README: &str = include_str!("../runtime/README.in");
const README_GUEST: &str = include_str!("../runtime/README-guest.in");

/// Where the program runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// In a Linux system, on hardware or in an emulator of programs.
    Linux,
    /// As the first process of a guest that KVM runs, or an emulator.
    KvmGuest,
}

/// What is written: tests and what the program does with them.
#[derive(Clone, Debug)]
pub struct Folder<'t> {
    /// The tests, in the order in which they run.
    pub tests: &'t [HardwareTest],
    /// Where the program runs.
    pub target: Target,
    /// Seconds for all tests where nothing else is asked for.
    pub seconds: u32,
    /// Tests that were asked for and are not there: names and reasons.
    pub left_out: &'t [(String, String)],
}

/// The first line of every file but a script, behind the characters that begin a comment.
const MARK: &str = "Written by `rvlitmus emit`.";

impl Folder<'_> {
    /// Is it a file that a folder has, to judge by its beginning?
    #[must_use]
    pub fn holds(head: &str) -> bool {
        head.lines().take(2).any(|line| {
            let text = line.trim_start_matches(['/', '*', '#', ' ', '<', '!', '-']);
            text.trim_end_matches([' ', '-', '>', '*', '/']) == MARK
        })
    }

    /// The files by their names, those of tests in a folder of their own.
    #[must_use]
    pub fn files(&self) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> =
            RUNTIME.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        files.push(match self.target {
            Target::Linux => ("no_guest.c".to_owned(), NO_GUEST_C.to_owned()),
            Target::KvmGuest => ("guest.c".to_owned(), GUEST_C.to_owned()),
        });
        if self.target == Target::KvmGuest {
            files.push(("guest.sh".to_owned(), GUEST_SCRIPT.to_owned()));
        }
        let mut list = format!("/* {MARK} */\n#include \"rvlitmus.h\"\n\n");
        let mut names = Vec::new();
        for (number, test) in self.tests.iter().enumerate() {
            let name = format!("test{:04}", number + 1);
            let mut text = head(test);
            test.test.write(&mut text, &name, None);
            names.push(name.clone());
            for (number, mutant) in test.mutants.iter().enumerate() {
                let own = format!("{name}_mutant{}", number + 1);
                mutant.write(&mut text, &own, Some(&name));
                names.push(own);
            }
            files.push((format!("tests/{}", file_name(number + 1, test.name())), text));
        }
        for name in &names {
            let _ = writeln!(list, "extern const struct test {name};");
        }
        let addresses: Vec<String> = names.iter().map(|name| format!("&{name}")).collect();
        let _ = writeln!(list, "\nconst struct test *const tests[] = {{");
        addresses.iter().for_each(|it| _ = writeln!(list, "\t{it},"));
        let _ = writeln!(list, "}};\nconst unsigned test_count = {};\n", names.len());
        let _ = writeln!(list, "const struct model models[] = {{");
        let models = self.tests.first().map_or(&[][..], |test| &test.models);
        for model in models {
            let (name, ztso, asked) = (string(&model.name), model.ztso, model.asked);
            let _ = writeln!(list, "\t{{ {name}, {ztso}, {asked} }},");
        }
        let _ = writeln!(list, "}};\nconst unsigned model_count = {};", models.len());
        let _ = writeln!(list, "const unsigned standard_seconds = {};", self.seconds);
        files.push(("tests.c".to_owned(), list));
        let sources = files.iter().map(|(name, _)| name.as_str()).filter(|it| it.ends_with(".c"));
        let sources: String = sources.map(|source| format!(" \\\n\t{source}")).collect();
        let makefile = MAKEFILE.replacen("\nOBJECTS", &format!("\nSOURCES ={sources}\nOBJECTS"), 1);
        files.push(("Makefile".to_owned(), makefile));
        files.push(("README.md".to_owned(), self.readme()));
        files
    }

    fn readme(&self) -> String {
        let mut text = README.to_owned();
        if self.target == Target::KvmGuest {
            text.push_str(README_GUEST);
        }
        let unchecked =
            || self.tests.iter().flat_map(|test| test.unchecked().map(move |it| (test.name(), it)));
        if unchecked().next().is_some() {
            text.push_str("\n## Not checked\n\n");
            for (name, (model, why)) in unchecked() {
                let _ = writeln!(text, "- `{name}` against {model}: {why}");
            }
        }
        if !self.left_out.is_empty() {
            text.push_str("\n## Tests that are not here\n\n");
            for (name, why) in self.left_out {
                let _ = writeln!(text, "- `{name}`: {why}");
            }
        }
        text
    }
}

/// The beginning of a test's file.
fn head(test: &HardwareTest) -> String {
    let columns = test.test.columns();
    format!(
        "/* {MARK}\n *\n * {}\n{columns} */\n#include \"rvlitmus.h\"\n",
        crate::ctext::comment(test.name())
    )
}

/// `0012-MP-po-addr.c`
fn file_name(number: usize, name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = name.chars().take(48).map(plain).collect();
    format!("{number:04}-{name}.c")
}
