//! Maps from the weakest to the strongest, and those of them that are sound and minimal.
//!
//! After a load and before a store may stand a fence or none, an `mfence` is one of two fences, a locked
//! instruction has some of `aq` and `rl`. Whatever is sound stays so when something is added: what is looked for are
//! the sound maps below which none is.

use rayon::prelude::*;
use rvlitmus_core::model::{BaseModel, Model};
use rvlitmus_core::session::Unwatched;

use crate::check::{Checker, NotChecked, Source};
use crate::map::Map;

/// A fence as the pairs that it orders, a bit each: load-load, load-store, store-load, store-store.
type Pairs = u8;

const AFTER_LOADS: [(&str, Pairs); 4] =
    [("", 0), ("fence r,r", 0b0001), ("fence r,w", 0b0010), ("fence r,rw", 0b0011)];
const BEFORE_STORES: [(&str, Pairs); 4] =
    [("", 0), ("fence w,w", 0b1000), ("fence r,w", 0b0010), ("fence rw,w", 0b1010)];
const MFENCES: [(&str, Pairs); 2] = [("fence w,r", 0b0100), ("fence rw,rw", 0b1111)];
const SWAPS: [(&str, u8); 4] = [("", 0), (".aq", 1), (".rl", 2), (".aqrl", 3)];

/// A point of the lattice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Point([u8; 4]);

impl Point {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Point> {
        let sizes = [AFTER_LOADS.len(), BEFORE_STORES.len(), MFENCES.len(), SWAPS.len()];
        (0..sizes.iter().product::<usize>()).map(move |mut number| {
            Point(sizes.map(|size| {
                let part = number % size;
                number /= size;
                part as u8
            }))
        })
    }

    fn parts(self) -> [(&'static str, u8); 4] {
        let [load, store, mfence, swap] = self.0.map(usize::from);
        [AFTER_LOADS[load], BEFORE_STORES[store], MFENCES[mfence], SWAPS[swap]]
    }

    /// Has it all that another has?
    #[must_use]
    pub fn is_at_least(self, other: Point) -> bool {
        self.parts().iter().zip(other.parts()).all(|((_, own), (_, less))| own & less == less)
    }

    /// What it is made of, for people: `r,rw after loads; w,w before stores; mfence w,r; swap .aqrl`.
    #[must_use]
    pub fn text(self) -> String {
        let [(load, _), (store, _), (mfence, _), (swap, _)] = self.parts();
        let or_none = |text: &str| match text.strip_prefix("fence ").unwrap_or(text) {
            "" => "nothing".to_owned(),
            text => text.to_owned(),
        };
        format!(
            "{} after loads; {} before stores; mfence {}; swap {}",
            or_none(load),
            or_none(store),
            or_none(mfence),
            or_none(swap)
        )
    }

    /// As a map.
    ///
    /// # Panics
    /// Never: what it is made of are instructions.
    #[must_use]
    pub fn map(self) -> Map {
        let [(load, _), (store, _), (mfence, _), (swap, _)] = self.parts();
        let behind = |fence: &str| match fence {
            "" => String::new(),
            fence => format!("; {fence}"),
        };
        let before = |fence: &str| match fence {
            "" => String::new(),
            fence => format!("{fence}; "),
        };
        let text = format!(
            "model rvwmo\n\
             load l{{width}} {{dest}},{{address}}{}\n\
             store {}s{{width}} {{source}},{{address}}\n\
             mfence {mfence}\n\
             xchg amoswap.{{width}}{swap} {{dest}},{{source}},{{address}}\n\
             xadd amoadd.{{width}}{swap} {{dest}},{{source}},{{address}}\n\
             lock-op amo{{op}}.{{width}}{swap} {{dest}},{{source}},{{address}}\n\
             cmpxchg amocas.{{width}}{swap} {{expected}},{{source}},{{address}}\n",
            behind(load),
            before(store),
        );
        Map::read("of the lattice", &text).expect("instructions")
    }
}

/// A map of the lattice and what became of it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The map.
    pub point: Point,
    /// The test that it breaks first; `None` for a sound one.
    pub broken: Option<usize>,
    /// Is no weaker map sound?
    pub minimal: bool,
}

/// Checks every map of the lattice under RVWMO on these tests.
///
/// # Errors
/// A test cannot be checked: its number, and why.
pub fn search(checker: &Checker, sources: &[Source]) -> Result<Vec<Judged>, (usize, NotChecked)> {
    let model = Model::of(BaseModel::Rvwmo);
    let constructs = |source: &Source| source.test.test.harts.iter().map(|h| h.cells.len()).sum();
    // Small tests break maps soonest.
    let mut tests: Vec<usize> = (0..sources.len()).collect();
    tests.sort_by_key(|test| -> usize { constructs(&sources[*test]) });
    let mut killers: Vec<usize> = Vec::new();
    let mut judged: Vec<Judged> = Vec::new();
    let breaks = |map: &Map, test: usize| -> Result<bool, (usize, NotChecked)> {
        let target = checker.target(&sources[test], map, &model, &Unwatched);
        target.map(|target| !target.more.is_empty()).map_err(|error| (test, error))
    };
    for point in Point::all() {
        let map = point.map();
        let mut broken = None;
        for killer in &killers {
            if breaks(&map, *killer)? {
                broken = Some(*killer);
                break;
            }
        }
        if broken.is_none() {
            let found = tests.par_iter().find_map_first(|test| match breaks(&map, *test) {
                Ok(true) => Some(Ok(*test)),
                Ok(false) => None,
                Err(error) => Some(Err(error)),
            });
            broken = found.transpose()?;
            killers.extend(broken);
        }
        judged.push(Judged { point, broken, minimal: false });
    }
    let sound: Vec<Point> =
        judged.iter().filter(|it| it.broken.is_none()).map(|it| it.point).collect();
    for it in &mut judged {
        let weaker = |other: &Point| *other != it.point && it.point.is_at_least(*other);
        it.minimal = it.broken.is_none() && !sound.iter().any(weaker);
    }
    Ok(judged)
}
