//! Whether there may be a GPU at all, found out without its driver.

use std::{fs, path::Path};

use super::device::{Adapter, DeviceChoice, DeviceError, probe};
use crate::job::CancelToken;

/// The adapters that a choice may be of: none where there is no hardware and no name was given.
pub(super) fn adapters_for(
    choice: &DeviceChoice,
    cancel: &CancelToken,
) -> Result<Vec<Adapter>, DeviceError> {
    match choice {
        DeviceChoice::Auto | DeviceChoice::Gpu if !may_have_gpu() => Ok(Vec::new()),
        _ => probe(cancel),
    }
}

/// Whether this machine may have a GPU.
///
/// On Linux the graphics driver writes to standard error when it is asked where there is no display, so it is left alone
/// where the system lists no graphics hardware. Elsewhere only the driver knows.
fn may_have_gpu() -> bool {
    !cfg!(target_os = "linux") || listed(Path::new("/"))
}

/// Whether a Linux system lists graphics hardware: kernel devices, NVIDIA's own, or Windows' below WSL.
fn listed(root: &Path) -> bool {
    let holds = |folder: &str, beginnings: &[&str]| {
        let entries = fs::read_dir(root.join(folder)).into_iter().flatten();
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            beginnings.iter().any(|start| name.starts_with(start))
        })
    };
    holds("sys/class/drm", &["card", "renderD"])
        || holds("dev/dri", &["card", "renderD"])
        || holds("dev", &["nvidia", "dxg", "mali", "kgsl"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hardware_is_known_by_what_the_system_lists() {
        let with = |paths: &[&str]| {
            let root = tempfile::tempdir().unwrap();
            for path in paths {
                let path = root.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "").unwrap();
            }
            listed(root.path())
        };
        assert!(!with(&[]));
        assert!(!with(&[
            "sys/class/drm/version",
            "dev/null",
            "dev/dri/by-path"
        ]));
        for device in [
            "sys/class/drm/card0",
            "sys/class/drm/renderD128",
            "dev/dri/renderD128",
            "dev/nvidia0",
            "dev/nvidiactl",
            "dev/dxg",
        ] {
            assert!(with(&[device]), "{device}");
        }
    }
}
