//! Every program of x86 up to a number of accesses: `mov` to and from memory, `xchg`, and `mfence` between.
//!
//! Left out is what cannot tell a map from another. An access that conflicts with none of another hart can be taken
//! out of any execution that a source forbids. An `mfence` that has no store above it or no load below it orders
//! nothing, in the source and in the target. What differs in the names of harts and locations only is one program.

use std::fmt::Write as _;

/// What an access does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Kind {
    Load,
    Store,
    Swap,
}

const KINDS: [Kind; 3] = [Kind::Load, Kind::Store, Kind::Swap];

impl Kind {
    const fn writes(self) -> bool {
        !matches!(self, Kind::Load)
    }

    const fn reads(self) -> bool {
        !matches!(self, Kind::Store)
    }
}

/// An access, and whether an `mfence` stands before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Access {
    kind: Kind,
    location: u8,
    fenced: bool,
}

/// A program.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Program(Vec<Vec<Access>>);

impl Program {
    /// As a test. Every store writes another value, and all that is read or written is observed.
    #[must_use]
    pub fn text(&self) -> String {
        const REGISTERS: [&str; 8] = ["EAX", "EBX", "ECX", "EDX", "ESI", "EDI", "EBP", "ESP"];
        let name = |location: u8| char::from(b'x' + location % 3);
        let mut columns: Vec<Vec<String>> = Vec::new();
        let (mut init, mut observed) = (String::new(), Vec::new());
        let mut value = 0;
        for (hart, accesses) in self.0.iter().enumerate() {
            let (mut column, mut used) = (vec![format!("P{hart}")], 0);
            for access in accesses {
                if access.fenced {
                    column.push("MFENCE".into());
                }
                let at = match access.location {
                    location @ 0..3 => name(location).to_string(),
                    location => format!("{}{}", name(location), location / 3),
                };
                let register = REGISTERS[used];
                if access.kind.reads() {
                    observed.push(format!("{hart}:{register}"));
                    used += 1;
                }
                if access.kind.writes() {
                    value += 1;
                }
                column.push(match access.kind {
                    Kind::Load => format!("MOV {register},[{at}]"),
                    Kind::Store => format!("MOV [{at}],${value}"),
                    Kind::Swap => {
                        let _ = write!(init, "{hart}:{register}={value}; ");
                        format!("XCHG [{at}],{register}")
                    }
                });
            }
            columns.push(column);
        }
        let locations = self.0.iter().flatten().map(|access| access.location).max().unwrap_or(0);
        for location in 0..=locations {
            let at = match location {
                0..3 => name(location).to_string(),
                _ => format!("{}{}", name(location), location / 3),
            };
            let writes = self.0.iter().flatten().filter(|a| a.location == location);
            if writes.filter(|a| a.kind.writes()).count() > 1 {
                observed.push(at);
            }
        }
        let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
        let mut text = format!("X86 {self}\n{{ {init}}}\n");
        for row in 0..rows {
            let cells: Vec<&str> =
                columns.iter().map(|column| column.get(row).map_or("", String::as_str)).collect();
            let _ = writeln!(text, " {} ;", cells.join(" | "));
        }
        let _ = writeln!(text, "locations [{};]", observed.join("; "));
        text.push_str("exists (true)\n");
        text
    }
}

/// `W0.R1+W1.F.R0`
impl std::fmt::Display for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (hart, accesses) in self.0.iter().enumerate() {
            f.write_str(if hart == 0 { "" } else { "+" })?;
            for (index, access) in accesses.iter().enumerate() {
                let kind = match access.kind {
                    Kind::Load => 'R',
                    Kind::Store => 'W',
                    Kind::Swap => 'X',
                };
                let before = if index == 0 { "" } else { "." };
                let fence = if access.fenced { "F." } else { "" };
                write!(f, "{before}{fence}{kind}{}", access.location)?;
            }
        }
        Ok(())
    }
}

/// All programs of exactly so many accesses, in order.
#[must_use]
pub fn programs(accesses: usize) -> Vec<Program> {
    let mut found = Vec::new();
    for lengths in partitions(accesses) {
        // One hart alone does the same everywhere.
        if lengths.len() > 1 {
            fill(&lengths, &mut Vec::new(), &mut found);
        }
    }
    found.sort_unstable();
    found
}

/// Lengths of harts, longest first.
fn partitions(accesses: usize) -> Vec<Vec<usize>> {
    fn below(rest: usize, most: usize, so_far: &mut Vec<usize>, found: &mut Vec<Vec<usize>>) {
        if rest == 0 {
            found.push(so_far.clone());
        }
        for next in (1..=most.min(rest)).rev() {
            so_far.push(next);
            below(rest - next, next, so_far, found);
            so_far.pop();
        }
    }
    let mut found = Vec::new();
    below(accesses, accesses, &mut Vec::new(), &mut found);
    found
}

/// Adds accesses one after the other, locations in the order in which they first appear.
fn fill(lengths: &[usize], accesses: &mut Vec<Access>, found: &mut Vec<Program>) {
    let total: usize = lengths.iter().sum();
    if accesses.len() == total {
        let program = split(lengths, accesses);
        if all_conflict(&program) && is_canonical(&program) {
            fences(program, found);
        }
        return;
    }
    let known = accesses.iter().map(|access| access.location + 1).max().unwrap_or(0);
    for location in 0..=known {
        for kind in KINDS {
            accesses.push(Access { kind, location, fenced: false });
            fill(lengths, accesses, found);
            accesses.pop();
        }
    }
}

fn split(lengths: &[usize], accesses: &[Access]) -> Vec<Vec<Access>> {
    let mut rest = accesses;
    let hart = |length: &usize| {
        let (own, others) = rest.split_at(*length);
        rest = others;
        own.to_vec()
    };
    lengths.iter().map(hart).collect()
}

/// Does every access conflict with one of another hart?
fn all_conflict(harts: &[Vec<Access>]) -> bool {
    let all =
        || harts.iter().enumerate().flat_map(|(hart, own)| own.iter().map(move |a| (hart, a)));
    all().all(|(hart, access)| {
        all().any(|(other, with)| {
            other != hart
                && access.location == with.location
                && (access.kind.writes() || with.kind.writes())
        })
    })
}

/// Is it the least of those that differ in the names of harts and locations only?
fn is_canonical(harts: &[Vec<Access>]) -> bool {
    let mut order: Vec<usize> = (0..harts.len()).collect();
    let own = named(harts, &order);
    loop {
        if !next_permutation(&mut order) {
            return true;
        }
        // Harts stand by their length.
        let by_length = order.windows(2).all(|pair| harts[pair[0]].len() >= harts[pair[1]].len());
        if by_length && named(harts, &order) < own {
            return false;
        }
    }
}

/// The accesses in that order of harts, locations named as they appear.
fn named(harts: &[Vec<Access>], order: &[usize]) -> Vec<(Kind, u8)> {
    let mut names: Vec<u8> = Vec::new();
    let all = order.iter().flat_map(|hart| &harts[*hart]);
    all.map(|access| {
        let known = names.iter().position(|name| *name == access.location);
        let name = known.unwrap_or_else(|| {
            names.push(access.location);
            names.len() - 1
        });
        (access.kind, name as u8)
    })
    .collect()
}

fn next_permutation(order: &mut [usize]) -> bool {
    let Some(at) = (1..order.len()).rev().find(|at| order[at - 1] < order[*at]) else {
        return false;
    };
    let with = (at..order.len()).rev().find(|with| order[*with] > order[at - 1]).unwrap_or(at);
    order.swap(at - 1, with);
    order[at..].reverse();
    true
}

/// The program with every choice of fences that may order something.
fn fences(program: Vec<Vec<Access>>, found: &mut Vec<Program>) {
    let mut places = Vec::new();
    for (hart, accesses) in program.iter().enumerate() {
        for index in 1..accesses.len() {
            let (above, below) = accesses.split_at(index);
            let orders = above.iter().any(|a| a.kind == Kind::Store)
                && below.iter().any(|a| a.kind == Kind::Load);
            if orders {
                places.push((hart, index));
            }
        }
    }
    for choice in 0..1_u32 << places.len() {
        let mut program = program.clone();
        for (bit, (hart, index)) in places.iter().enumerate() {
            program[*hart][*index].fenced = choice >> bit & 1 != 0;
        }
        found.push(Program(program));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_of_few_accesses() {
        assert_eq!(programs(1).len(), 0);
        // A store or swap against any of three, in one location: W|R, W|W, W|X, X|R, X|X.
        assert_eq!(programs(2).len(), 5);
        let names: Vec<String> = programs(4).iter().map(ToString::to_string).collect();
        for known in ["W0.R1+W1.R0", "W0.F.R1+W1.F.R0", "R0.R1+W1.W0"] {
            assert!(names.iter().any(|name| name == known), "{known}");
        }
    }
}
