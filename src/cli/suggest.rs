//! `hdumec suggest`: how many clusters the data may hold.

use serde_json::{Value, json};

use super::{
    args::SuggestArguments,
    run::cancel_on_interrupt,
    terminal::{print, print_json, tell},
};
use crate::{
    error::Error,
    io,
    pipeline::suggest::{self, SweepEvent, UNCLEAR, Verdict},
};

/// Runs the command.
pub fn suggest(arguments: &SuggestArguments) -> Result<(), Error> {
    let cancel = cancel_on_interrupt();
    let loaded = io::load(&arguments.data.spec()?, &cancel)?;
    let mut said = |event| {
        if let (SweepEvent::Tried(candidate, of), false) = (event, arguments.json) {
            tell(&format!(
                "{} clusters tried, of at most {}",
                candidate.clusters,
                of + 1
            ));
        }
    };
    let candidates = suggest::sweep(&loaded.dataset, arguments.seed, &cancel, &mut said)?;
    let peaks = suggest::peaks(&candidates);
    if arguments.json {
        let judged: Vec<Value> = peaks
            .iter()
            .map(|peak| {
                json!({
                    "clusters": peak.clusters,
                    "agreement": peak.agreement,
                    "separation": peak.separation,
                    "verdict": peak.verdict(),
                })
            })
            .collect();
        print_json(&json!({ "candidates": candidates, "peaks": judged }));
        return Ok(());
    }
    let mut text = String::from("clusters  agreement  separation\n");
    for candidate in &candidates {
        let peak = if peaks.contains(candidate) {
            format!("  peak, {}", candidate.verdict())
        } else {
            String::new()
        };
        text += &format!(
            "{:>8}  {:>9.3}  {:>10.3}{peak}\n",
            candidate.clusters, candidate.agreement, candidate.separation
        );
    }
    let clear = peaks.iter().any(|peak| peak.verdict() == Verdict::Clear);
    let end = match clear {
        true => "Clusterings of several embeddings agree best at the peaks; the choice is yours.",
        false => UNCLEAR,
    };
    text += &format!("\n{end}\n");
    print(&text);
    Ok(())
}
