//! The rules that are known before a hart runs, as a mask for each operation: what of its path must
//! have been performed first. A memory model is nothing but a choice of these masks.
//!
//! The masks are closed: whatever comes before something that comes before an operation is in its mask. So
//! two models that order a test's operations alike have the same masks, whichever rules say so.
//!
//! Rules 2, 3 and 12, the atomicity axiom, and rules 1 and 13 where an address is computed, depend on
//! the execution: they are a matter of the layer `step`.

use super::hart::CompiledHart;
use super::set::Set;
use super::tree::{End, Op};
use crate::model::{Acquire, Annotation, BaseModel, Options, Release, annotate};
use crate::program::{Fault, Hart, Meter};

/// Fills [`CompiledHart::predecessors`] for `model`; says whether anything is another than before. `bytes` are
/// held by all harts.
///
/// # Errors
/// [`Fault::RanOut`].
pub(crate) fn fill<S: Set>(
    compiled: &mut CompiledHart<S>,
    hart: &Hart,
    model: BaseModel,
    options: &Options,
    bytes: usize,
    meter: &mut Meter<'_>,
) -> Result<bool, Fault> {
    compiled.predecessors.resize(compiled.tree.ops.len(), S::EMPTY);
    let mut changed = false;
    let annotate =
        |op: &Op<S>| annotate(hart.code[op.step].action.order(), op.kind, model, options);
    compiled.annotations.clear();
    compiled.annotations.extend(compiled.tree.ops.iter().map(annotate));
    let CompiledHart { tree, spans, annotations, predecessors, .. } = compiled;
    let annotations: &[Annotation] = annotations;
    for node in &tree.nodes {
        let path = tree.path(node);
        // Of what is older: the acquires, and those that are RCsc.
        let (mut acquires, mut rcsc) = (S::EMPTY, S::EMPTY);
        for (place, &id) in path.iter().enumerate() {
            let id = id as usize;
            let annotation = annotations[id];
            if place >= node.first {
                meter.work((1 + place) * S::WORDS, || bytes)?;
                let b = &tree.ops[id];
                let overlapping = |of: u32| {
                    let mut set = S::EMPTY;
                    let Some(of) = spans[of as usize] else { return set };
                    for (place, a) in path[..place].iter().enumerate() {
                        if spans[*a as usize].is_some_and(|a| a.meets(of)) {
                            set.insert(place);
                        }
                    }
                    set
                };
                // Rules 4 to 10, in their order.
                let mut first = b.fence_deps
                    | acquires
                    | S::below(place).when(annotation.release != Release::None)
                    | rcsc.when(annotation.is_rcsc())
                    | b.paired.map_or(S::EMPTY, |lr| S::only(lr.into()))
                    | b.address_deps
                    | b.data_deps;
                // Rules 1, 11 and 13.
                if b.kind.is_store() {
                    first |= overlapping(id as u32) | b.control_deps | b.earlier_address_deps;
                }
                first &= !b.siblings;
                // Atomicity axiom: "s must precede w in the global memory order", s the store that the
                // LR read from; until it is performed that store is one of the hart's own.
                if let Some(lr) = b.paired {
                    let older = overlapping(path[usize::from(lr)]);
                    let older = (older & S::below(lr.into())).members();
                    let stores = older.filter(|a| tree.ops[path[*a] as usize].kind.writes());
                    stores.for_each(|store| first.insert(store));
                }
                // What a later one waits for has in its mask all that it waits for itself.
                let (mut closed, mut rest) = (first, first);
                while let Some(last) = rest.last() {
                    let before = predecessors[path[last] as usize];
                    closed |= before;
                    rest = rest.without(last) & !before;
                }
                changed |= predecessors[id] != closed;
                predecessors[id] = closed;
            }
            if annotation.acquire != Acquire::None {
                acquires.insert(place);
            }
            if annotation.is_rcsc() {
                rcsc.insert(place);
            }
        }
    }
    Ok(changed)
}

/// Copies the masks to the places of paths, and fills [`CompiledHart::below_predecessors`].
///
/// # Errors
/// [`Fault::RanOut`].
pub(crate) fn spread<S: Set>(
    hart: &mut CompiledHart<S>,
    bytes: usize,
    meter: &mut Meter<'_>,
) -> Result<(), Fault> {
    for place in &mut hart.places {
        place.predecessors = hart.predecessors[place.op as usize];
    }
    hart.below_predecessors.clear();
    hart.below_ranges.clear();
    hart.below_ranges.resize(hart.tree.nodes.len(), 0..0);
    for id in (0..hart.tree.nodes.len()).rev() {
        let node = &hart.tree.nodes[id];
        let End::Fork(fork) = &node.end else { continue };
        let mut least: Vec<S> = Vec::new();
        for &arm in &fork.arms {
            let below = &hart.tree.nodes[arm as usize];
            let own = hart.tree.path(below)[below.first..].iter();
            let own = own.map(|op| hart.predecessors[*op as usize]);
            let deeper = hart.below_predecessors[hart.below_ranges[arm as usize].clone()].iter();
            for before in own.chain(deeper.copied()) {
                let sets = hart.below_predecessors.len() + least.len();
                meter.work((1 + least.len()) * S::WORDS, || bytes + sets * size_of::<S>())?;
                let on_path = before.within(S::below(node.len));
                if on_path && !least.iter().any(|l| l.within(before)) {
                    least.retain(|l| !before.within(*l));
                    least.push(before);
                }
            }
        }
        let start = hart.below_predecessors.len();
        hart.below_predecessors.extend(least);
        hart.below_ranges[id] = start..hart.below_predecessors.len();
    }
    Ok(())
}
