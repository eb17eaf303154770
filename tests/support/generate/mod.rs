//! Random litmus tests, as text, made of pieces that shrink well.
//!
//! A [`Plan`] is data that proptest knows how to make smaller; its `Display` is the test. Registers:
//! `x5` to `x7` hold the addresses of `x`, `y`, `z`, `x8` the address of a label, `x9` that of the pointer
//! `p`, each instruction that yields a value writes the next of `x10`, `x11`, ..., and `x28` to `x31` are
//! scratch. Every value read and every location is observed, unless the plan says which are.

mod write;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rvlitmus_core::model::BaseModel;

/// How large and how strange tests may be.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Fewest and most harts.
    pub harts: (usize, usize),
    /// Most pieces of one hart.
    pub pieces: usize,
    /// Number of locations, 1 to 3.
    pub locations: u8,
    /// May accesses have different sizes and overlap in part?
    pub mixed_sizes: bool,
    /// May code jump backwards?
    pub loops: bool,
    /// May branches have arms that only compute, and code repeat itself by a count?
    pub counts: bool,
    /// Whatever else people write: places that nobody observes, filters, types, arrays, a pointer in memory,
    /// RV32.
    pub varied: bool,
}

impl Shape {
    /// Two or three harts with what is ordinary: what another shape does not say is as here.
    pub const SMALL: Shape = Shape {
        harts: (2, 3),
        pieces: 4,
        locations: 2,
        mixed_sizes: false,
        loops: false,
        counts: false,
        varied: false,
    };
}

/// What an instruction depends on: the n-th value that its hart read so far, counted round.
#[derive(Clone, Copy, Debug)]
pub enum Dependency {
    None,
    /// The address is computed from the value, and does not change, which anybody sees.
    Address(u8),
    /// The same, which is not seen before the value is known: by `and` with zero.
    MaskedAddress(u8),
    /// The same by multiplication.
    MultipliedAddress(u8),
    /// The address is what the pointer in memory says.
    Pointer,
    /// The stored value is computed from the value read, and does not change.
    Data(u8),
    /// The value read plus a constant is stored.
    Value(u8),
    /// A branch on the value goes to the next instruction either way.
    Control(u8),
    /// An indirect jump to the next instruction, computed from the value.
    Jump(u8),
    /// As [`Dependency::Jump`], but one instruction further if the value read is odd: no name is given to where it goes.
    JumpFurther(u8),
    /// The low two bits of the value are added to the address, if the access stays in the location.
    Offset(u8),
}

/// Where an access goes.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// Which location.
    pub location: u8,
    /// 1, 2, 4 or 8 bytes: `b`, `h`, `w`, `d`.
    width: char,
    /// Offset in the location, in units of the width.
    slot: u8,
    /// Bytes beyond that, which make it misaligned; loads and stores without annotation alone.
    skew: u8,
    /// Which element of an array.
    element: u8,
}

/// A piece of a hart's code.
#[derive(Clone, Debug)]
pub enum Piece {
    Load {
        spot: Spot,
        unsigned: bool,
        acquire: &'static str,
        dependency: Dependency,
    },
    Store {
        spot: Spot,
        value: u8,
        release: &'static str,
        dependency: Dependency,
    },
    Amo {
        operation: &'static str,
        order: &'static str,
        spot: Spot,
        value: u8,
        discard: bool,
        dependency: Dependency,
    },
    Lr {
        spot: Spot,
        order: &'static str,
        dependency: Dependency,
    },
    Sc {
        spot: Spot,
        value: u8,
        order: &'static str,
        dependency: Dependency,
    },
    /// LR and SC to one place.
    Pair {
        spot: Spot,
        value: u8,
        orders: (&'static str, &'static str),
        dependency: Dependency,
    },
    Fence(&'static str),
    /// Jumps over the next piece if a value read is zero, or is not.
    Skip {
        value: u8,
        if_zero: bool,
    },
    /// Repeats the previous pieces, so many at most, while a value read is zero; by a computed jump or a branch.
    Again {
        value: u8,
        pieces: usize,
        computed: bool,
    },
    /// Counts a value read that is zero, or is not, in a register of its own or in one that holds a value read;
    /// `otherwise` it counts, too, but differently.
    Count {
        value: u8,
        if_zero: bool,
        own: bool,
        otherwise: bool,
    },
    /// Combines two values read, and tests whether that is zero, or not: another value.
    Combine {
        operation: &'static str,
        test: &'static str,
        values: (u8, u8),
    },
    /// Repeats the previous pieces, so many at most, so many times.
    Times {
        pieces: usize,
        times: u8,
    },
    /// The pointer in memory is made to point to a location.
    Aim {
        location: u8,
    },
}

/// One test.
#[derive(Clone, Debug)]
pub struct Plan {
    /// By hart.
    pub harts: Vec<Vec<Piece>>,
    /// Initial values of the locations.
    pub initial: Vec<u8>,
    /// The model that each hart follows when models are mixed.
    pub models: Vec<BaseModel>,
    /// What is beyond the ordinary.
    pub variety: Variety,
}

/// What of a test has nothing to do with its code.
#[derive(Clone, Debug)]
pub struct Variety {
    /// Bit *i* for the *i*-th place that could be observed: is it?
    pub observed: u32,
    /// Only states count in which that place has, or has not, that value.
    pub filter: Option<(usize, bool, u8)>,
    /// The type of each location.
    pub types: Vec<&'static str>,
    /// Are locations arrays of two elements?
    pub arrays: bool,
    /// Is there a pointer `p` in memory, to the first location at first?
    pub pointer: bool,
    /// Do all harts have registers of 32 bits?
    pub rv32: bool,
}

impl Variety {
    /// Nothing but the code.
    fn none(locations: u8) -> Variety {
        Variety {
            observed: u32::MAX,
            filter: None,
            types: vec!["uint64_t"; usize::from(locations)],
            arrays: false,
            pointer: false,
            rv32: false,
        }
    }

    fn any(shape: Shape) -> BoxedStrategy<Variety> {
        if !shape.varied {
            return Just(Variety::none(shape.locations)).boxed();
        }
        let types: &'static [&'static str] = match shape.mixed_sizes {
            true => &["uint64_t", "int64_t", "uint64_t"],
            false => &["uint64_t", "int", "uint32_t", "", "int8_t"],
        };
        let filter = (0usize..8, any::<bool>(), 0u8..3);
        (
            prop_oneof![1 => Just(u32::MAX), 3 => any::<u32>(), 1 => Just(0)],
            prop_oneof![4 => Just(None), 1 => filter.prop_map(Some)],
            vec(select(types), usize::from(shape.locations)),
            prop_oneof![2 => Just(false), 1 => Just(true)],
            any::<bool>(),
            prop_oneof![3 => Just(false), 1 => Just(true)],
        )
            .prop_map(|(observed, filter, types, arrays, pointer, rv32)| {
                let types = if arrays { vec!["uint64_t"; types.len()] } else { types };
                Variety { observed, filter, types, arrays, pointer, rv32 }
            })
            .boxed()
    }
}

/// Random plans of that shape. More harts get fewer pieces: four with six operations each would have millions
/// of states.
pub fn plans(shape: Shape) -> BoxedStrategy<Plan> {
    (shape.harts.0..=shape.harts.1)
        .prop_flat_map(move |harts| {
            let pieces = shape.pieces.saturating_sub(harts.saturating_sub(2)).max(1);
            (
                vec(vec(piece(shape), 1..=pieces), harts),
                vec(prop_oneof![3 => Just(0u8), 1 => 0u8..3], usize::from(shape.locations)),
                vec(select(vec![BaseModel::Rvwmo, BaseModel::Ztso]), harts),
                Variety::any(shape),
            )
        })
        .prop_map(|(harts, initial, models, variety)| Plan { harts, initial, models, variety })
        .boxed()
}

fn order() -> BoxedStrategy<&'static str> {
    select(vec!["", "", "", ".aq", ".rl", ".aqrl"]).boxed()
}

fn spot(shape: Shape, widths: &'static [char]) -> BoxedStrategy<Spot> {
    let width = if shape.mixed_sizes { select(widths).boxed() } else { Just('w').boxed() };
    let slot = if shape.mixed_sizes { (0u8..8).boxed() } else { Just(0).boxed() };
    let skew = if shape.mixed_sizes {
        prop_oneof![3 => Just(0), 1 => 1u8..8].boxed()
    } else {
        Just(0).boxed()
    };
    (0..shape.locations, width, slot, skew, 0u8..2)
        .prop_map(|(location, width, slot, skew, element)| {
            let slot = slot % slots(width);
            Spot { location, width, slot, skew, element }
        })
        .boxed()
}

/// How often a width fits into 8 bytes.
fn slots(width: char) -> u8 {
    match width {
        'b' => 8,
        'h' => 4,
        'w' => 2,
        _ => 1,
    }
}

/// Of loads and stores, which may be misaligned.
fn plain_dependency(shape: Shape) -> BoxedStrategy<Dependency> {
    let offset = if shape.mixed_sizes { 2 } else { 0 };
    prop_oneof![
        8 => dependency(shape),
        offset => (0u8..4).prop_map(Dependency::Offset),
    ]
    .boxed()
}

fn dependency(shape: Shape) -> BoxedStrategy<Dependency> {
    let varied = u32::from(shape.varied);
    prop_oneof![
        varied => (0u8..4).prop_map(Dependency::MaskedAddress),
        varied => (0u8..4).prop_map(Dependency::MultipliedAddress),
        2 * varied => Just(Dependency::Pointer),
        varied => (0u8..4).prop_map(Dependency::JumpFurther),
        4 => Just(Dependency::None),
        1 => (0u8..4).prop_map(Dependency::Address),
        1 => (0u8..4).prop_map(Dependency::Data),
        1 => (0u8..4).prop_map(Dependency::Value),
        1 => (0u8..4).prop_map(Dependency::Control),
        1 => (0u8..4).prop_map(Dependency::Jump),
    ]
    .boxed()
}

fn piece(shape: Shape) -> BoxedStrategy<Piece> {
    const ANY: &[char] = &['b', 'h', 'w', 'd', 'w', 'd'];
    const WORDS: &[char] = &['w', 'd'];
    let operations = vec!["swap", "add", "or", "xor", "and", "max", "minu", "cas", "cas"];
    let load = (
        spot(shape, ANY),
        any::<bool>(),
        select(vec!["", "", "", ".aq", ".aqrl"]),
        plain_dependency(shape),
    )
        .prop_map(|(spot, unsigned, acquire, dependency)| Piece::Load {
            spot,
            unsigned,
            acquire,
            dependency,
        });
    let store = (
        spot(shape, ANY),
        1u8..4,
        select(vec!["", "", "", ".rl", ".aqrl"]),
        plain_dependency(shape),
    )
        .prop_map(|(spot, value, release, dependency)| Piece::Store {
            spot,
            value,
            release,
            dependency,
        });
    let amo =
        (select(operations), order(), spot(shape, ANY), 0u8..4, any::<bool>(), dependency(shape))
            .prop_map(|(operation, order, spot, value, discard, dependency)| Piece::Amo {
                operation,
                order,
                spot,
                value,
                discard,
                dependency,
            });
    let lr = (spot(shape, WORDS), order(), dependency(shape))
        .prop_map(|(spot, order, dependency)| Piece::Lr { spot, order, dependency });
    let sc = (spot(shape, WORDS), 1u8..4, order(), dependency(shape))
        .prop_map(|(spot, value, order, dependency)| Piece::Sc { spot, value, order, dependency });
    let pair = (spot(shape, WORDS), 1u8..4, (order(), order()), dependency(shape)).prop_map(
        |(spot, value, orders, dependency)| Piece::Pair { spot, value, orders, dependency },
    );
    let fence = select(vec![
        "fence rw,rw",
        "fence r,rw",
        "fence rw,w",
        "fence w,w",
        "fence r,r",
        "fence w,r",
        "fence r,w",
        "fence w,rw",
        "fence rw,r",
        "fence.tso",
        "fence.i",
        "fence",
        "fence i,o",
    ])
    .prop_map(Piece::Fence);
    let skip = (0u8..4, any::<bool>()).prop_map(|(value, if_zero)| Piece::Skip { value, if_zero });
    let computed = if shape.varied { any::<bool>().boxed() } else { Just(false).boxed() };
    let again = (0u8..4, 1usize..4, computed).prop_map(|(value, pieces, computed)| Piece::Again {
        value,
        pieces,
        computed,
    });
    let count = (0u8..4, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(value, if_zero, own, otherwise)| Piece::Count { value, if_zero, own, otherwise },
    );
    let times = (1usize..3, 2u8..4).prop_map(|(pieces, times)| Piece::Times { pieces, times });
    let aim = (0..shape.locations).prop_map(|location| Piece::Aim { location });
    let others = prop_oneof![
        7 => load,
        7 => store,
        3 => amo,
        1 => lr,
        1 => sc,
        2 => pair,
        3 => fence,
        1 => skip,
        (if shape.loops { 1 } else { 0 }) => again,
        u32::from(shape.varied) => aim,
    ];
    match shape.counts {
        true => prop_oneof![24 => others, 3 => count, 1 => times].boxed(),
        false => others.boxed(),
    }
}

impl Piece {
    /// Does it stay where it is when it gets an annotation?
    pub fn stays_when_annotated(&self) -> bool {
        match self {
            Piece::Load { spot, dependency, .. } | Piece::Store { spot, dependency, .. } => {
                spot.skew == 0 && !matches!(dependency, Dependency::Offset(_))
            }
            _ => true,
        }
    }
}
