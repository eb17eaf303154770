//! One table per extension, and the search for a mnemonic over all of them.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::{Def, Order, Suffix};

mod c;
mod hints;
mod m;
mod pseudo;
mod rv64i;
mod unsupported;
mod zaamo;
mod zabha;
mod zacas;
mod zalasr;
mod zalrsc;
mod zb;
mod zicond;

/// Every table. An extension is added by its file and its line here.
static TABLES: &[&[Def]] = &[
    rv64i::TABLE,
    pseudo::TABLE,
    m::TABLE,
    zb::TABLE,
    zicond::TABLE,
    zalrsc::TABLE,
    zaamo::TABLE,
    zabha::TABLE,
    zalasr::TABLE,
    hints::TABLE,
    c::TABLE,
];

/// Every row of every table.
pub fn all() -> impl Iterator<Item = &'static Def> {
    TABLES.iter().copied().flatten()
}

/// What a mnemonic turned out to be.
#[derive(Clone, Copy, Debug)]
pub enum Lookup {
    /// A known instruction with its annotation.
    Found(&'static Def, Order),
    /// A real instruction whose annotation its encoding reserves or does not have; the text says why.
    BadOrder(&'static str),
    /// A real RISC-V instruction that is outside this program; the text says why.
    Unsupported(&'static str),
    /// No instruction that we know of.
    Unknown,
}

static BY_MNEMONIC: LazyLock<FxHashMap<&'static str, Vec<&'static Def>>> = LazyLock::new(|| {
    let mut map: FxHashMap<_, Vec<_>> = FxHashMap::default();
    for def in all() {
        map.entry(def.mnemonic).or_default().push(def);
    }
    map
});

/// Finds the definition for a mnemonic as written, `.aq`, `.rl`, `.aqrl` or `.aq.rl` included.
#[must_use]
pub fn lookup(mnemonic: &str) -> Lookup {
    let plain = BY_MNEMONIC.get(mnemonic).into_iter().flatten();
    if let Some(def) = plain.clone().find(|d| matches!(d.suffix, Suffix::Never | Suffix::Optional))
    {
        return Lookup::Found(def, Order::None);
    }
    let (base, order) = split_order(mnemonic);
    let Some(defs) = BY_MNEMONIC.get(base) else {
        return unsupported::why(mnemonic).map_or(Lookup::Unknown, Lookup::Unsupported);
    };
    let takes = |suffix: Suffix| match suffix {
        Suffix::Never => order == Order::None,
        Suffix::Optional => true,
        Suffix::Acquire => order.aq(),
        Suffix::Release => order.rl(),
    };
    match defs.iter().find(|d| takes(d.suffix)) {
        Some(def) => Lookup::Found(def, order),
        None => Lookup::BadOrder(match defs.last().map(|d| d.suffix) {
            Some(Suffix::Acquire) => {
                "a load-acquire needs .aq or .aqrl: .rl alone is a reserved encoding"
            }
            Some(Suffix::Release) => {
                "a store-release needs .rl or .aqrl: .aq alone is a reserved encoding"
            }
            _ => "this instruction takes no .aq or .rl",
        }),
    }
}

/// Splits the annotation off; both spellings of both bits are accepted.
fn split_order(mnemonic: &str) -> (&str, Order) {
    const SUFFIXES: [(&str, Order); 4] =
        [(".aqrl", Order::AqRl), (".aq.rl", Order::AqRl), (".aq", Order::Aq), (".rl", Order::Rl)];
    SUFFIXES
        .iter()
        .find_map(|(suffix, order)| mnemonic.strip_suffix(suffix).map(|base| (base, *order)))
        .unwrap_or((mnemonic, Order::None))
}

/// The known mnemonic that is nearest in spelling, if one is near enough to suggest.
#[must_use]
pub fn nearest(mnemonic: &str) -> Option<String> {
    let (base, order) = split_order(mnemonic);
    all()
        .map(|d| (strsim::damerau_levenshtein(base, d.mnemonic), d))
        .filter(|(distance, d)| *distance <= 1 + d.mnemonic.len() / 4)
        .min_by_key(|(distance, d)| (*distance, d.mnemonic))
        .map(|(_, d)| {
            let order = match d.suffix {
                Suffix::Never => Order::None,
                Suffix::Optional => order,
                Suffix::Acquire if !order.aq() => Order::Aq,
                Suffix::Release if !order.rl() => Order::Rl,
                Suffix::Acquire | Suffix::Release => order,
            };
            format!("{}{}", d.mnemonic, order.suffix())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::Extension;

    #[test]
    fn every_mnemonic_finds_its_own_row() {
        for def in all() {
            let spelled = match def.suffix {
                Suffix::Never | Suffix::Optional => def.mnemonic.to_string(),
                Suffix::Acquire => format!("{}.aq", def.mnemonic),
                Suffix::Release => format!("{}.rl", def.mnemonic),
            };
            match lookup(&spelled) {
                Lookup::Found(found, _) => {
                    assert!(std::ptr::eq(found, def), "{spelled} is defined twice")
                }
                other => panic!("{spelled}: {other:?}"),
            }
        }
    }

    #[test]
    fn annotations_in_both_spellings() {
        for spelled in ["amoswap.w.aqrl", "amoswap.w.aq.rl"] {
            assert!(
                matches!(lookup(spelled), Lookup::Found(d, Order::AqRl) if d.mnemonic == "amoswap.w")
            );
        }
        assert!(
            matches!(lookup("lw.aq"), Lookup::Found(d, Order::Aq) if d.extension == Extension::Zalasr)
        );
        assert!(
            matches!(lookup("lw"), Lookup::Found(d, Order::None) if d.extension == Extension::I)
        );
        assert!(matches!(lookup("lw.rl"), Lookup::BadOrder(_)));
        assert!(matches!(lookup("sw.aq"), Lookup::BadOrder(_)));
        assert!(matches!(lookup("add.aq"), Lookup::BadOrder(_)));
        assert!(matches!(lookup("vadd.vv"), Lookup::Unsupported(_)));
        assert!(matches!(lookup("lwx"), Lookup::Unknown));
        assert_eq!(nearest("lwx").as_deref(), Some("lw"));
        assert_eq!(nearest("amoaad.w.aq").as_deref(), Some("amoadd.w.aq"));
        assert_eq!(nearest("blorp"), None);
    }
}
