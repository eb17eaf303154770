//! Integer registers, by number and by ABI name.

use std::fmt;

/// An integer register, `x0` to `x31`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Reg(u8);

/// ABI names in register order (psABI, "Register Convention").
const ABI: [&str; 32] = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4",
    "a5", "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4",
    "t5", "t6",
];

impl Reg {
    /// The hard-wired zero: reads as 0, ignores writes, carries no dependency.
    pub const ZERO: Reg = Reg(0);
    /// The link register of `ret`.
    pub const RA: Reg = Reg(1);
    /// The stack pointer, which some compressed instructions imply.
    pub const SP: Reg = Reg(2);

    /// Register `x{number}`.
    ///
    /// # Panics
    /// If `number` is 32 or more.
    #[must_use]
    pub const fn new(number: u8) -> Reg {
        assert!(number < 32, "RISC-V has 32 integer registers");
        Reg(number)
    }

    /// 0 to 31.
    #[must_use]
    pub const fn number(self) -> usize {
        self.0 as usize
    }

    /// `true` for `x0`.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The upper half of the pair that starts here, as `amocas.q` takes it; `x0` stands for a pair
    /// of zeros, and so does anything that starts no pair.
    #[must_use]
    pub const fn pair(self) -> Reg {
        if self.0 != 0 && self.0.is_multiple_of(2) { Reg(self.0 + 1) } else { Reg::ZERO }
    }

    /// Reads `x0`..`x31` or an ABI name (`fp` is `s0`); `None` for anything else.
    #[must_use]
    pub fn parse(name: &str) -> Option<Reg> {
        let bytes = name.as_bytes();
        match bytes {
            [b'x', d @ b'0'..=b'9'] => return Some(Reg(d - b'0')),
            [b'x', t @ b'1'..=b'3', d @ b'0'..=b'9'] => {
                let number = (t - b'0') * 10 + (d - b'0');
                return (number < 32).then_some(Reg(number));
            }
            b"fp" => return Some(Reg(8)),
            _ => {}
        }
        if !(2..=4).contains(&bytes.len()) {
            return None;
        }
        ABI.iter().position(|abi| *abi == name).map(|number| Reg(number as u8))
    }

    /// The psABI's name, for example `a0` for `x10`.
    #[must_use]
    pub fn abi_name(self) -> &'static str {
        ABI[self.number()]
    }
}

impl fmt::Display for Reg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "x{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_start_even_and_that_of_zero_is_zero() {
        assert_eq!(Reg::new(10).pair(), Reg::new(11));
        assert_eq!(Reg::new(30).pair(), Reg::new(31));
        assert_eq!(Reg::ZERO.pair(), Reg::ZERO);
        assert_eq!(Reg::new(31).pair(), Reg::ZERO);
    }

    #[test]
    fn every_name_is_read_back() {
        for number in 0..32 {
            let reg = Reg::new(number);
            assert_eq!(Reg::parse(&reg.to_string()), Some(reg));
            assert_eq!(Reg::parse(reg.abi_name()), Some(reg));
        }
        assert_eq!(Reg::parse("fp"), Reg::parse("s0"));
        for wrong in ["x32", "x", "x01", "x100", "y1", "", "s12", "a8", "X1"] {
            assert_eq!(Reg::parse(wrong), None, "{wrong}");
        }
    }
}
