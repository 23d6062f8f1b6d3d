//! What a map costs on the screen, measured in a process of its own.
//!
//! Graphics drivers hang, crash and write to standard error: none of it may cost the rest of the measurements.

use std::{
    env,
    io::{self, Read as _},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    job::{CancelToken, Cancelled},
    ui::scatter::{self, Measured},
};

/// Time that the child gets.
const TIME: Duration = Duration::from_secs(60);

/// How often the child is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Draws a map of so many samples off the screen; `None` where nothing can draw.
pub fn draw(samples: usize) -> Option<Measured> {
    scatter::measure(disc(samples))
}

/// Points spread evenly over a disc: what a map costs depends on their number.
fn disc(samples: usize) -> Vec<[f32; 2]> {
    let golden = std::f32::consts::PI * (3.0 - 5_f32.sqrt());
    let point = |i: usize| {
        let (sin, cos) = (i as f32 * golden).sin_cos();
        let radius = 10.0 * ((i as f32 + 0.5) / samples as f32).sqrt();
        [radius * cos, radius * sin]
    };
    (0..samples).map(point).collect()
}

/// Has [`draw`] done by `hdumec bench --map`; the inner error says why nothing was drawn.
pub(super) fn in_child(
    samples: usize,
    cancel: &CancelToken,
) -> Result<Result<Measured, String>, Cancelled> {
    let child = env::current_exe().and_then(|program| {
        Command::new(program)
            .args(["bench", "--map", "--samples", &samples.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
    });
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let answer = wait(&mut child, cancel);
    // Nothing is left behind, whatever happened.
    _ = child.kill();
    _ = child.wait();
    answer
}

fn wait(child: &mut Child, cancel: &CancelToken) -> Result<Result<Measured, String>, Cancelled> {
    let start = Instant::now();
    let status = loop {
        cancel.check()?;
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if start.elapsed() > TIME => {
                let seconds = TIME.as_secs();
                return Ok(Err(format!(
                    "the graphics driver took more than {seconds} s"
                )));
            }
            Ok(None) => thread::sleep(LOOK),
            Err(error) => return Ok(Err(error.to_string())),
        }
    };
    let drawn = read(child).map_err(|error| format!("{error} ({status})"));
    Ok(drawn.and_then(|drawn| drawn.ok_or_else(|| "nothing here can draw".into())))
}

/// What the child printed.
fn read(child: &mut Child) -> io::Result<Option<Measured>> {
    let mut text = String::new();
    if let Some(output) = &mut child.stdout {
        output.read_to_string(&mut text)?;
    }
    Ok(serde_json::from_str(&text)?)
}
