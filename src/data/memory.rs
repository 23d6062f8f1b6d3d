//! How much memory there is: what the system has free, or what the user allows.

use std::sync::OnceLock;

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// Bytes that this process may take in all, where the user set a limit.
static ALLOWED: OnceLock<u64> = OnceLock::new();

/// Allows this process so many bytes of memory in all, as if the machine had no more. Once, before anything is read.
pub fn allow_memory(bytes: u64) {
    // Asked a second time, the first answer stands.
    _ = ALLOWED.set(bytes);
}

/// What the user allows this process, in bytes, if anything was said.
pub fn allowed_memory() -> Option<u64> {
    ALLOWED.get().copied()
}

/// Bytes of memory that are free now, for this process; 0 where the system does not tell.
pub fn available_memory() -> u64 {
    let mut system = System::new();
    system.refresh_memory();
    let free = system.available_memory();
    // What the system keeps of files does not count.
    let of_group = system.cgroup_limits().map_or(free, |limits| {
        limits.total_memory.saturating_sub(limits.rss)
    });
    let free = free.min(of_group);
    match allowed_memory() {
        Some(allowed) => within(allowed, taken(&mut system), free),
        None => free,
    }
}

/// What is left of what is allowed. Where nothing is, one byte: none would say that the system does not tell.
fn within(allowed: u64, taken: u64, free: u64) -> u64 {
    let left = allowed.saturating_sub(taken).max(1);
    match free {
        0 => left,
        free => left.min(free),
    }
}

/// Bytes that this process holds; 0 where the system does not tell.
fn taken(system: &mut System) -> u64 {
    let own = Pid::from_u32(std::process::id());
    let only = ProcessesToUpdate::Some(&[own]);
    let memory = ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(only, false, memory);
    system.process(own).map_or(0, |process| process.memory())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_counts_against_what_is_allowed() {
        assert_eq!(within(100, 30, 1_000), 70);
        assert_eq!(within(100, 30, 50), 50);
        assert_eq!(within(100, 30, 0), 70);
        assert_eq!(within(100, 130, 50), 1);
        // The process itself holds something; more of it when it holds more.
        let mut system = System::new();
        let before = taken(&mut system);
        let held = vec![1_u8; 64 << 20];
        let after = taken(&mut system);
        assert!(held.iter().all(|&byte| byte == 1));
        assert!(
            before > 1 << 20 && after >= before + (32 << 20),
            "{before}, {after}"
        );
    }
}
