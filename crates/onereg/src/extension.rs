//! Every extension that a host description may name, and sets of them.
//!
//! One row per name: the token of ISA strings and device trees, and the number that Linux gives the
//! extension in its bitmap of host capabilities (`RISCV_ISA_EXT_*` in `asm/hwcap.h`). The numbers are
//! handed out in the order in which the kernel learnt the names, so that the last number of a kernel
//! says what it knows. Extensions without a number are known to hardware and toolchains only, or are
//! names for bundles of others. Read from the sources of Linux 6.12 and 7.2.

use std::fmt;

/// An extension, by its row in the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ext(u8);

/// Token and host capability number. Rows without a number follow those with one.
const TABLE: &[(&str, Option<u8>)] = &[
    ("a", Some(0)),
    ("c", Some(2)),
    ("d", Some(3)),
    ("f", Some(5)),
    ("h", Some(7)),
    ("i", Some(8)),
    ("m", Some(12)),
    ("q", Some(16)),
    ("v", Some(21)),
    ("sscofpmf", Some(26)),
    ("sstc", Some(27)),
    ("svinval", Some(28)),
    ("svpbmt", Some(29)),
    ("zbb", Some(30)),
    ("zicbom", Some(31)),
    ("zihintpause", Some(32)),
    ("svnapot", Some(33)),
    ("zicboz", Some(34)),
    ("smaia", Some(35)),
    ("ssaia", Some(36)),
    ("zba", Some(37)),
    ("zbs", Some(38)),
    ("zicntr", Some(39)),
    ("zicsr", Some(40)),
    ("zifencei", Some(41)),
    ("zihpm", Some(42)),
    ("smstateen", Some(43)),
    ("zicond", Some(44)),
    ("zbc", Some(45)),
    ("zbkb", Some(46)),
    ("zbkc", Some(47)),
    ("zbkx", Some(48)),
    ("zknd", Some(49)),
    ("zkne", Some(50)),
    ("zknh", Some(51)),
    ("zkr", Some(52)),
    ("zksed", Some(53)),
    ("zksh", Some(54)),
    ("zkt", Some(55)),
    ("zvbb", Some(56)),
    ("zvbc", Some(57)),
    ("zvkb", Some(58)),
    ("zvkg", Some(59)),
    ("zvkned", Some(60)),
    ("zvknha", Some(61)),
    ("zvknhb", Some(62)),
    ("zvksed", Some(63)),
    ("zvksh", Some(64)),
    ("zvkt", Some(65)),
    ("zfh", Some(66)),
    ("zfhmin", Some(67)),
    ("zihintntl", Some(68)),
    ("zvfh", Some(69)),
    ("zvfhmin", Some(70)),
    ("zfa", Some(71)),
    ("ztso", Some(72)),
    ("zacas", Some(73)),
    ("zve32x", Some(74)),
    ("zve32f", Some(75)),
    ("zve64x", Some(76)),
    ("zve64f", Some(77)),
    ("zve64d", Some(78)),
    ("zimop", Some(79)),
    ("zca", Some(80)),
    ("zcb", Some(81)),
    ("zcd", Some(82)),
    ("zcf", Some(83)),
    ("zcmop", Some(84)),
    ("zawrs", Some(85)),
    ("svvptc", Some(86)),
    ("smmpm", Some(87)),
    ("smnpm", Some(88)),
    ("ssnpm", Some(89)),
    ("zabha", Some(90)),
    ("ziccrse", Some(91)),
    ("svade", Some(92)),
    ("svadu", Some(93)),
    ("zfbfmin", Some(94)),
    ("zvfbfmin", Some(95)),
    ("zvfbfwma", Some(96)),
    ("zaamo", Some(97)),
    ("zalrsc", Some(98)),
    ("zicbop", Some(99)),
    ("svrsw60t59b", Some(100)),
    ("zalasr", Some(101)),
    ("zilsd", Some(102)),
    ("zclsd", Some(103)),
    ("zicfilp", Some(104)),
    ("zicfiss", Some(105)),
    ("b", None),
    ("zk", None),
    ("zkn", None),
    ("zks", None),
    ("zvkn", None),
    ("zvknc", None),
    ("zvkng", None),
    ("zvks", None),
    ("zvksc", None),
    ("zvksg", None),
    ("za64rs", None),
    ("za128rs", None),
    ("zama16b", None),
    ("zic64b", None),
    ("ziccamoa", None),
    ("ziccamoc", None),
    ("ziccif", None),
    ("zicclsm", None),
    ("zmmul", None),
    ("zce", None),
    ("zcmp", None),
    ("zcmt", None),
    ("zfinx", None),
    ("zdinx", None),
    ("zhinx", None),
    ("zhinxmin", None),
    ("zvl32b", None),
    ("zvl64b", None),
    ("zvl128b", None),
    ("zvl256b", None),
    ("zvl512b", None),
    ("zvl1024b", None),
    ("sha", None),
    ("shcounterenw", None),
    ("shgatpa", None),
    ("shlcofideleg", None),
    ("shtvala", None),
    ("shvsatpa", None),
    ("shvstvala", None),
    ("shvstvecd", None),
    ("sm1p11", None),
    ("sm1p12", None),
    ("sm1p13", None),
    ("smcdeleg", None),
    ("smcntrpmf", None),
    ("smcsrind", None),
    ("smctr", None),
    ("smdbltrp", None),
    ("smepmp", None),
    ("smrnmi", None),
    ("ss1p11", None),
    ("ss1p12", None),
    ("ss1p13", None),
    ("ssccfg", None),
    ("ssccptr", None),
    ("sscounterenw", None),
    ("sscsrind", None),
    ("ssctr", None),
    ("ssdbltrp", None),
    ("sspm", None),
    ("ssqosid", None),
    ("ssstateen", None),
    ("ssstrict", None),
    ("sstvala", None),
    ("sstvecd", None),
    ("ssu64xl", None),
    ("supm", None),
    ("sv39", None),
    ("sv48", None),
    ("sv57", None),
    ("svbare", None),
];

impl Ext {
    /// The row of a token that is known to be in the table; meant for constants, where a wrong token
    /// is a compile error.
    ///
    /// # Panics
    /// If the table has no such token.
    #[must_use]
    pub const fn named(token: &str) -> Ext {
        let mut row = 0;
        while row < TABLE.len() {
            if same(TABLE[row].0.as_bytes(), token.as_bytes()) {
                return Ext(row as u8);
            }
            row += 1;
        }
        panic!("not a token of the extension table")
    }

    /// The extension that a lower-case token names, without version.
    #[must_use]
    pub fn find(token: &str) -> Option<Ext> {
        TABLE.iter().position(|(t, _)| *t == token).map(|row| Ext(row as u8))
    }

    /// All of them, in table order.
    pub fn all() -> impl Iterator<Item = Ext> {
        (0..TABLE.len()).map(|row| Ext(row as u8))
    }

    /// As ISA strings and device trees write it: `ztso`.
    #[must_use]
    pub fn token(self) -> &'static str {
        TABLE[usize::from(self.0)].0
    }

    /// Linux' number for it in the bitmap of host capabilities, if Linux 7.2 or older has one.
    #[must_use]
    pub fn hwcap(self) -> Option<u8> {
        TABLE[usize::from(self.0)].1
    }

    /// The token nearest in spelling, if one is near enough to suggest.
    #[must_use]
    pub fn nearest(wrong: &str) -> Option<Ext> {
        super::spelling::nearest(wrong, Ext::all().map(|e| (e.token(), e)))
    }
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// As the manual writes it: `Ztso`, `A`.
impl fmt::Display for Ext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, rest) = self.token().split_at(1);
        write!(f, "{}{rest}", first.to_ascii_uppercase())
    }
}

impl fmt::Debug for Ext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.token())
    }
}

/// A set of extensions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ExtSet([u64; 3]);

impl ExtSet {
    /// Nothing.
    pub const EMPTY: ExtSet = ExtSet([0; 3]);

    /// Is `ext` there?
    #[must_use]
    pub fn contains(&self, ext: Ext) -> bool {
        self.0[usize::from(ext.0 / 64)] >> (ext.0 % 64) & 1 == 1
    }

    /// Adds `ext`; says whether it was new.
    pub fn insert(&mut self, ext: Ext) -> bool {
        let new = !self.contains(ext);
        self.0[usize::from(ext.0 / 64)] |= 1 << (ext.0 % 64);
        new
    }

    /// Removes `ext`; says whether it was there.
    pub fn remove(&mut self, ext: Ext) -> bool {
        let there = self.contains(ext);
        self.0[usize::from(ext.0 / 64)] &= !(1 << (ext.0 % 64));
        there
    }

    /// What is in both.
    #[must_use]
    pub fn and(&self, other: &ExtSet) -> ExtSet {
        ExtSet(std::array::from_fn(|i| self.0[i] & other.0[i]))
    }

    /// What is here and not in `other`.
    #[must_use]
    pub fn minus(&self, other: &ExtSet) -> ExtSet {
        ExtSet(std::array::from_fn(|i| self.0[i] & !other.0[i]))
    }

    /// The members, in table order.
    pub fn iter(&self) -> impl Iterator<Item = Ext> + use<> {
        let set = *self;
        Ext::all().filter(move |e| set.contains(*e))
    }
}

impl FromIterator<Ext> for ExtSet {
    fn from_iter<T: IntoIterator<Item = Ext>>(extensions: T) -> ExtSet {
        let mut set = ExtSet::EMPTY;
        for ext in extensions {
            set.insert(ext);
        }
        set
    }
}

impl Extend<Ext> for ExtSet {
    fn extend<T: IntoIterator<Item = Ext>>(&mut self, extensions: T) {
        for ext in extensions {
            self.insert(ext);
        }
    }
}

impl fmt::Debug for ExtSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rvlitmus_core::arch::riscv::Extension;

    #[test]
    fn tokens_and_numbers_are_unique_and_fit_the_set() {
        assert!(TABLE.len() <= 192);
        for (row, (token, hwcap)) in TABLE.iter().enumerate() {
            assert_eq!(Ext::find(token), Some(Ext(row as u8)), "{token} is listed twice");
            let same = TABLE.iter().filter(|(_, h)| h.is_some() && h == hwcap).count();
            assert!(same <= 1, "number {hwcap:?} is given twice");
        }
    }

    #[test]
    fn single_letters_are_numbered_by_the_alphabet() {
        for ext in Ext::all().filter(|e| e.token().len() == 1 && e.hwcap().is_some()) {
            assert_eq!(ext.hwcap(), Some(ext.token().as_bytes()[0] - b'a'));
        }
        assert_eq!(Ext::named("ztso").hwcap(), Some(72));
    }

    #[test]
    fn the_extensions_of_instructions_are_all_in_the_table() {
        for extension in Extension::ALL {
            assert!(Ext::find(&extension.token()).is_some(), "{extension}");
        }
    }

    #[test]
    fn sets() {
        let (i, zabha, svbare) = (Ext::named("i"), Ext::named("zabha"), Ext::named("svbare"));
        let mut set: ExtSet = [i, svbare].into_iter().collect();
        assert!(!set.insert(i) && set.insert(zabha) && set.contains(svbare));
        assert_eq!(set.iter().collect::<Vec<_>>(), [i, zabha, svbare]);
        assert!(set.remove(i) && !set.remove(i));
        let other: ExtSet = [zabha].into_iter().collect();
        assert_eq!(set.and(&other), other);
        assert_eq!(set.minus(&other).iter().collect::<Vec<_>>(), [svbare]);
        assert_eq!(format!("{zabha} {i}"), "Zabha I");
        assert_eq!(Ext::nearest("ztos"), Some(Ext::named("ztso")));
        assert_eq!(Ext::nearest("quux"), None);
    }
}
