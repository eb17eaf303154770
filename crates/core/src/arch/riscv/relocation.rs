//! Parts of addresses as immediates: what compilers write before a linker has placed anything.

/// The part of a symbol's address that stands for an instruction's immediate (psABI, chapter "Relocations").
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Relocation {
    /// `%hi(x)`: the upper 20 bits for `lui`, rounded so that a signed lower part adds up to the address.
    Hi,
    /// `%lo(x)`: the lower 12 bits, with a sign.
    Lo,
    /// `%pcrel_hi(x)`: as `%hi`, of the distance from the `auipc`.
    PcrelHi,
    /// `%pcrel_lo(label)`: the lower 12 bits of what the `auipc` at the label has the upper of.
    PcrelLo,
}

impl Relocation {
    /// All of them.
    pub const ALL: [Relocation; 4] =
        [Relocation::Hi, Relocation::Lo, Relocation::PcrelHi, Relocation::PcrelLo];

    /// The assembler's name, without `%`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Relocation::Hi => "hi",
            Relocation::Lo => "lo",
            Relocation::PcrelHi => "pcrel_hi",
            Relocation::PcrelLo => "pcrel_lo",
        }
    }

    /// Is it the lower part?
    #[must_use]
    pub const fn is_low(self) -> bool {
        matches!(self, Relocation::Lo | Relocation::PcrelLo)
    }

    /// The immediate for an address, or for a distance.
    #[must_use]
    pub const fn of(self, address: u64) -> i64 {
        match self.is_low() {
            true => ((address << 52) as i64) >> 52,
            false => (address.wrapping_add(0x800) >> 12 & 0xf_ffff) as i64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_add_up_to_the_address() {
        for address in [0, 1, 0x7ff, 0x800, 0xfff, 0x6000_0000, 0x6000_1abc, (-0x1234_i64) as u64] {
            let upper = ((Relocation::Hi.of(address) << 12) as i32) as u64;
            let sum = upper.wrapping_add_signed(Relocation::Lo.of(address));
            assert_eq!(sum, address, "{address:#x}");
        }
    }
}
