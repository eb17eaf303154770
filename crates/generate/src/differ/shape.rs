//! Programs in short, and what their tests are called.

use crate::cycle::family_name;
use crate::program::{Access, AmoOp, Bytes, Dep, Op, Order, Program, Step, location_name};

impl Program {
    /// The program without fences that nothing stands before or behind.
    pub(super) fn trimmed(&self) -> Program {
        let is_access = |step: &Step| step.access().is_some();
        let trim = |hart: &Vec<Step>| {
            let first = hart.iter().position(is_access)?;
            let last = hart.iter().rposition(is_access)?;
            Some(hart[first..=last].to_vec())
        };
        Program { harts: self.harts.iter().filter_map(trim).collect() }
    }

    /// What its harts do: `W x; fence w,w; W y | R y; R x`.
    pub(super) fn shape(&self) -> String {
        let hart = |hart: &Vec<Step>| hart.iter().map(step).collect::<Vec<_>>().join("; ");
        self.harts.iter().map(hart).collect::<Vec<_>>().join(" | ")
    }

    /// A name in the manner of diy7: the family, then how each hart orders its accesses.
    pub(super) fn name(&self) -> String {
        let dir = |access: &Access| if access.op.writes() { 'W' } else { 'R' };
        let mut harts: Vec<(String, String)> = self
            .harts
            .iter()
            .map(|hart| {
                let accesses: Vec<&Access> = hart.iter().filter_map(Step::access).collect();
                let dirs = accesses.iter().map(|access| dir(access)).collect();
                (dirs, links(hart))
            })
            .collect();
        harts.sort_by_key(|(dirs, _)| family_name::order(dirs));
        let key: Vec<&str> = harts.iter().map(|(dirs, _)| dirs.as_str()).collect();
        let family = family_name::of(&key, self.locations() == 1);
        let links = harts.iter().map(|(_, links)| links).filter(|links| !links.is_empty());
        let mut parts = vec![family];
        let links: Vec<&String> = links.collect();
        if links.iter().any(|links| *links != "po") {
            parts.extend(links.into_iter().cloned());
        }
        parts.join("+")
    }
}

/// How the accesses of a hart are ordered, one after the other.
fn links(hart: &[Step]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut fence = None;
    let mut before: Option<&Access> = None;
    for step in hart {
        match step {
            Step::Fence(own) => fence = Some(own.name()),
            Step::Access(access) => {
                if let Some(before) = before {
                    let same = if before.location == access.location { "s" } else { "" };
                    let dep = access.dep.map(|(dep, _)| dep.name().to_lowercase());
                    let link = fence.take().or(dep).unwrap_or_else(|| "po".to_owned());
                    parts.push(format!("{link}{same}"));
                }
                let kind = kind(access);
                if !kind.is_empty() {
                    parts.push(kind);
                }
                before = Some(access);
            }
        }
    }
    parts.join("-")
}

/// What an access is, if it is no plain load or store of a word.
fn kind(access: &Access) -> String {
    let bytes = match access.bytes == Bytes::default() {
        true => String::new(),
        false => format!("{}{}", access.bytes.width.letter(), access.bytes.offset),
    };
    let sc_bytes = access
        .sc_bytes
        .map_or_else(String::new, |bytes| format!("{}{}", bytes.width.letter(), bytes.offset));
    let order = |order: Order| order.suffix();
    let name = match access.op {
        Op::Load(one) | Op::Store(one) => order(one).trim_start_matches('.').to_owned(),
        Op::AmoLoad(one) | Op::AmoStore(one) => format!("amo{}", order(one)),
        Op::Amo(AmoOp::Cas, one) | Op::FailedCas(one) => format!("cas{}", order(one)),
        Op::Amo(_, one) => format!("amo{}", order(one)),
        Op::LoadReserved(one) => format!("lr{}", order(one)),
        Op::PairLoad(a, b) | Op::PairStore(a, b) => format!("lrsc{}{}", order(a), order(b)),
    };
    name + &bytes + &sc_bytes
}

fn step(step: &Step) -> String {
    let access = match step {
        Step::Fence(fence) => return fence.to_string(),
        Step::Access(access) => access,
    };
    let kind = kind(access);
    let dir = match access.op {
        Op::Load(_) => "R",
        Op::Store(_) => "W",
        _ => "",
    };
    let word = match (dir, kind.as_str()) {
        (dir, "") => dir.to_owned(),
        ("", kind) => kind.to_owned(),
        (dir, kind) => format!("{dir}.{kind}"),
    };
    let dep = access.dep.map_or_else(String::new, |(dep, source)| {
        let name = match dep {
            Dep::Addr => "addr",
            Dep::Data => "data",
            Dep::Ctrl | Dep::CtrlFenceI => "ctrl",
        };
        format!(" {name}({})", source + 1)
    });
    format!("{word} {}{dep}", location_name(access.location))
}
