//! Everything that a program becomes when one thing in it is weaker or left out.

use super::Alphabet;
use crate::program::{Access, Bytes, Dep, Fence, Op, Order, Program, Set, Step};

impl Program {
    /// Every weakening by one step, within what an alphabet has.
    pub(super) fn weakenings(&self, alphabet: &Alphabet) -> Vec<Program> {
        let mut found = Vec::new();
        for (hart, steps) in self.harts.iter().enumerate() {
            for (at, step) in steps.iter().enumerate() {
                found.push(self.without(hart, at));
                let mut put = |step: Step| {
                    let mut program = self.clone();
                    program.harts[hart][at] = step;
                    found.push(program);
                };
                match step {
                    Step::Fence(fence) => {
                        let weaker = alphabet.fences().iter().filter(|f| is_weaker(**f, *fence));
                        weaker.for_each(|weaker| put(Step::Fence(*weaker)));
                    }
                    Step::Access(access) => {
                        access.weakenings(alphabet).into_iter().map(Step::Access).for_each(put);
                    }
                }
            }
        }
        found
    }

    /// The program without a step. What depended on it depends on nothing.
    pub(super) fn without(&self, hart: usize, at: usize) -> Program {
        let mut program = self.clone();
        let steps = &mut program.harts[hart];
        let index = steps[..at].iter().filter(|step| step.access().is_some()).count();
        let removed = steps.remove(at);
        if removed.access().is_some() {
            for access in steps[at..].iter_mut().filter_map(Step::access_mut) {
                access.dep = match access.dep {
                    Some((_, source)) if source == index => None,
                    Some((dep, source)) if source > index => Some((dep, source - 1)),
                    dep => dep,
                };
            }
        }
        program
    }
}

impl Access {
    fn weakenings(&self, alphabet: &Alphabet) -> Vec<Access> {
        let of_op = |op| {
            // Of a pair a store keeps the bytes of the SC, and a load those of the LR.
            let (bytes, sc_bytes) = match op {
                Op::PairStore(..) => (self.bytes, self.sc_bytes),
                Op::Store(_) => (self.sc_bytes.unwrap_or(self.bytes), None),
                _ => (self.bytes, None),
            };
            Access { op, bytes, sc_bytes, ..self.clone() }
        };
        let mut found: Vec<Access> = weaker(self.op, alphabet).into_iter().map(of_op).collect();
        if self.dep.is_some() {
            found.push(Access { dep: None, ..self.clone() });
        }
        if let Some((Dep::CtrlFenceI, source)) = self.dep {
            found.push(Access { dep: Some((Dep::Ctrl, source)), ..self.clone() });
        }
        if self.bytes != Bytes::default() {
            found.push(Access { bytes: Bytes::default(), ..self.clone() });
        }
        if self.sc_bytes.is_some() {
            found.push(Access { sc_bytes: None, ..self.clone() });
        }
        // What stores no data has no data to depend on.
        found.retain(|a| a.op.writes() || !matches!(a.dep, Some((Dep::Data, _))));
        found
    }
}

/// Accesses that do less, or are annotated with less.
fn weaker(op: Op, alphabet: &Alphabet) -> Vec<Op> {
    let acquire = |order| match order {
        Order::Acquire | Order::Both if alphabet.zalasr => order,
        _ => Order::Plain,
    };
    let release = |order| match order {
        Order::Release | Order::Both if alphabet.zalasr => order,
        _ => Order::Plain,
    };
    let less = |order| match order {
        Order::Plain => &[][..],
        Order::Acquire | Order::Release => &[Order::Plain],
        Order::Both => &[Order::Acquire, Order::Release],
    };
    let mut found = Vec::new();
    match op {
        Op::Load(Order::Both) => found.push(Op::Load(Order::Acquire)),
        Op::Load(Order::Acquire) => found.push(Op::Load(Order::Plain)),
        Op::Store(Order::Both) => found.push(Op::Store(Order::Release)),
        Op::Store(Order::Release) => found.push(Op::Store(Order::Plain)),
        Op::FailedCas(order) => {
            found.extend(less(order).iter().map(|order| Op::FailedCas(*order)));
            found.push(Op::Load(acquire(order)));
        }
        Op::LoadReserved(order) => {
            found.extend(less(order).iter().map(|order| Op::LoadReserved(*order)));
            found.push(Op::Load(acquire(order)));
        }
        Op::Amo(amo, order) => {
            found.extend(less(order).iter().map(|order| Op::Amo(amo, *order)));
            found.extend([Op::Load(acquire(order)), Op::Store(release(order))]);
        }
        Op::PairStore(load, store) => {
            let lesser = |order, own| match order {
                Order::Both => Some(own),
                Order::Plain => None,
                _ => Some(Order::Plain),
            };
            let loads = lesser(load, Order::Acquire).map(|load| Op::PairStore(load, store));
            found.extend(loads);
            let stores = lesser(store, Order::Release).map(|store| Op::PairStore(load, store));
            found.extend(stores);
            found.extend([Op::LoadReserved(load), Op::Store(release(store))]);
        }
        _ => {}
    }
    found
}

/// Does a fence order less than another, and nothing else?
fn is_weaker(a: Fence, b: Fence) -> bool {
    let (a, b) = (pairs(a), pairs(b));
    a != b && a & !b == 0
}

/// Which pairs of a read and a write a fence orders: a bit for each.
fn pairs(fence: Fence) -> u8 {
    let bits = |set| match set {
        Set::R => 0b01,
        Set::W => 0b10,
        Set::RW | Set::Iorw => 0b11,
    };
    match fence {
        Fence::I => 0,
        Fence::Tso => pairs(Fence::Sets(Set::R, Set::RW)) | pairs(Fence::Sets(Set::RW, Set::W)),
        Fence::Sets(before, after) => {
            let (before, after): (u8, u8) = (bits(before), bits(after));
            ((before & 1) * after) | ((before >> 1) * (after << 2))
        }
    }
}
