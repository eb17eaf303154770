//! All programs of some size, one after the other: small ones, and the oracle of the tests.

use std::collections::BTreeSet;

use super::Alphabet;
use crate::program::{Access, Dep, Program, Step};

/// Every program of so many operations and at most so many harts, each class once. `annotated` says whether
/// annotations are tried, too.
pub(super) fn programs(
    alphabet: &Alphabet,
    operations: usize,
    harts: usize,
    locations: usize,
    annotated: bool,
) -> BTreeSet<Program> {
    let kinds = alphabet.accesses(annotated);
    let mut search = Search { alphabet, kinds, harts, locations, found: BTreeSet::new() };
    search.extend(&mut Program { harts: vec![Vec::new()] }, operations);
    search.found
}

struct Search<'a> {
    alphabet: &'a Alphabet,
    kinds: Vec<Access>,
    harts: usize,
    locations: usize,
    found: BTreeSet<Program>,
}

impl Search<'_> {
    fn extend(&mut self, program: &mut Program, operations: usize) {
        if operations == 0 {
            if is_written(program) {
                self.found.insert(program.canonical());
            }
            return;
        }
        let last = program.harts.len() - 1;
        if !program.harts[last].is_empty() && program.harts.len() < self.harts {
            program.harts.push(Vec::new());
            self.access(program, operations);
            program.harts.pop();
        }
        self.access(program, operations);
        if program.harts[last].last().is_some_and(|step| step.access().is_some()) {
            for fence in self.alphabet.fences() {
                program.harts[last].push(Step::Fence(*fence));
                self.access(program, operations);
                program.harts[last].pop();
            }
        }
    }

    fn access(&mut self, program: &mut Program, operations: usize) {
        let hart = program.harts.len() - 1;
        let known = program.locations();
        for index in 0..self.kinds.len() {
            let cost = self.kinds[index].op.operations();
            if cost > operations {
                continue;
            }
            for location in 0..(known + 1).min(self.locations) {
                let access = Access { location, ..self.kinds[index].clone() };
                let deps = match self.alphabet.deps {
                    true => dependencies(&program.harts[hart], &access),
                    false => vec![None],
                };
                for dep in deps {
                    program.harts[hart].push(Step::Access(Access { dep, ..access.clone() }));
                    self.extend(program, operations - cost);
                    program.harts[hart].pop();
                }
            }
        }
    }
}

/// What an access behind these steps can depend on, and that it depends on nothing.
pub(super) fn dependencies(before: &[Step], access: &Access) -> Vec<Option<(Dep, usize)>> {
    let sources = before.iter().filter_map(Step::access).enumerate();
    let mut all = vec![None];
    for (source, _) in sources.filter(|(_, earlier)| earlier.op.reads()) {
        all.extend([Some((Dep::Addr, source)), Some((Dep::Ctrl, source))]);
        if access.op.writes() {
            all.push(Some((Dep::Data, source)));
        }
    }
    all
}

/// Is every location written, and accessed more than once if there are several harts?
fn is_written(program: &Program) -> bool {
    (0..program.locations()).all(|location| {
        let mut own = program.accesses().filter(|access| access.location == location);
        own.any(|access| access.op.writes())
            && (program.harts.len() == 1 || program.is_shared(location))
    })
}
