//! Steps need no more memory than those before.

use super::*;

#[test]
fn memory_stays_flat_over_many_steps() {
    // In a process of its own: other tests would count in.
    const CHILD: &str = "HDUMEC_MEMORY_CHILD";
    if std::env::var_os(CHILD).is_none() {
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg("train::parity::memory::memory_stays_flat_over_many_steps")
            .env(CHILD, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success(), "{said}");
        assert!(said.contains("1 passed"), "{said}");
        return;
    }
    // 300 steps: a graph that is kept, or a buffer that is not reused, shows as growth.
    let golden = Golden::read();
    for mut tested in engines(&golden.weights("init.")) {
        let engine = &mut tested.engine;
        let mut after = Vec::new();
        for step in 1..=300 {
            engine.step(Objective::Likelihood, 1e-3).unwrap();
            if step % 100 == 0 {
                after.extend(resident_kib());
            }
        }
        let [first, .., last] = after[..] else {
            println!("skipped: this system does not tell a process's memory");
            return;
        };
        assert!(last < first + 16 * 1024, "grew from {first} to {last} KiB");
    }
}

/// Memory of this process in KiB, where the system tells it.
fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
