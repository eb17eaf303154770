//! Which extensions others bring with them, by the manual.
//!
//! `A` is Zaamo and Zalrsc, Zacas and Zabha depend on Zaamo, and so on: unprivileged manual, "depends
//! on" and "implies" sentences of the extensions' chapters, and the naming chapter for bundles. What
//! Linux adds or leaves out by its own rules is in [`super::resolve`].

use super::{Ext, ExtSet};

/// What each token brings, directly.
const IMPLIED: &[(&str, &[&str])] = &[
    ("a", &["zaamo", "zalrsc"]),
    ("b", &["zba", "zbb", "zbs"]),
    ("c", &["zca"]),
    ("d", &["f"]),
    ("f", &["zicsr"]),
    ("m", &["zmmul"]),
    ("q", &["d"]),
    ("v", &["zve64d", "zvl128b"]),
    ("sha", SHA),
    ("smaia", &["ssaia"]),
    ("smcsrind", &["sscsrind"]),
    ("smstateen", &["ssstateen"]),
    ("sv48", &["sv39"]),
    ("sv57", &["sv48"]),
    ("za64rs", &["za128rs"]),
    ("zabha", &["zaamo"]),
    ("zacas", &["zaamo"]),
    ("zawrs", &["zalrsc"]),
    ("zcb", &["zca"]),
    ("zcd", &["zca", "d"]),
    ("zce", &["zcb", "zcmp", "zcmt"]),
    ("zcf", &["zca", "f"]),
    ("zclsd", &["zilsd", "zca"]),
    ("zcmop", &["zca"]),
    ("zcmp", &["zca"]),
    ("zcmt", &["zca", "zicsr"]),
    ("zdinx", &["zfinx"]),
    ("zfa", &["f"]),
    ("zfbfmin", &["f"]),
    ("zfh", &["zfhmin"]),
    ("zfhmin", &["f"]),
    ("zfinx", &["zicsr"]),
    ("zhinx", &["zhinxmin"]),
    ("zhinxmin", &["zfinx"]),
    ("zicfiss", &["zicsr", "zimop"]),
    ("zicntr", &["zicsr"]),
    ("zihpm", &["zicsr"]),
    ("zk", &["zkn", "zkr", "zkt"]),
    ("zkn", &["zbkb", "zbkc", "zbkx", "zknd", "zkne", "zknh"]),
    ("zks", &["zbkb", "zbkc", "zbkx", "zksed", "zksh"]),
    ("zvbb", &["zvkb"]),
    ("zvbc", &["zve64x"]),
    ("zve32f", &["zve32x", "f"]),
    ("zve32x", &["zicsr", "zvl32b"]),
    ("zve64d", &["zve64f", "d"]),
    ("zve64f", &["zve64x", "zve32f"]),
    ("zve64x", &["zve32x", "zvl64b"]),
    ("zvfbfmin", &["zve32f"]),
    ("zvfbfwma", &["zvfbfmin", "zfbfmin"]),
    ("zvfh", &["zvfhmin", "zfhmin"]),
    ("zvfhmin", &["zve32f"]),
    ("zvkb", &["zve32x"]),
    ("zvkg", &["zve32x"]),
    ("zvkn", &["zvkned", "zvknhb", "zvkb", "zvkt"]),
    ("zvknc", &["zvkn", "zvbc"]),
    ("zvkned", &["zve32x"]),
    ("zvkng", &["zvkn", "zvkg"]),
    ("zvknha", &["zve32x"]),
    ("zvknhb", &["zve64x"]),
    ("zvks", &["zvksed", "zvksh", "zvkb", "zvkt"]),
    ("zvksc", &["zvks", "zvbc"]),
    ("zvksed", &["zve32x"]),
    ("zvksg", &["zvks", "zvkg"]),
    ("zvksh", &["zve32x"]),
    ("zvl1024b", &["zvl512b"]),
    ("zvl128b", &["zvl64b"]),
    ("zvl256b", &["zvl128b"]),
    ("zvl512b", &["zvl256b"]),
    ("zvl64b", &["zvl32b"]),
];

const SHA: &[&str] =
    &["h", "ssstateen", "shcounterenw", "shgatpa", "shtvala", "shvsatpa", "shvstvala", "shvstvecd"];

/// `named` and everything that it implies, directly or not.
#[must_use]
pub fn closure(named: &ExtSet) -> ExtSet {
    let mut all = *named;
    let mut open: Vec<Ext> = named.iter().collect();
    while let Some(ext) = open.pop() {
        open.extend(implied(ext).filter(|e| all.insert(*e)));
    }
    let [c, d, zcd] = [Ext::named("c"), Ext::named("d"), Ext::named("zcd")];
    if all.contains(c) && all.contains(d) {
        all.insert(zcd);
    }
    all
}

/// `set` without `ext`, without what needs it, and without the bundles that it is part of.
#[must_use]
pub fn without(set: &ExtSet, ext: Ext) -> ExtSet {
    set.iter().filter(|e| !closure(&[*e].into_iter().collect()).contains(ext)).collect()
}

fn implied(ext: Ext) -> impl Iterator<Item = Ext> {
    let row = IMPLIED.iter().find(|(token, _)| *token == ext.token());
    row.into_iter().flat_map(|(_, tokens)| tokens.iter().filter_map(|t| Ext::find(t)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(tokens: &[&str]) -> ExtSet {
        tokens.iter().map(|t| Ext::named(t)).collect()
    }

    #[test]
    fn every_token_of_the_table_exists() {
        for (token, implied) in IMPLIED {
            for t in implied.iter().chain([token]) {
                assert!(Ext::find(t).is_some(), "{t}");
            }
        }
    }

    #[test]
    fn atomics() {
        assert_eq!(closure(&set(&["a"])), set(&["a", "zaamo", "zalrsc"]));
        assert_eq!(closure(&set(&["zacas"])), set(&["zacas", "zaamo"]));
        assert_eq!(closure(&set(&["zabha"])), set(&["zabha", "zaamo"]));
    }

    #[test]
    fn chains_and_conditions() {
        assert_eq!(
            closure(&set(&["c", "d"])),
            set(&["c", "d", "f", "zicsr", "zca", "zcd"]),
            "C with D brings Zcd"
        );
        assert!(!closure(&set(&["c", "f"])).contains(Ext::named("zcd")));
        let v = closure(&set(&["v"]));
        for token in ["zve32x", "zve64d", "d", "f", "zicsr", "zvl32b"] {
            assert!(v.contains(Ext::named(token)), "{token}");
        }
    }

    #[test]
    fn taking_away_takes_the_dependents() {
        let all = closure(&set(&["i", "a", "zacas", "zabha", "ztso"]));
        assert_eq!(without(&all, Ext::named("zaamo")), set(&["i", "zalrsc", "ztso"]));
        assert_eq!(without(&all, Ext::named("ztso")), closure(&set(&["i", "a", "zacas", "zabha"])));
    }
}
