//! What Linux makes of the extensions that a device tree names for one hart.
//!
//! At boot the kernel takes the names that it knows, adds what some of them contain, and then keeps
//! an extension only if its conditions hold (`riscv_resolve_isa` in `kernel/cpufeature.c`, read in
//! 6.12 and 7.2). The order of the conditions is that of the capability numbers, repeated until
//! nothing changes. What is left is what `/proc/cpuinfo` shows for the hart.
//!
//! Not modelled: kernels built without FPU or vector support, vendor extensions, ACPI tables.

use std::fmt;

use super::{BlockSizes, Ext, ExtSet, Policy};

/// What became of the names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resolved {
    /// What the kernel holds the hart to have.
    pub kept: ExtSet,
    /// What it knows, and does not accept, with the reason; in order of the extensions.
    pub dropped: Vec<(Ext, Dropped)>,
}

/// Why the kernel does not accept an extension.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dropped {
    /// It goes only together with this one.
    Without(Ext),
    /// It does not go together with this one.
    Beside(Ext),
    /// The device tree gives no block size, or none that is a power of two.
    NoBlockSize,
    /// It exists on 32-bit harts only.
    Only32Bit,
    /// This kernel does not know the name.
    TooNew,
}

/// The kernel's view of a hart whose device tree names `named`.
#[must_use]
pub fn resolve(named: &ExtSet, policy: Policy, blocks: &BlockSizes) -> Resolved {
    let mut open = ExtSet::EMPTY;
    for ext in named.iter() {
        if known(ext, policy) {
            open.insert(ext);
        }
        open.extend(contained(ext, policy).filter(|e| known(*e, policy)));
    }
    let mut order: Vec<Ext> = open.iter().collect();
    order.sort_by_key(|e| e.hwcap());
    let mut kept = ExtSet::EMPTY;
    loop {
        let before = kept;
        for ext in &order {
            if check(*ext, &kept, policy, blocks).is_ok() {
                kept.insert(*ext);
            }
        }
        if kept == before {
            break;
        }
    }
    let dropped = named
        .iter()
        .filter(|e| e.hwcap().is_some() && !kept.contains(*e))
        .filter_map(|e| {
            let why = if known(e, policy) {
                check(e, &kept, policy, blocks).err()?
            } else {
                Dropped::TooNew
            };
            Some((e, why))
        })
        .collect();
    Resolved { kept, dropped }
}

fn known(ext: Ext, policy: Policy) -> bool {
    ext.hwcap().is_some_and(|number| number <= policy.last_hwcap())
}

/// What the kernel adds to a name: supersets and bundles. Unlike the manual it does not add what a
/// name depends on: Zacas alone gives no Zaamo.
fn contained(ext: Ext, policy: Policy) -> impl Iterator<Item = Ext> {
    let tokens: &[&str] = match ext.token() {
        "a" if policy != Policy::Linux6_12 => &["zaamo", "zalrsc"],
        "c" => &["zca", "zcf", "zcd"],
        "v" => &["zve64d", "zve64f", "zve64x", "zve32f", "zve32x"],
        "zve64d" => &["zve64f", "zve64x", "zve32f", "zve32x"],
        "zve64f" => &["zve64x", "zve32f", "zve32x"],
        "zve64x" | "zve32f" => &["zve32x"],
        "zvbb" => &["zvkb"],
        "zk" => &["zbkb", "zbkc", "zbkx", "zknd", "zkne", "zknh", "zkr", "zkt"],
        "zkn" => &["zbkb", "zbkc", "zbkx", "zknd", "zkne", "zknh"],
        "zks" => &["zbkb", "zbkc", "zksed", "zksh"],
        "zvkn" => &["zvkned", "zvknhb", "zvkb", "zvkt"],
        "zvknc" => &["zvkned", "zvknhb", "zvkb", "zvkt", "zvbc"],
        "zvkng" => &["zvkned", "zvknhb", "zvkb", "zvkt", "zvkg"],
        "zvks" => &["zvksed", "zvksh", "zvkb", "zvkt"],
        "zvksc" => &["zvksed", "zvksh", "zvkb", "zvkt", "zvbc"],
        "zvksg" => &["zvksed", "zvksh", "zvkb", "zvkt", "zvkg"],
        _ => &[],
    };
    tokens.iter().filter_map(|t| Ext::find(t))
}

/// The condition of one extension, given what is accepted so far.
fn check(ext: Ext, kept: &ExtSet, policy: Policy, blocks: &BlockSizes) -> Result<(), Dropped> {
    let with = |tokens: &[&str]| match tokens
        .iter()
        .filter_map(|t| Ext::find(t))
        .find(|e| !kept.contains(*e))
    {
        Some(missing) => Err(Dropped::Without(missing)),
        None => Ok(()),
    };
    match ext.token() {
        "zicbom" | "zicboz" => blocks.usable(ext),
        "zcb" | "zcmop" => with(&["zca"]),
        "zcd" => with(&["zca", "d"]),
        "zcf" => Err(Dropped::Only32Bit),
        _ if policy == Policy::Linux6_12 => Ok(()),
        "f" | "v" => with(&["d"]),
        "zve32f" | "zve64f" | "zve64d" => with(&["d"]),
        "zfa" | "zfbfmin" | "zfh" | "zfhmin" => with(&["f"]),
        "zicbop" => blocks.usable(ext),
        "zvfbfmin" => with(&["zve32f"]),
        "zvfbfwma" => with(&["zfbfmin", "zvfbfmin"]),
        "zvbb" | "zvbc" | "zvkb" | "zvkg" | "zvkned" | "zvknha" | "zvknhb" | "zvksed" | "zvksh"
        | "zvkt" => with(&["zve32x"]),
        "zilsd" | "zclsd" => Err(Dropped::Only32Bit),
        "svadu" if kept.contains(Ext::named("svade")) => Err(Dropped::Beside(Ext::named("svade"))),
        _ => Ok(()),
    }
}

/// Completes "Linux does not accept Zcd there ...".
impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dropped::Without(ext) => write!(f, "without {ext}"),
            Dropped::Beside(ext) => write!(f, "beside {ext}"),
            Dropped::NoBlockSize => f.write_str("without a block size that is a power of two"),
            Dropped::Only32Bit => f.write_str("on a 64-bit hart"),
            Dropped::TooNew => f.write_str("because this release does not know it"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(tokens: &[&str]) -> ExtSet {
        tokens.iter().map(|t| Ext::named(t)).collect()
    }

    fn kept(tokens: &[&str], policy: Policy) -> ExtSet {
        resolve(&set(tokens), policy, &BlockSizes::default()).kept
    }

    #[test]
    fn a_contains_its_halves_only_since_6_15() {
        assert_eq!(kept(&["i", "a"], Policy::Linux6_12), set(&["i", "a"]));
        assert_eq!(kept(&["i", "a"], Policy::Linux7_2), set(&["i", "a", "zaamo", "zalrsc"]));
        assert_eq!(kept(&["i", "zacas"], Policy::Linux7_2), set(&["i", "zacas"]));
    }

    #[test]
    fn names_that_the_kernel_does_not_know_are_left_out() {
        let names = ["i", "zabha", "zama16b", "zacas"];
        assert_eq!(kept(&names, Policy::Linux6_12), set(&["i", "zacas"]));
        assert_eq!(kept(&names, Policy::Linux7_2), set(&["i", "zacas", "zabha"]));
    }

    #[test]
    fn compressed_extensions_wait_for_what_they_need() {
        for policy in Policy::ALL {
            let all = kept(&["i", "c", "d", "f", "zcb"], policy);
            assert_eq!(all, set(&["i", "c", "d", "f", "zca", "zcb", "zcd"]), "{policy}");
            assert_eq!(kept(&["i", "c"], policy), set(&["i", "c", "zca"]), "{policy}");
            assert_eq!(kept(&["i", "zcb"], policy), set(&["i"]), "{policy}");
        }
    }

    #[test]
    fn f_without_d() {
        assert_eq!(kept(&["i", "f", "zfh"], Policy::Linux6_12), set(&["i", "f", "zfh"]));
        assert_eq!(kept(&["i", "f", "zfh"], Policy::Linux7_2), set(&["i"]));
    }

    #[test]
    fn reasons() {
        let names = set(&["i", "svade", "svadu", "zilsd", "zicbom", "zcd"]);
        let blocks = BlockSizes { zicbom: 48, ..BlockSizes::default() };
        let resolved = resolve(&names, Policy::Linux7_2, &blocks);
        assert_eq!(resolved.kept, set(&["i", "svade"]));
        let why: Vec<String> =
            resolved.dropped.iter().map(|(e, why)| format!("{e} {why}")).collect();
        assert_eq!(
            why,
            [
                "Zicbom without a block size that is a power of two",
                "Zcd without Zca",
                "Svadu beside Svade",
                "Zilsd on a 64-bit hart",
            ]
        );
        let old = resolve(&set(&["i", "zabha"]), Policy::Linux6_12, &BlockSizes::default());
        assert_eq!(old.dropped, [(Ext::named("zabha"), Dropped::TooNew)]);
    }
}
