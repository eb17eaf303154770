//! What tests are made of.

use std::fmt;
use std::str::FromStr;

use rvlitmus_core::litmus::suggest::{did_you_mean, nearest};

use crate::program::{Access, AmoOp, Bytes, Fence, Op, Order, Set, Width};

/// What tests are made of: which instructions, fences, dependencies and sizes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alphabet {
    name: String,
    load: bool,
    store: bool,
    fences: Vec<Fence>,
    amo: bool,
    lrsc: bool,
    cas: bool,
    pub(super) zalasr: bool,
    pub(super) deps: bool,
    pub(super) sizes: bool,
}

/// A word that is nothing tests are made of.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{word}` is nothing that tests are made of: {help}")]
pub struct AlphabetError {
    word: String,
    help: String,
}

const WORDS: &[&str] =
    &["load", "store", "fence", "amo", "lrsc", "cas", "zalasr", "deps", "sizes", "all"];

impl FromStr for Alphabet {
    type Err = AlphabetError;

    fn from_str(text: &str) -> Result<Alphabet, AlphabetError> {
        let mut alphabet = Alphabet {
            name: text.to_owned(),
            load: false,
            store: false,
            fences: Vec::new(),
            amo: false,
            lrsc: false,
            cas: false,
            zalasr: false,
            deps: false,
            sizes: false,
        };
        for word in text.split(',').map(str::trim) {
            alphabet.add(word)?;
        }
        alphabet.fences.sort_unstable();
        alphabet.fences.dedup();
        Ok(alphabet)
    }
}

impl Alphabet {
    fn add(&mut self, word: &str) -> Result<(), AlphabetError> {
        match word {
            "load" => self.load = true,
            "store" => self.store = true,
            "fence" => self.fences.extend(ordering_fences()),
            "amo" => self.amo = true,
            "lrsc" => self.lrsc = true,
            "cas" => self.cas = true,
            "zalasr" => self.zalasr = true,
            "deps" => self.deps = true,
            "sizes" => self.sizes = true,
            "all" => {
                for word in &WORDS[..WORDS.len() - 1] {
                    self.add(word)?;
                }
            }
            _ => match ordering_fences().find(|fence| fence.name() == word) {
                Some(fence) => self.fences.push(fence),
                None => {
                    let help = nearest(word, WORDS.iter().copied()).map_or_else(
                        || format!("expected {} or a fence such as `fence.w.r`", WORDS.join(", ")),
                        did_you_mean,
                    );
                    return Err(AlphabetError { word: word.to_owned(), help });
                }
            },
        }
        Ok(())
    }

    /// The same without what is put between accesses.
    pub(super) fn bare(&self) -> Alphabet {
        Alphabet { fences: Vec::new(), deps: false, ..self.clone() }
    }

    /// The fences.
    pub(super) fn fences(&self) -> &[Fence] {
        &self.fences
    }

    /// Every kind of access without its annotations.
    pub(super) fn kinds(&self) -> Vec<(Op, Bytes, Option<Bytes>)> {
        let plain = Order::Plain;
        let kinds = [
            (self.load, Op::Load(plain)),
            (self.store, Op::Store(plain)),
            (self.amo, Op::Amo(AmoOp::Swap, plain)),
            (self.cas, Op::Amo(AmoOp::Cas, plain)),
            (self.cas, Op::FailedCas(plain)),
            (self.lrsc, Op::LoadReserved(plain)),
            (self.lrsc, Op::PairStore(plain, plain)),
        ];
        let word = Bytes::default();
        let mut all = Vec::new();
        for (_, op) in kinds.into_iter().filter(|(is_in, _)| *is_in) {
            all.push((op, word, None));
            if !self.sizes {
                continue;
            }
            let second = Bytes { width: Width::Word, offset: 4 };
            match op {
                // It stores beside what it reserved.
                Op::PairStore(..) => all.push((op, second, Some(word))),
                Op::Load(_) | Op::Store(_) => {
                    all.push((op, Bytes { width: Width::Half, offset: 0 }, None));
                    all.push((op, Bytes { width: Width::Half, offset: 2 }, None));
                    all.push((op, Bytes { width: Width::Word, offset: 2 }, None));
                    all.push((op, second, None));
                }
                _ => {}
            }
        }
        all
    }

    /// Has it nothing but accesses: no fences, and no dependencies?
    #[must_use]
    pub fn has_accesses_alone(&self) -> bool {
        self.fences.is_empty() && !self.deps
    }

    /// Every access, with all its annotations if they are tried.
    pub(crate) fn accesses(&self, annotated: bool) -> Vec<Access> {
        let mut accesses = Vec::new();
        for (op, bytes, sc_bytes) in self.kinds() {
            let mut ops = vec![op];
            let mut next = 0;
            while annotated && next < ops.len() {
                for stronger in self.stronger(ops[next]) {
                    if !ops.contains(&stronger) {
                        ops.push(stronger);
                    }
                }
                next += 1;
            }
            let access = |op| Access { bytes, sc_bytes, ..Access::new(op, 0, 0) };
            accesses.extend(ops.into_iter().map(access));
        }
        accesses
    }

    /// The annotations that a kind of access can have next to what it has, each one step stronger.
    pub(super) fn stronger(&self, op: Op) -> Vec<Op> {
        let of_two = |order: Order| match order {
            Order::Plain => vec![Order::Acquire, Order::Release],
            Order::Acquire | Order::Release => vec![Order::Both],
            Order::Both => Vec::new(),
        };
        let of_one = |order: Order, own: Order| match order {
            Order::Plain => vec![own],
            Order::Both => Vec::new(),
            _ => vec![Order::Both],
        };
        match op {
            Op::Load(order) if self.zalasr => {
                of_one(order, Order::Acquire).into_iter().map(Op::Load).collect()
            }
            Op::Store(order) if self.zalasr => {
                of_one(order, Order::Release).into_iter().map(Op::Store).collect()
            }
            Op::Amo(op, order) => of_two(order).into_iter().map(|o| Op::Amo(op, o)).collect(),
            Op::FailedCas(order) => of_two(order).into_iter().map(Op::FailedCas).collect(),
            Op::LoadReserved(order) => of_two(order).into_iter().map(Op::LoadReserved).collect(),
            Op::PairStore(load, store) => {
                let loads = of_one(load, Order::Acquire).into_iter();
                let stores = of_one(store, Order::Release).into_iter();
                let loads = loads.map(|load| Op::PairStore(load, store));
                loads.chain(stores.map(|store| Op::PairStore(load, store))).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Every fence that orders accesses of main memory.
fn ordering_fences() -> impl Iterator<Item = Fence> {
    Fence::all().filter(|fence| !matches!(fence, Fence::I | Fence::Sets(Set::Iorw, _)))
}

/// As it was written.
impl fmt::Display for Alphabet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
