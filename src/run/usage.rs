//! What this process has used: CPU time by thread, peak memory.
//!
//! Only figures for people are made of it, never an answer. Where the system does not tell, CPU time is
//! wall time and memory is unknown.

use std::fs;
use std::time::Duration;

/// CPU time that the current thread has used, up to a constant.
#[must_use]
pub fn thread_time() -> Duration {
    clock::now(clock::Whose::Thread)
}

/// CPU time that all threads of this process have used, up to a constant.
#[must_use]
pub fn process_time() -> Duration {
    clock::now(clock::Whose::Process)
}

#[cfg(unix)]
mod clock {
    use std::time::Duration;

    use rustix::time::{ClockId, clock_gettime};

    pub(super) enum Whose {
        Thread,
        Process,
    }

    pub(super) fn now(whose: Whose) -> Duration {
        let time = clock_gettime(match whose {
            Whose::Thread => ClockId::ThreadCPUTime,
            Whose::Process => ClockId::ProcessCPUTime,
        });
        Duration::try_from(time).unwrap_or_default()
    }
}

#[cfg(not(unix))]
mod clock {
    use std::sync::OnceLock;
    use std::time::{Duration, Instant};

    pub(super) enum Whose {
        Thread,
        Process,
    }

    pub(super) fn now(_: Whose) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }
}

/// Most bytes of memory that this process has held at once, since its start or since
/// [`forget_peak_memory`].
#[must_use]
pub fn peak_memory() -> Option<u64> {
    status("VmHWM:")
}

/// Bytes of memory that this process holds.
#[must_use]
pub fn memory() -> Option<u64> {
    status("VmRSS:")
}

/// Bytes of memory that this machine has, or the process's control group may use of them.
#[must_use]
pub fn machine_memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let all = kib(&text, "MemTotal:")?;
    let group = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let group = group.and_then(|text| text.trim().parse().ok());
    Some(group.map_or(all, |group: u64| group.min(all)))
}

/// Lets [`peak_memory`] start again from what is held now, where the system can do that.
pub fn forget_peak_memory() {
    // Linux; elsewhere the peak is that of the whole run.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// A line of Linux's summary of the process, in KiB there.
fn status(line: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    kib(&text, line)
}

/// The bytes that a line says in KiB.
fn kib(text: &str, line: &str) -> Option<u64> {
    let rest = text.lines().find_map(|text| text.strip_prefix(line))?;
    let kib: u64 = rest.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn time_passes_while_a_thread_works() {
        let (thread, process) = (thread_time(), process_time());
        let (start, some) = (Instant::now(), Duration::from_millis(2));
        let mut sum = 0_u64;
        // The two clocks may be read off at different moments, so each gets its time.
        while thread_time() < thread + some || process_time() < process + some {
            sum = std::hint::black_box(sum + 1);
            assert!(start.elapsed() < Duration::from_secs(60), "a clock stands still");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_peak_holds_what_was_held() {
        let before = memory().unwrap();
        let block = std::hint::black_box(vec![1_u8; 64 << 20]);
        assert!(peak_memory().unwrap() >= before / 2 + block.len() as u64);
    }
}
