//! A program compiled for one choice of models.

use std::sync::OnceLock;

use super::cells::{CellSpan, Cells};
use super::equal_harts;
use super::hart::CompiledHart;
use super::masks;
use super::reductions::{Reductions, Refinement};
use super::set::Set;
use super::similar_harts::{self, SimilarHarts};
use super::stored::unchanging;
use super::tree::{Address, End, Node};
use super::unfold::{self, Assumed, UnfoldBuffers};
use crate::litmus::CType;
use crate::litmus::HartId;
use crate::model::{BaseModel, Options};
use crate::program::{Fault, Meter, ObservedFrom, Program};

/// Where the value of an observed place stands in a final state.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FinalValue {
    /// This word of the state.
    Word(usize),
    /// It is the same in every state.
    Constant(u64),
    /// This expression of a hart's leaf.
    Register(usize, usize),
    /// These cells.
    Memory(CellSpan),
}

impl FinalValue {
    /// The observed register number `index` of hart number `h`.
    fn register<S: Set>(h: usize, hart: &CompiledHart<S>, index: usize) -> FinalValue {
        let tree = &hart.tree;
        // A hart that takes no fork has one leaf.
        let [Node { end: End::Leaf(leaf), .. }] = &tree.nodes[..] else {
            return FinalValue::Register(h, index);
        };
        let expr = tree.observed(*leaf)[index];
        match (tree.exprs.as_loaded(expr), tree.exprs.as_constant(expr)) {
            (Some(place), _) => FinalValue::Word(hart.loaded_word(place)),
            (_, Some(value)) => FinalValue::Constant(value),
            _ => FinalValue::Register(h, index),
        }
    }
}

/// A program compiled for one choice of models.
#[derive(Debug)]
pub(crate) struct CompiledMachine<'p, S> {
    pub(crate) program: &'p Program,
    pub(crate) options: Options,
    pub(crate) reductions: Reductions,
    pub(crate) harts: Vec<CompiledHart<S>>,
    pub(crate) cells: Cells,
    /// Index of the first memory cell in a state.
    pub(crate) memory: usize,
    /// Cells that the final state shows.
    pub(crate) observed_cells: S,
    /// Cells to which nothing but what they hold from the start is stored, once that is gathered.
    pub(crate) unchanging: S,
    /// Where the values of the program's observed places are found.
    pub(crate) final_values: Vec<(FinalValue, CType)>,
    /// Harts that may be exchanged for one another, two or more at a time.
    pub(crate) equal_harts: Vec<Vec<usize>>,
    /// The first of the harts that are equal to a hart, by hart: they share its positions.
    pub(crate) representatives: Vec<usize>,
    /// Harts that may be exchanged together with locations of their own, once they are looked for.
    pub(crate) similar_harts: OnceLock<Option<SimilarHarts<S>>>,
    /// How many harts have a path that comes to no good end, or accesses what it may not.
    pub(crate) ending_badly: usize,
    /// Are the facts of the harts' nodes gathered?
    pub(crate) gathered: bool,
    pub(crate) buffers: ScratchBuffers,
}

/// Allocations that only the making of a machine needs.
#[derive(Debug, Default)]
pub(crate) struct ScratchBuffers {
    /// Address and bytes of every access whose address is known.
    accesses: Vec<(u64, u64)>,
    unfolding: UnfoldBuffers,
}

/// Allocations of a machine, for the next one. What they hold means nothing.
#[derive(Debug, Default)]
pub(crate) struct MachineBuffers<S> {
    harts: Vec<CompiledHart<S>>,
    cells: Cells,
    final_values: Vec<(FinalValue, CType)>,
    representatives: Vec<usize>,
    scratch: ScratchBuffers,
}

/// What another choice of models changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ModelChange {
    /// Nothing: the models that were followed before order the operations of this program alike.
    None,
    /// What has to be performed before what.
    Order,
    /// Which harts are equal, too: nothing that is known of their positions holds any more.
    EqualHarts,
}

/// Divides an access of 16 bytes into two of 8, so that its halves are whole cells.
fn halves(address: u64, bytes: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..bytes.div_ceil(8)).map(move |half| (address + 8 * half, bytes.min(8)))
}

impl<'p, S: Set> CompiledMachine<'p, S> {
    /// Unfolds every hart and cuts memory; `refinement` is what an earlier exploration met.
    /// [`CompiledMachine::set_models`] and then [`CompiledMachine::prepare`] make it ready.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] when the set is too small, among others.
    pub(crate) fn new(
        program: &'p Program,
        options: &Options,
        reductions: Reductions,
        refinement: &Refinement,
        buffers: MachineBuffers<S>,
        meter: &mut Meter<'_>,
    ) -> Result<CompiledMachine<'p, S>, Fault> {
        let MachineBuffers { mut harts, cells, mut final_values, mut representatives, scratch } =
            buffers;
        let ScratchBuffers { mut accesses, mut unfolding } = scratch;
        representatives.clear();
        harts.resize_with(program.harts.len(), CompiledHart::default);
        accesses.clear();
        let cutting = refinement.accesses.iter();
        accesses.extend(cutting.flat_map(|&(address, bytes)| halves(address, bytes)));
        let mut bytes = 0;
        for (number, CompiledHart { tree, .. }) in harts.iter_mut().enumerate() {
            let assumed = Assumed { options, reductions, refinement, bytes };
            let id = HartId(number as u16);
            unfold::unfold(program, id, assumed, tree, &mut unfolding, meter)?;
            bytes += CompiledHart::bytes_of(tree);
            for op in &tree.ops {
                if let Address::Known(address) = op.address
                    && program.location_at(address, op.width.bytes()).is_some()
                {
                    accesses.extend(halves(address, op.width.bytes()));
                }
            }
        }
        let cells = Cells::new(program, &mut accesses, S::BITS, cells)?;
        let mut memory = harts.len();
        for hart in &mut harts {
            hart.locate(&cells);
            hart.first_value = memory;
            memory += hart.value_words;
        }
        let mut observed_cells = S::EMPTY;
        final_values.clear();
        let mut registers = vec![0; harts.len()];
        for observed in &program.observed {
            let value = match observed.from {
                ObservedFrom::Register(hart, _) => {
                    let before = &mut registers[hart.index()];
                    *before += 1;
                    FinalValue::register(hart.index(), &harts[hart.index()], *before - 1)
                }
                ObservedFrom::Memory { address, bytes } => {
                    // The cut was made for it.
                    let span = cells.span(address, bytes).unwrap_or_default();
                    observed_cells |= span.set();
                    match span.count {
                        1 => FinalValue::Word(memory + usize::from(span.first)),
                        _ => FinalValue::Memory(span),
                    }
                }
            };
            final_values.push((value, observed.ctype()));
        }
        let ending_badly = harts.iter().filter(|hart| hart.may_end_badly).count();
        Ok(CompiledMachine {
            program,
            options: *options,
            reductions,
            harts,
            cells,
            memory,
            observed_cells,
            unchanging: S::EMPTY,
            final_values,
            equal_harts: Vec::new(),
            representatives,
            similar_harts: OnceLock::new(),
            ending_badly,
            gathered: false,
            buffers: ScratchBuffers { accesses, unfolding },
        })
    }

    /// Gives back the allocations.
    pub(crate) fn into_buffers(self) -> MachineBuffers<S> {
        let CompiledMachine { harts, cells, final_values, representatives, buffers, .. } = self;
        MachineBuffers { harts, cells, final_values, representatives, scratch: buffers }
    }

    /// Sets the memory model of each hart.
    ///
    /// # Errors
    /// [`Fault::RanOut`].
    pub(crate) fn set_models(
        &mut self,
        models: &[BaseModel],
        meter: &mut Meter<'_>,
    ) -> Result<ModelChange, Fault> {
        let bytes = self.bytes();
        let mut reordered = false;
        let known = std::mem::take(&mut self.representatives);
        for ((compiled, hart), model) in self.harts.iter_mut().zip(&self.program.harts).zip(models)
        {
            reordered |= masks::fill(compiled, hart, *model, &self.options, bytes, meter)?;
        }
        // Until here nothing holds of what was known, should a limit be met.
        self.representatives = known;
        if !reordered && !self.representatives.is_empty() {
            return Ok(ModelChange::None);
        }
        self.equal_harts = match self.reductions.symmetry {
            true => equal_harts::groups(self.program, models, |a, b| {
                let shape = |h: usize| {
                    let tree = &self.harts[h].tree;
                    (tree.nodes.len(), tree.ops.len(), tree.depth)
                };
                shape(a) == shape(b)
            }),
            false => Vec::new(),
        };
        self.similar_harts = OnceLock::new();
        let mut changed = self.representatives.len() != self.harts.len();
        self.representatives.resize(self.harts.len(), usize::MAX);
        let mut firsts: Vec<usize> = (0..self.harts.len()).collect();
        for group in &self.equal_harts {
            group.iter().for_each(|hart| firsts[*hart] = group[0]);
        }
        for (first, representative) in firsts.into_iter().zip(&mut self.representatives) {
            changed |= std::mem::replace(representative, first) != first;
        }
        Ok(if changed { ModelChange::EqualHarts } else { ModelChange::Order })
    }

    /// Gathers what a search needs besides, under the models that are followed now.
    ///
    /// # Errors
    /// [`Fault::RanOut`].
    pub(crate) fn prepare(&mut self, meter: &mut Meter<'_>) -> Result<(), Fault> {
        let bytes = self.bytes();
        for hart in &mut self.harts {
            if !self.gathered {
                hart.gather(&self.cells, bytes, meter)?;
            }
            masks::spread(hart, bytes, meter)?;
        }
        if !self.gathered && self.reductions.unused_loads {
            self.unchanging = unchanging(self.program, &self.harts, &self.cells);
        }
        self.gathered = true;
        Ok(())
    }

    /// Bytes of memory that it takes, once it is prepared.
    pub(crate) fn bytes(&self) -> usize {
        self.harts.iter().map(CompiledHart::bytes).sum()
    }

    /// The harts that can be exchanged with this one, itself among them; none if there are no others.
    pub(crate) fn equal_to(&self, hart: usize) -> &[usize] {
        let first = self.representatives[hart];
        self.equal_harts.iter().find(|group| group[0] == first).map_or(&[], Vec::as_slice)
    }

    /// Is it worth while to look for harts that can be exchanged together with locations of their own?
    pub(crate) fn may_have_similar_harts(&self) -> bool {
        similar_harts::may_have(self)
    }

    /// Looks for harts that can be exchanged together with locations of their own; says whether there are any.
    pub(crate) fn find_similar_harts(&self) -> bool {
        self.similar_harts.get_or_init(|| SimilarHarts::of(self)).is_some()
    }

    /// These harts, if they were looked for and found.
    #[inline]
    pub(crate) fn similar_harts(&self) -> Option<&SimilarHarts<S>> {
        self.similar_harts.get()?.as_ref()
    }

    /// May some path come to no good end, or access what it may not?
    pub(crate) fn may_end_badly(&self) -> bool {
        self.ending_badly > 0
    }

    /// May another hart than `h` come to no good end, or access what it may not?
    pub(crate) fn others_may_end_badly(&self, h: usize) -> bool {
        self.ending_badly > usize::from(self.harts[h].may_end_badly)
    }
}
