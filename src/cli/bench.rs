//! `hdumec bench`: what every part costs, as a table or as JSON.

use std::fmt::Write as _;

use serde_json::json;

use super::{
    args::BenchArguments,
    run::cancel_on_interrupt,
    terminal::{print, print_json, tell},
};
use crate::{
    bench::{self, BenchSpec, Machine, Measurement},
    error::Error,
    words::thousands,
};

/// Runs the command.
pub fn bench(arguments: &BenchArguments) -> Result<(), Error> {
    let few = arguments.samples.iter().copied().min().unwrap_or(0);
    if few < 100 {
        return Err(Error::Usage(
            "--samples needs numbers of at least 100".into(),
        ));
    }
    let spec = BenchSpec {
        samples: arguments.samples.clone(),
        repeats: arguments.repeats,
    };
    spec.check()?;
    #[cfg(feature = "gui")]
    if arguments.map {
        print_json(&json!(bench::draw(spec.samples[0])));
        return Ok(());
    }
    let cancel = cancel_on_interrupt();
    let machine = Machine::measure();
    if arguments.json {
        print_json(&json!({ "event": "machine", "machine": machine }));
    }
    let mut all = Vec::new();
    bench::run(&spec, &machine, &cancel, &mut |measurement| {
        if arguments.json {
            let mut value = json!(measurement);
            value["event"] = json!("measurement");
            print_json(&value);
        } else {
            let samples = thousands(measurement.samples as u64);
            tell(&format!("{samples}: {}", measurement.part));
        }
        all.push(measurement);
    })?;
    if !arguments.json {
        print(&table(&machine, &spec, &all));
    }
    Ok(())
}

/// A row a part, a column a size, and between two sizes the exponent with which the time grows.
fn table(machine: &Machine, spec: &BenchSpec, all: &[Measurement]) -> String {
    let mut text = format!(
        "{} threads, {:.0} billion operations a second, {:.1} GB a second from memory\n\n{:32}",
        machine.threads,
        machine.operations / 1e9,
        machine.bandwidth / 1e9,
        "seconds (share of the peak)"
    );
    for samples in &spec.samples {
        let _ = write!(text, "{:>18}", thousands(*samples as u64));
    }
    let growth = spec.samples.len() > 1;
    text.push_str(if growth {
        "   grows with n to the power\n"
    } else {
        "\n"
    });
    let mut parts: Vec<&str> = Vec::new();
    for m in all {
        if !parts.contains(&m.part) {
            parts.push(m.part);
        }
    }
    let of =
        |part: &str, samples: usize| all.iter().find(|m| m.part == part && m.samples == samples);
    for part in parts {
        let _ = write!(text, "{part:32}");
        let mut exponents = String::new();
        let mut before: Option<&Measurement> = None;
        for &samples in &spec.samples {
            let Some(m) = of(part, samples) else {
                let _ = write!(text, "{:>18}", "-");
                continue;
            };
            let share = m
                .share
                .map_or(String::new(), |s| format!(" ({:.0} %)", s * 100.0));
            let _ = write!(text, "{:>18}", format!("{:.4}{share}", m.seconds));
            if let Some(b) = before.filter(|b| b.samples != samples) {
                let power = (m.seconds / b.seconds).ln() / (samples as f64 / b.samples as f64).ln();
                let _ = write!(exponents, " {power:.2}");
            }
            before = Some(m);
        }
        let _ = writeln!(text, "  {exponents}");
    }
    let _ = write!(text, "{:32}", "most memory so far, MiB");
    for &samples in &spec.samples {
        let peaks = all.iter().filter(|m| m.samples == samples);
        let peak = peaks.filter_map(|m| m.peak_mib).fold(0.0, f64::max);
        let _ = write!(text, "{peak:>18.0}");
    }
    text.push('\n');
    for m in all {
        if let Some(note) = &m.note {
            let samples = thousands(m.samples as u64);
            let _ = writeln!(text, "{}, {samples} samples: {note}", m.part);
        }
    }
    text
}
