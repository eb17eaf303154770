//! The bytes that one operation covers, and what it reads or writes there.

use crate::model::Reservation;
use crate::program::Program;

/// `width` bytes from `address`. Never empty, at most 16 bytes, does not wrap around.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Footprint {
    /// First byte.
    pub address: u64,
    /// How many: 1, 2, 4, 8 or 16.
    pub width: u8,
}

/// Most bytes of a footprint.
pub const MAX_WIDTH: usize = 16;

/// A set of the bytes of one footprint: bit 0 is its first byte.
pub type ByteMask = u16;

impl Footprint {
    /// All of its bytes.
    #[must_use]
    pub fn mask(self) -> ByteMask {
        if self.width >= 16 { ByteMask::MAX } else { (1 << self.width) - 1 }
    }

    /// Those of its bytes that `other` covers too.
    #[must_use]
    pub fn covered_by(self, other: Footprint) -> ByteMask {
        let start = other.address.max(self.address);
        let end =
            (other.address + u64::from(other.width)).min(self.address + u64::from(self.width));
        if start >= end {
            return 0;
        }
        let bytes = Footprint { address: start, width: (end - start) as u8 };
        bytes.mask() << (start - self.address)
    }

    /// Do they share a byte?
    #[must_use]
    pub fn overlaps(self, other: Footprint) -> bool {
        self.covered_by(other) != 0
    }

    /// Does every byte of it lie in `other`?
    #[must_use]
    pub fn lies_in(self, other: Footprint) -> bool {
        self.covered_by(other) == self.mask()
    }

    /// May an LR of it be paired with an SC to `sc`?
    #[must_use]
    pub fn reserves(self, sc: Footprint, reservation: Reservation) -> bool {
        match reservation {
            Reservation::Exact => sc.lies_in(self),
            Reservation::Line(size) => {
                let size = size.max(self.width.into());
                let line = |address: u64| address / size;
                line(self.address) == line(sc.address)
                    && line(self.address) == line(sc.byte(usize::from(sc.width) - 1))
            }
            Reservation::Any => true,
        }
    }

    /// Its byte `index` as an address.
    #[must_use]
    pub fn byte(self, index: usize) -> u64 {
        self.address + index as u64
    }

    /// The bytes of `value`, written to `self`, that fall on `target`, placed where `target` has them.
    #[must_use]
    pub fn project(self, value: u128, target: Footprint) -> u128 {
        let value = value & bit_mask(self.mask());
        if self.address >= target.address {
            value.checked_shl(8 * (self.address - target.address) as u32).unwrap_or(0)
        } else {
            value.checked_shr(8 * (target.address - self.address) as u32).unwrap_or(0)
        }
    }
}

/// What the initial state holds at `target`, which lies in a location.
#[must_use]
pub(super) fn initial_value(program: &Program, target: Footprint) -> u128 {
    program.initial_value(target.address, target.width.into())
}

/// The bit mask of a byte mask: `0b101` becomes `0xff00ff`.
#[must_use]
pub fn bit_mask(bytes: ByteMask) -> u128 {
    let half = |bits: u16| {
        // Copies the eight bits into every byte, keeps bit n in byte n, and fills what is not zero.
        let one = (u64::from(bits & 0xff) * 0x0101_0101_0101_0101) & 0x8040_2010_0804_0201;
        let low = 0x7f7f_7f7f_7f7f_7f7f;
        let set = (((one & low) + low) | one) & !low;
        (set >> 7) * 0xff
    };
    u128::from(half(bytes)) | u128::from(half(bytes >> 8)) << 64
}

/// The bytes in which two values agree.
#[must_use]
pub fn equal_bytes(a: u128, b: u128) -> ByteMask {
    let differ = (a ^ b).to_le_bytes();
    differ.iter().rev().fold(0, |mask, byte| mask << 1 | ByteMask::from(*byte == 0))
}

/// The indices of the bytes in a mask, ascending.
pub fn bytes_of(mask: ByteMask) -> impl Iterator<Item = usize> {
    let mut rest = mask;
    std::iter::from_fn(move || {
        let byte = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
        rest &= rest - 1;
        Some(byte)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_and_projection_by_bytes() {
        let word = Footprint { address: 100, width: 4 };
        let upper = Footprint { address: 102, width: 2 };
        let double = Footprint { address: 96, width: 8 };
        assert_eq!(word.covered_by(upper), 0b1100);
        assert_eq!(upper.covered_by(word), 0b11);
        assert_eq!(double.covered_by(word), 0xf0);
        assert!(upper.lies_in(word) && !word.lies_in(upper));
        assert!(!word.overlaps(Footprint { address: 104, width: 4 }));
        assert_eq!(upper.project(0x1_beef, word), 0xbeef_0000);
        assert_eq!(double.project(0x1122_3344_5566_7788, word), 0x1122_3344);
        for mask in 0..=u16::MAX {
            let expected = bytes_of(mask).fold(0, |bits, byte| bits | 0xff << (8 * byte));
            assert_eq!(bit_mask(mask), expected);
        }
        assert_eq!(Footprint { address: 0, width: 16 }.mask(), u16::MAX);
    }
}
