//! What instructions compute, at each width: results and flags.
//!
//! A result keeps the upper bits of the first argument as a register does: those of 8 and 16 bits leave what is
//! above them, those of 32 bits clear it. What is above the width in an argument never matters otherwise.

/// The flags in the layout of EFLAGS.
pub mod flags {
    /// Carry.
    pub const CF: u64 = 1 << 0;
    /// Parity of the lowest byte: an even number of ones.
    pub const PF: u64 = 1 << 2;
    /// Zero.
    pub const ZF: u64 = 1 << 6;
    /// Sign.
    pub const SF: u64 = 1 << 7;
    /// Overflow of signed numbers.
    pub const OF: u64 = 1 << 11;
    /// All that are modelled.
    pub const ALL: u64 = CF | PF | ZF | SF | OF;
}

use flags::{CF, OF, PF, SF, ZF};

/// A function at a width.
pub(super) type Binary = fn(u64, u64) -> u64;

/// The function of the width's number of bits.
macro_rules! at_width {
    ($width:expr, $in:ident::$function:ident) => {
        match $width {
            Width::B => $in::$function::<8> as $in::Binary,
            Width::H => $in::$function::<16>,
            Width::W => $in::$function::<32>,
            Width::D | Width::Q => $in::$function::<64>,
        }
    };
}
pub(super) use at_width;

const fn mask<const BITS: u32>() -> u64 {
    u64::MAX >> (64 - BITS)
}

const fn sign<const BITS: u32>(value: u64) -> bool {
    value >> (BITS - 1) & 1 != 0
}

/// Puts a result into a register, as far as its width says.
const fn merged<const BITS: u32>(register: u64, result: u64) -> u64 {
    let result = result & mask::<BITS>();
    if BITS < 32 { register & !mask::<BITS>() | result } else { result }
}

/// SF, ZF and PF of a result.
const fn of_result<const BITS: u32>(result: u64) -> u64 {
    let result = result & mask::<BITS>();
    let zero = if result == 0 { ZF } else { 0 };
    let negative = if sign::<BITS>(result) { SF } else { 0 };
    let even = if (result as u8).count_ones().is_multiple_of(2) { PF } else { 0 };
    zero | negative | even
}

const fn flag(holds: bool, flag: u64) -> u64 {
    if holds { flag } else { 0 }
}

/// `b` in the place of `a`.
pub(super) fn second<const BITS: u32>(a: u64, b: u64) -> u64 {
    merged::<BITS>(a, b)
}

/// `a` with zeros above the width.
pub(super) fn zero_extended<const BITS: u32>(a: u64, _: u64) -> u64 {
    a & mask::<BITS>()
}

/// `a` with its sign above the width.
pub(super) fn sign_extended<const BITS: u32>(a: u64, _: u64) -> u64 {
    (a << (64 - BITS)) as i64 as u64 >> (64 - BITS)
        | if sign::<BITS>(a) { !mask::<BITS>() } else { 0 }
}

pub(super) fn high_byte(a: u64, _: u64) -> u64 {
    a >> 8 & 0xff
}

pub(super) fn with_high_byte(a: u64, b: u64) -> u64 {
    a & !0xff00 | (b & 0xff) << 8
}

pub(super) fn add<const BITS: u32>(a: u64, b: u64) -> u64 {
    merged::<BITS>(a, a.wrapping_add(b))
}

pub(super) fn add_flags<const BITS: u32>(a: u64, b: u64) -> u64 {
    let (a, b) = (a & mask::<BITS>(), b & mask::<BITS>());
    let sum = a.wrapping_add(b) & mask::<BITS>();
    let overflow = sign::<BITS>((a ^ sum) & (b ^ sum));
    of_result::<BITS>(sum) | flag(sum < a, CF) | flag(overflow, OF)
}

pub(super) fn sub<const BITS: u32>(a: u64, b: u64) -> u64 {
    merged::<BITS>(a, a.wrapping_sub(b))
}

pub(super) fn sub_flags<const BITS: u32>(a: u64, b: u64) -> u64 {
    let (a, b) = (a & mask::<BITS>(), b & mask::<BITS>());
    let difference = a.wrapping_sub(b) & mask::<BITS>();
    let overflow = sign::<BITS>((a ^ b) & (a ^ difference));
    of_result::<BITS>(difference) | flag(a < b, CF) | flag(overflow, OF)
}

/// The flags of two additions or subtractions, one after the other, that are one to the program.
pub(super) fn both_carries(first: u64, second: u64) -> u64 {
    (second | first & CF) ^ first & OF
}

/// CF alone, as a number.
pub(super) fn carry(flags: u64, _: u64) -> u64 {
    flags & CF
}

/// Flags in which CF is as before.
pub(super) fn but_carry(before: u64, after: u64) -> u64 {
    before & CF | after & !CF
}

/// Flags in which CF alone is another.
pub(super) fn carry_alone(before: u64, after: u64) -> u64 {
    before & !CF | after & CF
}

pub(super) fn and<const BITS: u32>(a: u64, b: u64) -> u64 {
    merged::<BITS>(a, a & b)
}

pub(super) fn and_flags<const BITS: u32>(a: u64, b: u64) -> u64 {
    of_result::<BITS>(a & b)
}

pub(super) fn or<const BITS: u32>(a: u64, b: u64) -> u64 {
    merged::<BITS>(a, a | b)
}

pub(super) fn or_flags<const BITS: u32>(a: u64, b: u64) -> u64 {
    of_result::<BITS>(a | b)
}

pub(super) fn xor<const BITS: u32>(a: u64, b: u64) -> u64 {
    merged::<BITS>(a, a ^ b)
}

pub(super) fn xor_flags<const BITS: u32>(a: u64, b: u64) -> u64 {
    of_result::<BITS>(a ^ b)
}

pub(super) fn neg<const BITS: u32>(a: u64, _: u64) -> u64 {
    merged::<BITS>(a, a.wrapping_neg())
}

pub(super) fn neg_flags<const BITS: u32>(a: u64, _: u64) -> u64 {
    sub_flags::<BITS>(0, a)
}

pub(super) fn not<const BITS: u32>(a: u64, _: u64) -> u64 {
    merged::<BITS>(a, !a)
}

/// The number of bits to shift by: of a count five bits matter, at 64 bits six.
const fn count<const BITS: u32>(b: u64) -> u32 {
    (b & if BITS == 64 { 63 } else { 31 }) as u32
}

pub(super) fn shl<const BITS: u32>(a: u64, b: u64) -> u64 {
    merged::<BITS>(a, (a & mask::<BITS>()) << count::<BITS>(b))
}

/// Those of a count of 0 are left as they are: see [`if_counted`].
pub(super) fn shl_flags<const BITS: u32>(a: u64, b: u64) -> u64 {
    let (a, count) = (u128::from(a & mask::<BITS>()), count::<BITS>(b));
    let (wide, result) = (a << count, ((a << count) as u64) & mask::<BITS>());
    let out = wide >> BITS & 1 != 0;
    of_result::<BITS>(result) | flag(out, CF) | flag(sign::<BITS>(result) != out, OF)
}

pub(super) fn shr<const BITS: u32>(a: u64, b: u64) -> u64 {
    merged::<BITS>(a, (a & mask::<BITS>()) >> count::<BITS>(b))
}

pub(super) fn shr_flags<const BITS: u32>(a: u64, b: u64) -> u64 {
    let (a, count) = (a & mask::<BITS>(), count::<BITS>(b));
    let out = count > 0 && a >> (count - 1) & 1 != 0;
    of_result::<BITS>(a >> count) | flag(out, CF) | flag(sign::<BITS>(a), OF)
}

pub(super) fn sar<const BITS: u32>(a: u64, b: u64) -> u64 {
    merged::<BITS>(a, (sign_extended::<BITS>(a, 0) as i64 >> count::<BITS>(b)) as u64)
}

pub(super) fn sar_flags<const BITS: u32>(a: u64, b: u64) -> u64 {
    let (a, count) = (sign_extended::<BITS>(a, 0) as i64, count::<BITS>(b));
    let out = count > 0 && a >> (count - 1) & 1 != 0;
    of_result::<BITS>((a >> count) as u64) | flag(out, CF)
}

/// 0 if a shift by `b` shifts nothing, so that flags stay; else all ones.
pub(super) fn if_counted<const BITS: u32>(b: u64, _: u64) -> u64 {
    if count::<BITS>(b) == 0 { 0 } else { u64::MAX }
}

pub(super) fn imul<const BITS: u32>(a: u64, b: u64) -> u64 {
    merged::<BITS>(a, a.wrapping_mul(b))
}

pub(super) fn imul_flags<const BITS: u32>(a: u64, b: u64) -> u64 {
    let signed = |value: u64| i128::from(sign_extended::<BITS>(value, 0) as i64);
    let (product, low) = (signed(a) * signed(b), a.wrapping_mul(b) & mask::<BITS>());
    of_result::<BITS>(low) | flag(signed(low) != product, CF | OF)
}

/// The bit of that number, counted within the width, as a mask.
pub(super) fn bit<const BITS: u32>(number: u64, _: u64) -> u64 {
    1 << (number & (BITS - 1) as u64)
}

/// CF if the bit of the mask is set.
pub(super) fn has_bit(a: u64, mask: u64) -> u64 {
    flag(a & mask != 0, CF)
}

pub(super) fn clear<const BITS: u32>(a: u64, mask: u64) -> u64 {
    merged::<BITS>(a, a & !mask)
}

/// Where the word with a bit of that number is, in bytes from the first: the number is signed.
pub(super) fn bit_offset<const BITS: u32>(number: u64, _: u64) -> u64 {
    let words = sign_extended::<BITS>(number, 0) as i64 >> BITS.trailing_zeros();
    (words * i64::from(BITS / 8)) as u64
}

/// All ones if both are the same at the width, else 0.
pub(super) fn equal<const BITS: u32>(a: u64, b: u64) -> u64 {
    if (a ^ b) & mask::<BITS>() == 0 { u64::MAX } else { 0 }
}

/// The accumulator of a `cmpxchg` that found `found`: itself if it was that.
pub(super) fn accumulator<const BITS: u32>(before: u64, found: u64) -> u64 {
    if equal::<BITS>(before, found) == 0 { merged::<BITS>(before, found) } else { before }
}

pub(super) fn all_or_nothing(a: u64, _: u64) -> u64 {
    if a == 0 { 0 } else { u64::MAX }
}

/// Two halves of 32 bits, the lower first.
pub(super) fn joined(low: u64, high: u64) -> u64 {
    high << 32 | low & mask::<32>()
}

pub(super) fn upper_half(a: u64, _: u64) -> u64 {
    a >> 32
}

/// ZF as the mask says.
pub(super) fn zero_flag(flags: u64, equal: u64) -> u64 {
    flags & !ZF | equal & ZF
}

pub(super) fn scaled<const BY: u32>(a: u64, b: u64) -> u64 {
    a.wrapping_add(b.wrapping_shl(BY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_results_keep_what_is_above_and_those_of_32_bits_clear_it() {
        assert_eq!(add::<8>(0x1ff, 1), 0x100);
        assert_eq!(add::<16>(0x1_ffff, 1), 0x1_0000);
        assert_eq!(add::<32>(u64::MAX, 1), 0);
        assert_eq!(second::<64>(1, u64::MAX), u64::MAX);
        assert_eq!(sign_extended::<8>(0x80, 0), -128_i64 as u64);
        assert_eq!(sign_extended::<64>(5, 0), 5);
    }

    #[test]
    fn carry_and_overflow() {
        assert_eq!(add_flags::<8>(0x7f, 1), SF | OF);
        assert_eq!(add_flags::<8>(0xff, 1), ZF | PF | CF);
        assert_eq!(sub_flags::<32>(0, 1), SF | PF | CF);
        assert_eq!(sub_flags::<32>(1 << 31, 1) & (CF | OF), OF);
    }
}
