//! What becomes of an access that is not naturally aligned.
//!
//! Manual, chapter "RVWMO": "a misaligned load or store instruction may be decomposed into a set of
//! component memory operations of any granularity". Single bytes allow all that any other decomposition
//! allows, so that is what both engines do; the components of one instruction are not ordered among
//! themselves. Volume II, "Misaligned Atomicity Granule PMA": a load, store or AMO all of whose bytes
//! lie within one granule gives rise to one operation; Zama16b makes that granule 16 bytes. Chapter
//! "Zalasr" says the same of load-acquire and store-release. LR and SC must be naturally aligned
//! everywhere, and an AMO, load-acquire or store-release must where it leaves its granule: these raise
//! an exception.

use super::Hart;
use crate::arch::{MemoryAccess, Order};
use crate::model::{AccessKind, Options};

/// How an instruction of some width takes an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Alignment {
    bytes: u64,
    granule: u64,
    otherwise: Otherwise,
}

/// What a misaligned access is outside a granule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Otherwise {
    Bytes,
    Exception,
}

/// What an access to a certain address is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// One operation.
    Whole,
    /// One operation for each byte.
    Bytes,
    /// None: it raises an exception.
    Exception,
}

impl Alignment {
    /// Of an access of this kind.
    #[must_use]
    pub fn of(kind: AccessKind, access: MemoryAccess, hart: &Hart, options: &Options) -> Alignment {
        let granule = hart.granule.max(options.misaligned_granule);
        let plain =
            matches!(kind, AccessKind::Load | AccessKind::Store) && access.order == Order::None;
        let reserves = matches!(kind, AccessKind::LoadReserved | AccessKind::StoreConditional);
        Alignment {
            bytes: access.width.bytes(),
            granule: if reserves { 1 } else { granule },
            otherwise: if plain { Otherwise::Bytes } else { Otherwise::Exception },
        }
    }

    /// Of one byte, which is always aligned.
    pub const BYTE: Alignment = Alignment { bytes: 1, granule: 1, otherwise: Otherwise::Exception };

    /// What an access to `address` is.
    #[must_use]
    pub const fn at(self, address: u64) -> Access {
        let last = address.wrapping_add(self.bytes - 1);
        if address.is_multiple_of(self.bytes) || address / self.granule == last / self.granule {
            return Access::Whole;
        }
        match self.otherwise {
            Otherwise::Bytes => Access::Bytes,
            Otherwise::Exception => Access::Exception,
        }
    }

    /// May some address make it fall into bytes?
    #[must_use]
    pub fn may_split(self) -> bool {
        self.otherwise == Otherwise::Bytes && self.bytes > 1
    }

    /// As one number, for [`Alignment::splits`].
    #[must_use]
    pub const fn packed(self) -> u64 {
        self.granule << 8 | self.bytes
    }

    /// Does an access that may fall into bytes do so at `address`? The second argument is its
    /// [`Alignment::packed`].
    #[must_use]
    pub const fn splits(address: u64, packed: u64) -> bool {
        let alignment =
            Alignment { bytes: packed & 0xff, granule: packed >> 8, otherwise: Otherwise::Bytes };
        matches!(alignment.at(address), Access::Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_when_aligned_or_within_a_granule() {
        let plain = |bytes, granule| Alignment { bytes, granule, otherwise: Otherwise::Bytes };
        assert_eq!(plain(4, 1).at(8), Access::Whole);
        assert_eq!(plain(4, 1).at(9), Access::Bytes);
        assert_eq!(plain(4, 16).at(9), Access::Whole);
        assert_eq!(plain(4, 16).at(14), Access::Bytes);
        assert_eq!(plain(8, 8).at(4), Access::Bytes);
        assert_eq!(plain(1, 1).at(7), Access::Whole);
        let amo = Alignment { otherwise: Otherwise::Exception, ..plain(4, 16) };
        assert_eq!((amo.at(10), amo.at(14)), (Access::Whole, Access::Exception));
        for address in 0..64 {
            let split = plain(8, 16).at(address) == Access::Bytes;
            assert_eq!(Alignment::splits(address, plain(8, 16).packed()), split);
        }
    }
}
