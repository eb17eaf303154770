//! Examples for a server that was given no folder: one or more of each kind, of this project's own tests.

macro_rules! tests {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../litmus/", $path)))),*]
    };
}

/// Path and text.
pub(super) const BUILT_IN: &[(&str, &str)] = tests![
    "mp/MP.litmus",
    "mp/MP+r.r+w.w.litmus",
    "mp/MP+rl+aq.litmus",
    "mp/MP+po+addr.litmus",
    "sb/SB.litmus",
    "lb/LB.litmus",
    "lb/LB+data+data.litmus",
    "iriw/IRIW.litmus",
    "isa2/ISA2.litmus",
    "2+2w/2+2W.litmus",
    "coherence/CoRR.litmus",
    "dependencies/dep-publish-pointer.litmus",
    "forwarding/SB+own+own.litmus",
    "amo/amo-exchange.litmus",
    "locks/spinlock-lrsc.litmus",
    "algorithms/peterson.litmus",
    "algorithms/seqlock.litmus",
    "algorithms/spsc-queue.litmus",
    "c11/c11-rel-acq.litmus",
];
