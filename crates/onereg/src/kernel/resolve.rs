//! What Linux makes of the extensions that a device tree names for one hart.
//!
//! At boot the kernel takes the names that it knows, adds what some of them contain, and then keeps
//! an extension only if its conditions hold (`riscv_resolve_isa` in `kernel/cpufeature.c`, read in
//! 6.12, 7.2 and 7.3). The order of the conditions is that of the capability numbers, repeated until
//! nothing changes. What is left is what `/proc/cpuinfo` shows for the hart.
//!
//! Not modelled: kernels built without FPU or vector support, vendor extensions, ACPI tables.

use super::change::Change;
use super::release::Policy;
use crate::isa::block_sizes::BlockSizes;
use crate::isa::extension::{IsaExt, IsaExtSet};

/// What the kernel makes of the extensions that a device tree names for one hart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResolvedIsa {
    /// What the kernel holds the hart to have.
    pub accepted: IsaExtSet,
    /// What it knows, and does not accept, with the reason; in order of the extensions.
    pub rejected: Vec<(IsaExt, Rejection)>,
}

/// Why the kernel does not accept an extension. Completes "Linux does not accept Zcd there ...".
#[derive(Clone, Copy, PartialEq, Eq, Debug, strum::Display)]
pub enum Rejection {
    /// It goes only together with this one.
    #[strum(to_string = "without {0}")]
    Without(IsaExt),
    /// It does not go together with this one.
    #[strum(to_string = "beside {0}")]
    Beside(IsaExt),
    /// The device tree gives no block size, or none that is a power of two.
    #[strum(to_string = "without a block size that is a power of two")]
    NoBlockSize,
    /// It exists on 32-bit harts only.
    #[strum(to_string = "on a 64-bit hart")]
    Only32Bit,
    /// This kernel does not know the name.
    #[strum(to_string = "because this release does not know it")]
    TooNew,
}

/// The kernel's view of a hart whose device tree names `named`.
#[must_use]
pub fn resolve_isa(named: IsaExtSet, policy: Policy, blocks: &BlockSizes) -> ResolvedIsa {
    let mut open = IsaExtSet::empty();
    for ext in named.iter() {
        if known(ext, policy) {
            open.insert(ext);
        }
        open.extend(contained(ext, policy).iter().filter(|e| known(**e, policy)));
    }
    let mut order: Vec<IsaExt> = open.iter().collect();
    order.sort_by_key(|e| e.hwcap());
    let mut accepted = IsaExtSet::empty();
    loop {
        let before = accepted;
        for ext in &order {
            if check(*ext, accepted, policy, blocks).is_ok() {
                accepted.insert(*ext);
            }
        }
        if accepted == before {
            break;
        }
    }
    let rejected = named
        .iter()
        .filter(|e| e.hwcap().is_some() && !accepted.contains(*e))
        .filter_map(|e| {
            let why = if known(e, policy) {
                check(e, accepted, policy, blocks).err()?
            } else {
                Rejection::TooNew
            };
            Some((e, why))
        })
        .collect();
    ResolvedIsa { accepted, rejected }
}

fn known(ext: IsaExt, policy: Policy) -> bool {
    ext.hwcap().is_some_and(|number| number <= policy.last_hwcap())
}

/// What the kernel adds to a name: supersets and bundles. Unlike the manual it does not add what a
/// name depends on: Zacas alone gives no Zaamo.
fn contained(ext: IsaExt, policy: Policy) -> &'static [IsaExt] {
    use IsaExt::*;
    match ext {
        A if policy.has(Change::AtomicsOfA) => &[Zaamo, Zalrsc],
        Zfh if policy.has(Change::HalfBringsMinimum) => &[Zfhmin],
        Zvfh if policy.has(Change::HalfBringsMinimum) => &[Zvfhmin],
        C => &[Zca, Zcf, Zcd],
        V => &[Zve64d, Zve64f, Zve64x, Zve32f, Zve32x],
        Zve64d => &[Zve64f, Zve64x, Zve32f, Zve32x],
        Zve64f => &[Zve64x, Zve32f, Zve32x],
        Zve64x | Zve32f => &[Zve32x],
        Zvbb => &[Zvkb],
        Zk => &[Zbkb, Zbkc, Zbkx, Zknd, Zkne, Zknh, Zkr, Zkt],
        Zkn => &[Zbkb, Zbkc, Zbkx, Zknd, Zkne, Zknh],
        Zks => &[Zbkb, Zbkc, Zksed, Zksh],
        Zvkn => &[Zvkned, Zvknhb, Zvkb, Zvkt],
        Zvknc => &[Zvkned, Zvknhb, Zvkb, Zvkt, Zvbc],
        Zvkng => &[Zvkned, Zvknhb, Zvkb, Zvkt, Zvkg],
        Zvks => &[Zvksed, Zvksh, Zvkb, Zvkt],
        Zvksc => &[Zvksed, Zvksh, Zvkb, Zvkt, Zvbc],
        Zvksg => &[Zvksed, Zvksh, Zvkb, Zvkt, Zvkg],
        _ => &[],
    }
}

/// The condition of one extension, given what is accepted so far.
fn check(
    ext: IsaExt,
    accepted: IsaExtSet,
    policy: Policy,
    blocks: &BlockSizes,
) -> Result<(), Rejection> {
    use IsaExt::*;
    let with = |needed: &[IsaExt]| match needed.iter().find(|e| !accepted.contains(**e)) {
        Some(missing) => Err(Rejection::Without(*missing)),
        None => Ok(()),
    };
    let block = || match blocks.of(ext).is_power_of_two() {
        true => Ok(()),
        false => Err(Rejection::NoBlockSize),
    };
    match ext {
        Zicbom | Zicboz => block(),
        Zcb | Zcmop => with(&[Zca]),
        Zcd => with(&[Zca, D]),
        Zcf => Err(Rejection::Only32Bit),
        _ if !policy.has(Change::FloatConditions) => Ok(()),
        F | V | Zve32f | Zve64f | Zve64d => with(&[D]),
        Zfa | Zfbfmin | Zfh | Zfhmin => with(&[F]),
        Zicbop => block(),
        Zvfbfmin => with(&[Zve32f]),
        Zvfbfwma => with(&[Zfbfmin, Zvfbfmin]),
        Zvbb | Zvbc | Zvkb | Zvkg | Zvkned | Zvknha | Zvknhb | Zvksed | Zvksh | Zvkt => {
            with(&[Zve32x])
        }
        Zilsd | Zclsd => Err(Rejection::Only32Bit),
        Svadu if accepted.contains(Svade) => Err(Rejection::Beside(Svade)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(tokens: &[&str]) -> IsaExtSet {
        tokens.iter().map(|t| IsaExt::find(t).unwrap()).collect()
    }

    fn accepted(tokens: &[&str], policy: Policy) -> IsaExtSet {
        resolve_isa(set(tokens), policy, &BlockSizes::default()).accepted
    }

    #[test]
    fn a_contains_its_halves_only_since_6_15() {
        assert_eq!(accepted(&["i", "a"], Policy::Linux6_12), set(&["i", "a"]));
        assert_eq!(accepted(&["i", "a"], Policy::Linux7_2), set(&["i", "a", "zaamo", "zalrsc"]));
        assert_eq!(accepted(&["i", "zacas"], Policy::Linux7_2), set(&["i", "zacas"]));
    }

    #[test]
    fn names_that_the_kernel_does_not_know_are_left_out() {
        let names = ["i", "zabha", "zama16b", "zacas"];
        assert_eq!(accepted(&names, Policy::Linux6_12), set(&["i", "zacas"]));
        assert_eq!(accepted(&names, Policy::Linux7_2), set(&["i", "zacas", "zabha"]));
    }

    #[test]
    fn compressed_extensions_wait_for_what_they_need() {
        for policy in Policy::ALL.into_iter().filter(|p| p.has(Change::ResolveIsa)) {
            let all = accepted(&["i", "c", "d", "f", "zcb"], policy);
            assert_eq!(all, set(&["i", "c", "d", "f", "zca", "zcb", "zcd"]), "{policy}");
            assert_eq!(accepted(&["i", "c"], policy), set(&["i", "c", "zca"]), "{policy}");
            assert_eq!(accepted(&["i", "zcb"], policy), set(&["i"]), "{policy}");
        }
    }

    #[test]
    fn half_precision_brings_its_minimum_only_since_7_3() {
        let names = ["i", "f", "d", "zfh", "v", "zvfh"];
        for (policy, brought) in [(Policy::Linux7_2, false), (Policy::Linux7_3, true)] {
            let all = accepted(&names, policy);
            assert_eq!(all.contains(IsaExt::Zfhmin), brought, "{policy}");
            assert_eq!(all.contains(IsaExt::Zvfhmin), brought, "{policy}");
        }
    }

    #[test]
    fn an_old_kernel_knows_no_bundles() {
        let all = accepted(&["i", "a", "c", "d", "f", "zk", "ztso", "zicond"], Policy::Linux6_6);
        assert_eq!(all, set(&["i", "a", "c", "d", "f"]));
    }

    #[test]
    fn f_without_d() {
        assert_eq!(accepted(&["i", "f", "zfh"], Policy::Linux6_12), set(&["i", "f", "zfh"]));
        assert_eq!(accepted(&["i", "f", "zfh"], Policy::Linux7_2), set(&["i"]));
    }

    #[test]
    fn reasons() {
        let names = set(&["i", "svade", "svadu", "zilsd", "zicbom", "zcd"]);
        let blocks = BlockSizes { zicbom: 48, ..BlockSizes::default() };
        let resolved = resolve_isa(names, Policy::Linux7_2, &blocks);
        assert_eq!(resolved.accepted, set(&["i", "svade"]));
        let why: Vec<String> =
            resolved.rejected.iter().map(|(e, why)| format!("{e} {why}")).collect();
        assert_eq!(
            why,
            [
                "Zicbom without a block size that is a power of two",
                "Zcd without Zca",
                "Svadu beside Svade",
                "Zilsd on a 64-bit hart",
            ]
        );
        let old = resolve_isa(set(&["i", "zabha"]), Policy::Linux6_12, &BlockSizes::default());
        assert_eq!(old.rejected, [(IsaExt::Zabha, Rejection::TooNew)]);
    }
}
