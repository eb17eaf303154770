//! Reports of the format's first version, `rvlitmus/result/1`, as records of today's.
//!
//! It had a field for each of the machines `rvwmo`, `ztso`, `sc` and `vm` instead of a list, one status for
//! all of them, and the difference between RVWMO and Ztso only.

use serde::Deserialize;

use rvlitmus_core::answer::Status;
use rvlitmus_onereg::RequestRecord;

use super::RunOptions;
use super::record::{
    ConditionRecord, CutRecord, DifferenceRecord, ErrorRecord, LackedRecord, MachineRecord, Pairs,
    RunRecord, StateRecord, StatsRecord, TestRecord,
};

/// The name and version of the format.
pub(super) const SCHEMA: &str = "rvlitmus/result/1";

/// A whole run.
#[derive(Deserialize)]
pub(super) struct Run {
    schema: String,
    options: Option<RunOptions>,
    tests: Vec<Test>,
    interrupted: Option<bool>,
}

/// One test.
#[derive(Deserialize)]
pub(super) struct Test {
    schema: String,
    path: String,
    name: String,
    status: Status,
    error: Option<ErrorRecord>,
    description: Option<String>,
    #[serde(default)]
    metadata: Pairs,
    hash: Option<String>,
    fingerprint: Option<String>,
    condition: Option<ConditionRecord>,
    #[serde(default)]
    types: Pairs,
    models: Option<Models>,
    #[serde(default)]
    forbidden_by_ztso: Vec<LackedRecord>,
    vm: Option<Vm>,
    #[serde(default)]
    cut: Vec<CutRecord>,
}

/// The answers.
#[derive(Deserialize)]
struct Models {
    rvwmo: Option<Model>,
    ztso: Option<Model>,
    sc: Option<Model>,
    vm: Option<Model>,
}

/// The answer under one model. What it says of the condition follows from its states.
#[derive(Deserialize)]
struct Model {
    states: Vec<StateRecord>,
    stats: StatsRecord,
}

/// The machine called `vm`.
#[derive(Deserialize)]
struct Vm {
    harts: Vec<String>,
    #[serde(default)]
    requests: Vec<RequestRecord>,
}

impl From<Run> for RunRecord {
    fn from(run: Run) -> RunRecord {
        RunRecord {
            schema: run.schema,
            options: run.options,
            shard: None,
            tests: run.tests.into_iter().map(TestRecord::from).collect(),
            listing: None,
            interrupted: run.interrupted,
        }
    }
}

impl From<Test> for TestRecord {
    fn from(test: Test) -> TestRecord {
        let Test { vm, cut, .. } = test;
        let machines = test.models.map(|models| models.machines(test.status, &cut, vm));
        let status = machines.iter().flatten().map(|machine| machine.status).max();
        let lacked = test.forbidden_by_ztso;
        let difference = (!lacked.is_empty()).then(|| DifferenceRecord {
            weaker: "rvwmo".into(),
            stronger: "ztso".into(),
            states: lacked,
        });
        TestRecord {
            schema: test.schema,
            path: test.path,
            index: None,
            name: test.name,
            status: status.unwrap_or(test.status),
            error: test.error,
            description: test.description,
            metadata: test.metadata,
            hash: test.hash,
            other_hashes: Vec::new(),
            fingerprint: test.fingerprint,
            condition: test.condition,
            types: test.types,
            machines,
            differences: difference.into_iter().collect(),
            warnings: Vec::new(),
            details: None,
        }
    }
}

impl Models {
    /// The machines in the order in which they were reported: the one that reaches most came first.
    fn machines(self, status: Status, cut: &[CutRecord], vm: Option<Vm>) -> Vec<MachineRecord> {
        let vm_last = self.rvwmo.is_some();
        let mut models =
            vec![("rvwmo", self.rvwmo), ("ztso", self.ztso), ("sc", self.sc), ("vm", self.vm)];
        if !vm_last {
            models.rotate_right(1);
        }
        let machine = |(id, model): (&'static str, Option<Model>)| {
            let Model { states, stats } = model?;
            Some(MachineRecord {
                id: id.into(),
                status: match status {
                    Status::Complete if states.is_empty() => Status::NoExecution,
                    status => status,
                },
                error: None,
                observation: None,
                holds: None,
                states: Some(states),
                cut: cut.to_vec(),
                harts: Vec::new(),
                requests: Vec::new(),
                told_apart: None,
                stats,
            })
        };
        let mut machines: Vec<_> = models.into_iter().filter_map(machine).collect();
        if let (Some(vm), Some(machine)) = (vm, machines.iter_mut().find(|m| m.id == "vm")) {
            machine.harts = vm.harts;
            machine.requests = vm.requests;
        }
        machines
    }
}
