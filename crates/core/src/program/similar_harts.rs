//! Harts that differ in nothing but the names of their locations.
//!
//! Four harts that take an MCS lock have the same code, each with a node of its own. To exchange two
//! of them together with their nodes, and each pointer to a node by one to the other's, takes an execution to an
//! execution. Such an exchange is a permutation π of the harts with one ρ of values: an address in a location
//! that some hart has for its own becomes that in the corresponding location, and every other
//! value stays.
//!
//! # When
//!
//! A group of harts have the same code and granule, no register of theirs is observed, and their initial
//! registers differ in addresses of locations only: each has some for its *own*, in the same registers at the same
//! offsets, of the same size, and none that another has. For each exchange of the first of a group and another
//! of it, with π and ρ:
//!
//! 1. ρ takes the registers of each hart *h* to those of π(*h*), and the initial memory to itself;
//! 2. of all values that [`PossibleValues`] has, each action of each hart makes of those that ρ takes its arguments to
//!    what ρ takes its result to: the branch is taken or not as before, what is computed and the address accessed
//!    are renamed, and so is what is read and written, cut to the access's width; numbers in the code, which all
//!    share, stay;
//! 3. no observed value is one that ρ changes.
//!
//! Some sets of possible values are too large to look at each value. If none of these is an address that ρ changes, or
//! comes from one, then they are *numbers*: ρ leaves them alone, even one that happens to be the same as an
//! address. No action may have both numbers and such addresses for arguments, or access memory at a number.
//!
//! # Why
//!
//! By induction on the steps, π and ρ take each execution to one: with the same order of operations, and with the
//! values that ρ makes of what was read and written. It has the same final state (3). All products of exchanges do so,
//! too: the harts of a group can be put in any order.

use super::layout::PAGE;
use super::possible_values::{PossibleValues, Values, cancels};
use super::{Location, ObservedFrom, Program};
use crate::arch::{Action, MemoryAccess, Operand, Register, RegisterOrPair};
use crate::litmus::HartId;

/// More harts of a group than these are not exchanged.
const MOST_HARTS: usize = 5;

/// Harts that can be exchanged together with locations of their own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SimilarHarts {
    pub(crate) groups: Vec<Group>,
    /// By hart and step: is what the step reads from memory renamed?
    pub(crate) reads: Vec<Vec<bool>>,
    /// Pieces of memory, by address and bytes, whose content is renamed.
    pub(crate) pieces: Vec<(u64, u64)>,
}

/// Harts of which each may take another's place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Group {
    pub(crate) harts: Vec<usize>,
    /// By hart of the group, first address and bytes of the locations that are its own, in corresponding order.
    pub(crate) own: Vec<Vec<(u64, u64)>>,
}

impl Group {
    /// The owner of an address among the group's harts, which of its locations, and how far into it.
    pub(crate) fn owner(&self, value: u64) -> Option<(usize, usize, u64)> {
        self.own.iter().enumerate().find_map(|(member, locations)| {
            let mut places = locations.iter().enumerate();
            places.find_map(|(index, &(address, bytes))| {
                let offset = value.checked_sub(address).filter(|offset| *offset < bytes)?;
                Some((member, index, offset))
            })
        })
    }

    fn exchange(&self, other: usize) -> Exchange<'_> {
        Exchange { group: self, other }
    }
}

/// The first hart of a group changes places with another.
#[derive(Clone, Copy)]
struct Exchange<'g> {
    group: &'g Group,
    other: usize,
}

impl Exchange<'_> {
    fn hart(self, hart: usize) -> usize {
        let (first, other) = (self.group.harts[0], self.group.harts[self.other]);
        match hart {
            hart if hart == first => other,
            hart if hart == other => first,
            hart => hart,
        }
    }

    fn value(self, value: u64) -> u64 {
        let Some((member, index, offset)) = self.group.owner(value) else { return value };
        let to = match member {
            0 => self.other,
            member if member == self.other => 0,
            member => member,
        };
        self.group.own[to][index].0 + offset
    }

    /// Does it take what a function makes of these values to what it makes of those they are taken to?
    fn preserves(self, left: &Values, right: &Values, f: impl Fn(u64, u64) -> u64) -> bool {
        let (Values::Few(left), Values::Few(right)) = (left, right) else {
            return ![left, right].iter().any(|values| values.are_marked(&|v| self.value(v) != v));
        };
        left.iter()
            .all(|&a| right.iter().all(|&b| f(self.value(a), self.value(b)) == self.value(f(a, b))))
    }
}

/// Finds them; `None` if there are none.
pub(crate) fn similar_harts(program: &Program) -> Option<SimilarHarts> {
    let groups = candidates(program);
    let marked = |value: u64| groups.iter().any(|group| group.owner(value).is_some());
    if groups.is_empty() {
        return None;
    }
    let values = PossibleValues::of(program, (HartId(0), &[]), &marked)?;
    let exchanges =
        groups.iter().flat_map(|group| (1..group.harts.len()).map(|other| group.exchange(other)));
    for exchange in exchanges {
        if !starts_alike(program, exchange)
            || !steps_alike(program, &values, exchange)
            || !is_unseen(program, &values, exchange)
        {
            return None;
        }
    }
    let reads = program.harts.iter().zip(&values.harts).map(|(hart, before)| {
        let steps = hart.code.iter().zip(before);
        let reads = steps.map(|(step, before)| {
            let access = step.action.access().zip(before.as_ref());
            access.is_some_and(|(access, before)| {
                let base = &before[access.base.number()];
                old_values(&values, base, access).any(|old| old.are_marked(&marked))
            })
        });
        reads.collect()
    });
    let reads = reads.collect();
    let pieces = values.memory.iter().filter(|(_, values)| values.are_marked(&marked));
    let pieces = pieces.map(|(piece, _)| *piece).collect();
    Some(SimilarHarts { groups, reads, pieces })
}

/// Groups of harts with the same code whose registers differ as they may.
fn candidates(program: &Program) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let observed = |h: usize| program.observed_registers(HartId(h as u16)).next().is_some();
    let mut taken = vec![false; program.harts.len()];
    for h in 0..program.harts.len() {
        if taken[h] || program.harts[h].code.is_empty() || observed(h) {
            continue;
        }
        let same = |other: &usize| {
            !observed(*other) && program.harts[h].has_code_of(&program.harts[*other])
        };
        let harts: Vec<usize> = (h..program.harts.len()).filter(same).collect();
        harts.iter().for_each(|hart| taken[*hart] = true);
        let harts: Vec<usize> = harts.into_iter().take(MOST_HARTS).collect();
        groups.extend(own_locations(program, &harts).map(|own| Group { harts, own }));
    }
    groups
}

/// What is each hart's own, if their registers differ in addresses of such locations only and do differ.
fn own_locations(program: &Program, harts: &[usize]) -> Option<Vec<Vec<(u64, u64)>>> {
    let value = |h: usize, register: usize| program.harts[h].registers[register];
    let first = harts[0];
    let differ = |register: &usize| {
        harts.iter().any(|hart| value(*hart, *register) != value(first, *register))
    };
    let registers: Vec<usize> = (0..Register::COUNT).filter(differ).collect();
    let mut own: Vec<Vec<(u64, u64)>> = Vec::new();
    for hart in harts {
        let locations = registers.iter().map(|register| {
            let location = program.location_at(value(*hart, *register), 1)?;
            Some((location.address, location.initial.len() as u64))
        });
        let mut locations: Vec<(u64, u64)> = locations.collect::<Option<_>>()?;
        let mut kept = Vec::new();
        locations.retain(|location| {
            let new = !kept.contains(location);
            kept.push(*location);
            new
        });
        own.push(locations);
    }
    let mut all: Vec<u64> = own.iter().flatten().map(|(address, _)| *address).collect();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    let shape = |locations: &[(u64, u64)]| -> Vec<(u64, u64)> {
        locations.iter().map(|(address, bytes)| (address % PAGE, *bytes)).collect()
    };
    let alike = own.iter().all(|locations| shape(locations) == shape(&own[0]));
    (harts.len() > 1 && count > 0 && count == all.len() && alike).then_some(own)
}

/// Condition 1.
fn starts_alike(program: &Program, exchange: Exchange<'_>) -> bool {
    let registers = |h: usize| program.harts[h].registers.iter();
    let renamed = |(from, to): (&u64, &u64)| exchange.value(*from) == *to;
    (0..program.harts.len()).all(|h| registers(h).zip(registers(exchange.hart(h))).all(renamed))
        && program.locations.iter().all(|location| {
            let to = exchange.value(location.address);
            let to = program.location_at(to, 1).unwrap_or(location);
            words(location).zip(words(to)).all(|(from, to)| exchange.value(from) == to)
        })
}

/// Addresses take four bytes, or these and four that are 0.
fn words(location: &Location) -> impl Iterator<Item = u64> {
    let addresses = (location.address..).step_by(4).take(location.initial.len().div_ceil(4));
    addresses.map(|address| location.initial_value(address, 4) as u64)
}

/// Condition 2.
fn steps_alike(program: &Program, values: &PossibleValues, exchange: Exchange<'_>) -> bool {
    let none = Values::only(0);
    program.harts.iter().zip(&values.harts).all(|(hart, before)| {
        hart.code.iter().zip(before).all(|(step, before)| {
            let Some(before) = before else { return true };
            let get = |register: Register| &*before[register.number()];
            let renames = |values: &Values, f: &dyn Fn(u64) -> u64| {
                exchange.preserves(values, &none, |value, _| f(value))
            };
            let accesses = |access: MemoryAccess| {
                let known = matches!(get(access.base), Values::Few(_));
                known
                    && renames(get(access.base), &|base| base.wrapping_add(access.offset as u64))
                    && pieces_alike(values, exchange, get(access.base), access)
            };
            let writes = |register: Register, access: MemoryAccess| {
                renames(get(register), &|value| access.width.zero_extend(value))
                    && renames(get(register), &|value| access.width.sign_extend(value))
            };
            match step.action {
                Action::Nop | Action::Fence(_) | Action::Jump { .. } => true,
                Action::JumpRegister { .. } => false,
                Action::Constant { value, .. } => exchange.value(value) == value,
                Action::Compute { .. } if cancels(&step.action) => true,
                Action::Compute { function, left, right: Operand::Immediate(right), .. } => {
                    renames(get(left), &|left| function.apply(left, right))
                }
                Action::Compute { function, left, right: Operand::Register(right), .. } => exchange
                    .preserves(get(left), get(right), |left, right| function.apply(left, right)),
                Action::Branch { condition, left, right, .. } => {
                    exchange.preserves(get(left), get(right), |left, right| {
                        u64::from((condition.0)(left, right))
                    })
                }
                Action::Load { access, .. } | Action::LoadReserved { access, .. } => {
                    accesses(access)
                }
                Action::Store { source, access }
                | Action::StoreConditional { source, access, .. } => {
                    accesses(access) && writes(source, access)
                }
                Action::Amo { source, function, access, .. } => {
                    accesses(access)
                        && writes(source, access)
                        && old_values(values, get(access.base), access).all(|old| {
                            exchange.preserves(old, get(source), |old, data| {
                                let width = access.width;
                                let data = width.sign_extend(data);
                                width.zero_extend(function.apply(width.sign_extend(old), data))
                            })
                        })
                }
                Action::CompareAndSwap {
                    expected: RegisterOrPair::Register(expected),
                    new: RegisterOrPair::Register(new),
                    access,
                } => {
                    accesses(access)
                        && writes(expected, access)
                        && writes(new, access)
                        && old_values(values, get(access.base), access).all(|old| {
                            exchange.preserves(old, get(expected), |old, expected| {
                                u64::from(access.width.zero_extend(expected) == old)
                            })
                        })
                }
                Action::CompareAndSwap { .. } => false,
            }
        })
    })
}

/// What memory may hold where an access is to.
fn old_values<'v>(
    values: &'v PossibleValues,
    base: &Values,
    access: MemoryAccess,
) -> impl Iterator<Item = &'v Values> {
    let bases = match base {
        Values::Few(bases) => bases.clone(),
        Values::Unmarked | Values::Any => Vec::new(),
    };
    bases.into_iter().filter_map(move |base| {
        values.memory.get(&(base.wrapping_add(access.offset as u64), access.width.bytes()))
    })
}

/// Is what is read there renamed, sign-extended or not, and does no piece of it hold more than is known?
fn pieces_alike(
    values: &PossibleValues,
    exchange: Exchange<'_>,
    base: &Values,
    access: MemoryAccess,
) -> bool {
    let none = Values::only(0);
    old_values(values, base, access).all(|old| {
        exchange.preserves(old, &none, |old, _| access.width.sign_extend(old))
            && exchange.preserves(old, &none, |old, _| access.width.zero_extend(old))
    })
}

/// Condition 3.
fn is_unseen(program: &Program, values: &PossibleValues, exchange: Exchange<'_>) -> bool {
    let renamed = |value: u64| exchange.value(value) != value;
    program.observed.iter().all(|observed| match observed.from {
        ObservedFrom::Register(hart, register) => {
            let at_end = values.harts[hart.index()].last().and_then(Option::as_ref);
            at_end.is_none_or(|at_end| !at_end[register.number()].are_marked(&renamed))
        }
        ObservedFrom::Memory { address, bytes } => {
            let mut pieces = values.memory.iter();
            !renamed(address)
                && pieces.all(|(&(piece, its), held)| {
                    piece >= address + bytes || address >= piece + its || !held.are_marked(&renamed)
                })
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::litmus::{LineIndex, parse};
    use crate::model::BaseModel;
    use crate::program::{full_hart, link};

    const ENQUEUE: &str = "amoswap.d x12,x10,(x11); beqz x12,E; sd x10,0(x12); lw x5,0(x27); \
                           addi x5,x5,1; sw x5,0(x27); E: nop";

    /// The groups that two harts with this code are in.
    fn groups(code: &str, observed: &str, top: &str) -> Vec<Vec<usize>> {
        let row = |step: &str| format!(" {0} | {0} ;\n", step.trim());
        let rows: String = code.split(';').map(row).collect();
        let harts: String =
            (0..2).map(|h| format!("{h}:x10=n{h}; {h}:x11=top; {h}:x27=c;")).collect();
        let text = format!(
            "RISCV t\n{{ uint64_t n0=0; uint64_t n1=0; uint64_t o=0; uint64_t top={top}; int c=0; \
             {harts} }}\n P0 | P1 ;\n{rows}locations [{observed};]\nexists (true)\n"
        );
        let test = parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let program =
            link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::Rvwmo)).expect("links");
        let found = similar_harts(&program).map(|similar| similar.groups);
        found.into_iter().flatten().map(|group| group.harts).collect()
    }

    #[test]
    fn nodes_are_renamed() {
        assert_eq!(groups(ENQUEUE, "c", "0"), [[0, 1]]);
        assert_eq!(groups(ENQUEUE, "c", "o"), [[0, 1]]);
    }

    #[test]
    fn what_a_final_state_or_a_number_shows_is_not() {
        let none: [Vec<usize>; 0] = [];
        assert_eq!(groups(ENQUEUE, "top", "0"), none);
        assert_eq!(groups(ENQUEUE, "n0", "0"), none);
        assert_eq!(groups(ENQUEUE, "0:x12", "0"), none);
        assert_eq!(groups(ENQUEUE, "c", "n0"), none);
        let compared = ENQUEUE.replace("addi x5,x5,1", "sltu x5,x10,x12");
        assert_eq!(groups(&compared, "c", "0"), none);
        let counted = ENQUEUE.replace("addi x5,x5,1", "add x5,x5,x12");
        assert_eq!(groups(&counted, "c", "0"), none);
    }
}
