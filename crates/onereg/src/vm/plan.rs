//! A VM file made ready: the host booted, registers found.

use std::path::{Path, PathBuf};

use super::file::{HostSpec, RequestSpec, SpecError, VmSpec};
use super::hart_edits::HartEdits;
use super::requests::Vm;
use crate::host::constants::HostConstants;
use crate::host::description::{Host, HostHart};
use crate::isa::block_sizes::BlockSizes;
use crate::isa::extension::IsaExt;
use crate::json::{ReadText, read_text};
use crate::kernel::release::Policy;
use crate::recording::error::RecordingError;
use crate::recording::file::Recording;
use crate::register::id::RegId;
use crate::register::isa_ext::IsaRegister;

/// A host and the requests to its vCPUs. Makes a [`Vm`] with any number of vCPUs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VmPlan {
    host: Host,
    every: Vec<(RegId, u64)>,
    vcpus: Vec<Vec<(RegId, u64)>>,
    edits: HartEdits,
    files: Vec<PathBuf>,
}

impl VmPlan {
    /// Boots the host of `spec` and finds the registers of its requests. `base` is the directory
    /// that paths in the file are relative to; `policy` overrides the file's; `read` reads other files.
    ///
    /// # Errors
    /// The first thing in the file that does not make sense.
    pub fn new(
        spec: &VmSpec,
        base: &Path,
        policy: Option<Policy>,
        read: &ReadText<'_>,
    ) -> Result<VmPlan, SpecError> {
        if spec.vcpus.len() > Vm::MAX_VCPUS {
            return Err(SpecError::TooManyVcpus(spec.vcpus.len()));
        }
        let host = host(&spec.host, base, policy.or(spec.policy), read)?;
        let every = requests("every_vcpu", &spec.every_vcpu)?;
        let vcpus = spec
            .vcpus
            .iter()
            .enumerate()
            .map(|(number, vcpu)| requests(&format!("vcpus[{number}].set"), &vcpu.set))
            .collect::<Result<_, _>>()?;
        let files = spec.host.transcript.iter().map(|file| base.join(file)).collect();
        Ok(VmPlan { every, vcpus, files, ..VmPlan::of_host(host) })
    }

    /// Reads a VM file, or a transcript: then the vCPUs of its host are fresh.
    ///
    /// # Errors
    /// If it cannot be read, or does not make sense.
    pub fn load(
        path: &Path,
        policy: Option<Policy>,
        read: &ReadText<'_>,
    ) -> Result<VmPlan, SpecError> {
        let text = text_of(path, read)?;
        let base = path.parent().unwrap_or(Path::new(""));
        let mut plan = match Recording::is_recording(&text) {
            true => VmPlan::of_host(recorded_host(&text, policy)?),
            false => VmPlan::new(&VmSpec::from_json(&text)?, base, policy, read)?,
        };
        plan.files.insert(0, path.to_path_buf());
        Ok(plan)
    }

    /// A host of harts with these ISA strings.
    ///
    /// # Errors
    /// If one is not understood.
    pub fn of_isa_strings(harts: Vec<String>, policy: Option<Policy>) -> Result<VmPlan, SpecError> {
        let spec = HostSpec { isa: Some(harts), ..HostSpec::default() };
        Ok(VmPlan::of_host(host(&spec, Path::new(""), policy, &read_text)?))
    }

    /// Fresh vCPUs on a host.
    #[must_use]
    pub fn of_host(host: Host) -> VmPlan {
        let edits = HartEdits::default();
        VmPlan { host, every: Vec::new(), vcpus: Vec::new(), edits, files: Vec::new() }
    }

    /// The files that it was read from.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The same VM with the short form's edits as further requests: `+zacas` sets the register to 1,
    /// `-zacas` to 0. The host may refuse.
    ///
    /// # Errors
    /// If an edit names an extension without register.
    pub fn with_edits(mut self, edits: HartEdits) -> Result<VmPlan, SpecError> {
        for extension in edits.extensions() {
            if IsaRegister::of(extension).is_none() {
                return Err(SpecError::NoRegister { extension });
            }
        }
        self.edits.extend(edits);
        Ok(self)
    }

    /// The machine that the guest runs on.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The same requests on another host.
    #[must_use]
    pub fn on(&self, host: Host) -> VmPlan {
        VmPlan { host, ..self.clone() }
    }

    /// How many vCPUs the file gives requests of their own.
    #[must_use]
    pub fn described_vcpus(&self) -> usize {
        self.vcpus.len()
    }

    /// Creates the VM for a test with that many harts and makes all requests.
    ///
    /// # Errors
    /// If the short form names a hart that the test lacks.
    pub fn machine(&self, harts: usize) -> Result<Vm, SpecError> {
        self.edits.check_harts(harts)?;
        let mut vm = Vm::new(self.host.clone(), harts);
        for vcpu in 0..harts {
            let own = self.vcpus.get(vcpu).map_or(&[][..], Vec::as_slice);
            for (id, value) in self.every.iter().chain(own) {
                vm.request(vcpu, *id, *value);
            }
            for (ext, value) in self.edits.register_values(vcpu) {
                if let Some(register) = IsaRegister::of(ext) {
                    vm.request(vcpu, RegId::isa_single(register), value);
                }
            }
        }
        Ok(vm)
    }
}

fn requests(place: &str, list: &[RequestSpec]) -> Result<Vec<(RegId, u64)>, SpecError> {
    list.iter()
        .enumerate()
        .map(|(index, request)| match request.register.parse() {
            Ok(id) => Ok((id, request.value.0)),
            Err(error) => Err(SpecError::Register { place: format!("{place}[{index}]"), error }),
        })
        .collect()
}

fn text_of(path: &Path, read: &ReadText<'_>) -> Result<String, SpecError> {
    read(path).map_err(|error| SpecError::Read { path: path.to_path_buf(), error })
}

fn recorded_host(text: &str, policy: Option<Policy>) -> Result<Host, RecordingError> {
    let recording = Recording::from_json(text)?;
    let policy = policy.map_or_else(|| recording.policy(), Ok)?;
    recording.host(policy)
}

fn host(
    spec: &HostSpec,
    base: &Path,
    policy: Option<Policy>,
    read: &ReadText<'_>,
) -> Result<Host, SpecError> {
    let harts: Vec<HostHart> = match (&spec.isa, &spec.device_tree, &spec.transcript) {
        (Some(isa), None, None) => {
            let hart = |(hart, text): (usize, &String)| {
                HostHart::from_isa_string(text).map_err(|error| SpecError::Isa { hart, error })
            };
            isa.iter().enumerate().map(hart).collect::<Result<_, _>>()?
        }
        (None, Some(lists), None) => lists.iter().map(|names| listed(names)).collect(),
        (None, None, Some(path)) => {
            let recorded = recorded_host(&text_of(&base.join(path), read)?, policy)?;
            let constants = constants(spec, *recorded.constants());
            return Ok(Host::new(recorded.harts().to_vec(), recorded.policy(), constants)?);
        }
        (isa, device_tree, transcript) => {
            let given = [
                isa.as_ref().map(|_| "isa"),
                device_tree.as_ref().map(|_| "device_tree"),
                transcript.as_ref().map(|_| "transcript"),
            ];
            let names: Vec<&str> = given.into_iter().flatten().collect();
            let found = if names.is_empty() { "none".to_string() } else { names.join(" and ") };
            return Err(SpecError::Harts(found));
        }
    };
    Ok(Host::new(harts, policy.unwrap_or_default(), constants(spec, HostConstants::default()))?)
}

/// What a device tree lists. Vendor extensions (`x...`) and names that nothing here knows are skipped, as
/// the kernel does; the latter are kept to be told.
fn listed(names: &[String]) -> HostHart {
    let unknown = names.iter().filter(|n| !n.starts_with('x') && IsaExt::find(n).is_none());
    let known = names.iter().filter_map(|name| IsaExt::find(name)).collect();
    HostHart::from_device_tree(known).with_unknown(unknown.cloned().collect())
}

fn constants(spec: &HostSpec, default: HostConstants) -> HostConstants {
    HostConstants {
        blocks: BlockSizes {
            zicbom: spec.zicbom_block_size.unwrap_or(default.blocks.zicbom),
            zicboz: spec.zicboz_block_size.unwrap_or(default.blocks.zicboz),
            zicbop: spec.zicbop_block_size.unwrap_or(default.blocks.zicbop),
        },
        mvendorid: spec.mvendorid.unwrap_or(default.mvendorid),
        marchid: spec.marchid.unwrap_or(default.marchid),
        mimpid: spec.mimpid.unwrap_or(default.mimpid),
        satp_mode: spec.satp_mode.unwrap_or(default.satp_mode),
        vector: spec.vector.unwrap_or(default.vector),
        vlenb: spec.vlenb.or(default.vlenb),
        timebase: spec.timebase_frequency.unwrap_or(default.timebase),
        ..default
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::constants::VectorUse;
    use crate::register::config::ConfigReg;
    use crate::vcpu::refusal::Errno;
    use rvlitmus_core::model::BaseModel;

    fn plan(text: &str) -> Result<VmPlan, SpecError> {
        VmPlan::new(&VmSpec::from_json(text)?, Path::new("."), None, &read_text)
    }

    fn error(text: &str) -> String {
        plan(text).unwrap_err().to_string()
    }

    #[test]
    fn requests_go_to_their_vcpus() {
        let plan = plan(
            r#"{ "host": { "isa": ["rv64gc_ztso"] }, "policy": "documented",
                 "every_vcpu": [{ "register": "d", "value": 0 }],
                 "vcpus": [{}, { "set": [{ "register": "0x8030000007000034", "value": "0x0" },
                                         { "register": "zca", "value": 0 }] }] }"#,
        )
        .unwrap();
        let machine = plan.machine(3).unwrap();
        let models: Vec<_> = machine.hart_configs().iter().map(|h| h.model).collect();
        assert_eq!(models, [BaseModel::Ztso, BaseModel::Rvwmo, BaseModel::Ztso]);
        let asked: Vec<_> = machine.requests.iter().map(|r| (r.vcpu, r.id.name())).collect();
        assert_eq!(
            asked,
            [
                (0, "isa_ext.d".to_string()),
                (1, "isa_ext.d".to_string()),
                (1, "isa_ext.ztso".to_string()),
                (1, "isa_ext.zca".to_string()),
                (2, "isa_ext.d".to_string()),
            ]
        );
        let refused: Vec<_> =
            machine.requests.iter().filter_map(|r| r.result.as_ref().err()).collect();
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].errno(), Errno::EINVAL);
    }

    #[test]
    fn linux_is_the_default_and_can_be_overridden() {
        let text = r#"{ "host": { "isa": ["rv64gc_ztso"] },
                        "every_vcpu": [{ "register": "ztso", "value": 0 }] }"#;
        let spec = VmSpec::from_json(text).unwrap();
        let model = |policy| {
            let plan = VmPlan::new(&spec, Path::new("."), policy, &read_text).unwrap();
            plan.machine(1).unwrap().hart_configs()[0].model
        };
        assert_eq!(model(None), BaseModel::Ztso);
        assert_eq!(model(Some(Policy::Documented)), BaseModel::Rvwmo);
    }

    #[test]
    fn device_trees_and_constants() {
        let plan = plan(
            r#"{ "host": { "device_tree": [["i", "a", "zicbom", "xvendor"], ["i", "a", "zicbom"]],
                 "zicbom_block_size": 32, "mvendorid": 5, "vector": "forbidden" } }"#,
        )
        .unwrap();
        let machine = plan.machine(1).unwrap();
        let get = |r| machine.vcpus[0].get_one_reg(RegId::config(r)).unwrap();
        assert_eq!(get(ConfigReg::ZicbomBlockSize), 32);
        assert_eq!(get(ConfigReg::Mvendorid), 5);
        assert_eq!(plan.host().constants().vector, VectorUse::Forbidden);
    }

    #[test]
    fn names_that_nothing_knows_are_ignored_and_told() {
        let text = r#"{ "host": { "device_tree": [["i", "sdtrig", "zcas", "xvendor"]] } }"#;
        let lines = plan(text).unwrap().host().unknown_names();
        assert_eq!(
            lines,
            [
                "hart 0: `sdtrig` is ignored, as Linux ignores names that it does not know",
                "hart 0: `zcas` is ignored, as Linux ignores names that it does not know; did you mean \
                 `zacas`?",
            ]
        );
    }

    #[test]
    fn the_short_form_makes_requests() {
        let text = r#"{ "host": { "isa": ["rv64gc_ztso"] }, "policy": "documented" }"#;
        let plan = plan(text).unwrap().with_edits("1:-ztso,-zca".parse().unwrap()).unwrap();
        let machine = plan.machine(2).unwrap();
        assert_eq!(machine.hart_configs()[1].model, BaseModel::Rvwmo);
        assert_eq!(machine.requests[1].result.as_ref().unwrap_err().errno(), Errno::EINVAL);
        assert!(plan.machine(1).unwrap_err().to_string().contains("no hart 1"));
        let edits = "0:+zama16b".parse().unwrap();
        let refused = plan.with_edits(edits).unwrap_err().to_string();
        assert!(refused.starts_with("Zama16b has no register"), "{refused}");
    }

    #[test]
    fn mistakes_are_placed() {
        let unknown = error(r#"{ "host": { "isa": ["rv64gc"] }, "vcpu": [] }"#);
        assert!(
            unknown.contains("unknown field `vcpu`") && unknown.contains("line 1"),
            "{unknown}"
        );
        assert_eq!(
            error(r#"{ "host": { "isa": ["rv64gc", "rv64gc_zt os"] } }"#),
            "hart 1: column 8: `zt os` is no extension: names have letters and digits"
        );
        assert_eq!(
            error(r#"{ "host": { "isa": ["rv64gcv"], "vlenb": 24 } }"#),
            "host: vlenb: 24 is no power of two from 16, which the harts have at least, to 8192"
        );
        assert_eq!(
            error(r#"{ "host": {} }"#),
            "host: expected exactly one of isa, device_tree and transcript, found none"
        );
        assert!(
            error(r#"{ "host": { "isa": [], "transcript": "x" } }"#)
                .ends_with("found isa and transcript")
        );
        assert_eq!(error(r#"{ "host": { "isa": [] } }"#), "host: a host needs at least one hart");
        assert!(
            error(r#"{ "host": { "transcript": "/no/such/file" } }"#)
                .starts_with("failed to read /no/such/file:")
        );
        let register = error(
            r#"{ "host": { "isa": ["rv64gc"] },
                 "vcpus": [{}, { "set": [{ "register": "ztos", "value": 0 }] }] }"#,
        );
        assert!(
            register.starts_with("vcpus[1].set[0]: unknown register `ztos`; did you mean `ztso`?"),
            "{register}"
        );
        for value in ["-1", "\"0y\"", "1.5", "18446744073709551616", "true"] {
            let text = format!(
                r#"{{ "host": {{ "isa": ["rv64gc"] }},
                      "every_vcpu": [{{ "register": "ztso", "value": {value} }}] }}"#
            );
            assert!(error(&text).contains("2^64-1"), "{value}: {}", error(&text));
        }
        assert!(
            error(r#"{ "host": { "isa": ["rv64gc"] }, "policy": "linux-9" }"#)
                .contains("linux-7.2")
        );
    }
}
