//! Which extensions others bring with them, by the manual.
//!
//! `A` is Zaamo and Zalrsc, Zacas and Zabha depend on Zaamo, and so on: unprivileged manual, "depends
//! on" and "implies" sentences of the extensions' chapters, and the naming chapter for bundles. What
//! Linux adds or leaves out by its own rules is in the folder `kernel`.

use super::extension::{IsaExt, IsaExtSet};

/// `named` and everything that it implies, directly or not.
#[must_use]
pub fn with_implied(named: IsaExtSet) -> IsaExtSet {
    let mut all = named;
    let mut open: Vec<IsaExt> = named.iter().collect();
    while let Some(ext) = open.pop() {
        open.extend(implied(ext).iter().filter(|e| all.insert(**e)));
    }
    if all.is_superset(IsaExt::C | IsaExt::D) {
        all.insert(IsaExt::Zcd);
    }
    all
}

/// `set` without `ext`, without what needs it, and without the bundles that it is part of.
#[must_use]
pub fn without_dependents(set: IsaExtSet, ext: IsaExt) -> IsaExtSet {
    set.iter().filter(|e| !with_implied(IsaExtSet::only(*e)).contains(ext)).collect()
}

/// What an extension brings directly.
fn implied(ext: IsaExt) -> &'static [IsaExt] {
    use IsaExt::*;
    match ext {
        A => &[Zaamo, Zalrsc],
        B => &[Zba, Zbb, Zbs],
        C => &[Zca],
        D => &[F],
        F => &[Zicsr],
        M => &[Zmmul],
        Q => &[D],
        V => &[Zve64d, Zvl128b],
        Sha => &[H, Ssstateen, Shcounterenw, Shgatpa, Shtvala, Shvsatpa, Shvstvala, Shvstvecd],
        Smaia => &[Ssaia],
        Smcsrind => &[Sscsrind],
        Smstateen => &[Ssstateen],
        Sv48 => &[Sv39],
        Sv57 => &[Sv48],
        Za64rs => &[Za128rs],
        Zabha => &[Zaamo],
        Zacas => &[Zaamo],
        Zawrs => &[Zalrsc],
        Zcb => &[Zca],
        Zcd => &[Zca, D],
        Zce => &[Zcb, Zcmp, Zcmt],
        Zcf => &[Zca, F],
        Zclsd => &[Zilsd, Zca],
        Zcmop => &[Zca],
        Zcmp => &[Zca],
        Zcmt => &[Zca, Zicsr],
        Zdinx => &[Zfinx],
        Zfa => &[F],
        Zfbfmin => &[F],
        Zfh => &[Zfhmin],
        Zfhmin => &[F],
        Zfinx => &[Zicsr],
        Zhinx => &[Zhinxmin],
        Zhinxmin => &[Zfinx],
        Zicfiss => &[Zicsr, Zimop],
        Zicntr => &[Zicsr],
        Zihpm => &[Zicsr],
        Zk => &[Zkn, Zkr, Zkt],
        Zkn => &[Zbkb, Zbkc, Zbkx, Zknd, Zkne, Zknh],
        Zks => &[Zbkb, Zbkc, Zbkx, Zksed, Zksh],
        Zvbb => &[Zvkb],
        Zvbc => &[Zve64x],
        Zve32f => &[Zve32x, F],
        Zve32x => &[Zicsr, Zvl32b],
        Zve64d => &[Zve64f, D],
        Zve64f => &[Zve64x, Zve32f],
        Zve64x => &[Zve32x, Zvl64b],
        Zvfbfmin => &[Zve32f],
        Zvfbfwma => &[Zvfbfmin, Zfbfmin],
        Zvfh => &[Zvfhmin, Zfhmin],
        Zvfhmin => &[Zve32f],
        Zvkb => &[Zve32x],
        Zvkg => &[Zve32x],
        Zvkn => &[Zvkned, Zvknhb, Zvkb, Zvkt],
        Zvknc => &[Zvkn, Zvbc],
        Zvkned => &[Zve32x],
        Zvkng => &[Zvkn, Zvkg],
        Zvknha => &[Zve32x],
        Zvknhb => &[Zve64x],
        Zvks => &[Zvksed, Zvksh, Zvkb, Zvkt],
        Zvksc => &[Zvks, Zvbc],
        Zvksed => &[Zve32x],
        Zvksg => &[Zvks, Zvkg],
        Zvksh => &[Zve32x],
        Zvl1024b => &[Zvl512b],
        Zvl128b => &[Zvl64b],
        Zvl256b => &[Zvl128b],
        Zvl512b => &[Zvl256b],
        Zvl64b => &[Zvl32b],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::IsaExt::*;
    use super::*;

    #[test]
    fn atomics() {
        assert_eq!(with_implied(A.into()), A | Zaamo | Zalrsc);
        assert_eq!(with_implied(Zacas.into()), Zacas | Zaamo);
        assert_eq!(with_implied(Zabha.into()), Zabha | Zaamo);
    }

    #[test]
    fn chains_and_conditions() {
        assert_eq!(with_implied(C | D), C | D | F | Zicsr | Zca | Zcd, "C with D brings Zcd");
        assert!(!with_implied(C | F).contains(Zcd));
        assert!(with_implied(V.into()).is_superset(Zve32x | Zve64d | D | F | Zicsr | Zvl32b));
    }

    #[test]
    fn taking_away_takes_the_dependents() {
        let all = with_implied(I | A | Zacas | Zabha | Ztso);
        assert_eq!(without_dependents(all, Zaamo), I | Zalrsc | Ztso);
        assert_eq!(without_dependents(all, Ztso), with_implied(I | A | Zacas | Zabha));
    }
}
