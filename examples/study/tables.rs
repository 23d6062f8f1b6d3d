//! The tables, as Markdown.

use std::{collections::BTreeMap, fmt::Write as _};

use hdumec::analysis::rank::spearman;

use crate::record::{Record, Row, Run};

/// Columns: what a method is called in the table, and its key. The last is the default.
const METHODS: [(&str, &str); 11] = [
    ("components", "components"),
    ("centred", "centred-components"),
    ("WNN", "wnn"),
    ("SNF", "snf"),
    ("AE", "autoencoder"),
    ("without DEC", "uncertainty-only"),
    ("DEC only", "dec-only"),
    ("published", "published"),
    ("robust-0.1", "robust-0.1"),
    ("looks alone", "looks"),
    ("hdumec", "hdumec"),
];

/// The methods that do not come from this project.
const USUAL: [&str; 4] = ["components", "centred-components", "wnn", "snf"];

/// The run of a recipe, if it was run.
type RunOf = fn(&Record) -> Option<&Run>;

/// Both versions of the robust recipe.
const RECIPES: [(&str, RunOf); 2] = [
    ("robust", |record| Some(&record.robust)),
    ("robust-0.1", |record| record.robust_0_1.as_ref()),
];

/// The means over the seeds of a data set.
struct Set<'a> {
    name: &'a str,
    records: Vec<&'a Record>,
}

impl Set<'_> {
    /// Whether it is simulated: such sets are not counted among the real ones.
    fn simulated(&self) -> bool {
        self.name.starts_with("demo ") || ["bulk", "counts"].contains(&self.name)
    }

    fn rows(&self, method: &str) -> Vec<Row> {
        let row = |record: &&Record| match method {
            "robust-0.1" => record.robust_0_1.as_ref().map(|run| run.stage2),
            "hdumec" => Some(record.robust.stage2),
            other => record.methods.get(other).copied(),
        };
        self.records.iter().filter_map(row).collect()
    }

    /// Mean of a score over the seeds.
    fn mean(&self, method: &str, of: fn(&Row) -> f64) -> Option<f64> {
        mean(&self.rows(method).iter().map(of).collect::<Vec<f64>>())
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn acc(row: &Row) -> f64 {
    row.acc
}

fn ari(row: &Row) -> f64 {
    row.ari
}

/// Every table that there are records for.
pub fn all(records: &[Record]) -> String {
    let mut by_name: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in records {
        by_name.entry(&record.data).or_default().push(record);
    }
    let sets: Vec<Set<'_>> = by_name
        .into_iter()
        .map(|(name, records)| Set { name, records })
        .collect();
    let real: Vec<&Set<'_>> = sets.iter().filter(|set| !set.simulated()).collect();
    let mut text = String::new();
    scores(&mut text, &sets, &real);
    bars(&mut text, &real);
    left_out(&mut text, &real);
    stages(&mut text, &sets);
    verdicts(&mut text, &real);
    uncertainty(&mut text, &sets);
    text
}

/// Accuracy and ARI of every method.
fn scores(text: &mut String, sets: &[Set<'_>], real: &[&Set<'_>]) {
    let _ = writeln!(
        text,
        "\n### Every method (ACC / ARI, means over the seeds)\n"
    );
    let names: Vec<&str> = METHODS.iter().map(|(name, _)| *name).collect();
    let _ = writeln!(text, "| set | samples | seeds | {} |", names.join(" | "));
    let _ = writeln!(text, "|---|---|---|{}", "---|".repeat(METHODS.len()));
    let cell = |values: (Option<f64>, Option<f64>)| match values {
        (Some(acc), Some(ari)) => format!("{acc:.2} / {ari:.2}"),
        _ => "-".into(),
    };
    for set in sets {
        let cells = METHODS.map(|(_, key)| cell((set.mean(key, acc), set.mean(key, ari))));
        let samples = set.records.first().map_or(0, |record| record.samples);
        let seeds = set.records.len();
        let _ = writeln!(
            text,
            "| {} | {samples} | {seeds} | {} |",
            set.name,
            cells.join(" | ")
        );
    }
    let over = |key: &str, of: fn(&Row) -> f64| {
        let values: Vec<f64> = real.iter().filter_map(|set| set.mean(key, of)).collect();
        // A mean over other sets says nothing beside the rest.
        mean(&values).filter(|_| values.len() == real.len())
    };
    let cells = METHODS.map(|(_, key)| cell((over(key, acc), over(key, ari))));
    let _ = writeln!(
        text,
        "| *mean of the real sets* | | | {} |",
        cells.join(" | ")
    );
}

/// The default beside k-means (mean of both ways) and the best of the usual methods.
fn bars(text: &mut String, real: &[&Set<'_>]) {
    let _ = writeln!(text, "\n### The default beside the usual methods (ACC)\n");
    let _ = writeln!(
        text,
        "| set | hdumec | both k-means | difference | best usual | difference | verdict |"
    );
    let _ = writeln!(text, "|---|---|---|---|---|---|---|");
    for set in real {
        let Some(own) = set.mean("hdumec", acc) else {
            continue;
        };
        let both: Vec<f64> = USUAL[..2]
            .iter()
            .filter_map(|key| set.mean(key, acc))
            .collect();
        let best = USUAL
            .iter()
            .filter_map(|key| Some((*key, set.mean(key, acc)?)));
        let best = best.max_by(|a, b| a.1.total_cmp(&b.1));
        let (Some(both), Some((key, best))) = (mean(&both), best) else {
            continue;
        };
        let _ = writeln!(
            text,
            "| {} | {own:.3} | {both:.3} | {:+.3} | {best:.3} ({key}) | {:+.3} | {} |",
            set.name,
            own - both,
            own - best,
            verdicts_of(set)
        );
    }
}

fn verdicts_of(set: &Set<'_>) -> String {
    let mut found: Vec<&str> = set
        .records
        .iter()
        .filter_map(|record| record.robust.verdict.as_deref())
        .collect();
    found.sort_unstable();
    found.dedup();
    found.join(", ")
}

/// For every set, what one would choose by all the others.
fn left_out(text: &mut String, real: &[&Set<'_>]) {
    if real.len() < 3 {
        return;
    }
    let _ = writeln!(
        text,
        "\n### Chosen by the other sets (ACC): the method with the highest mean elsewhere, on the set left out\n"
    );
    let _ = writeln!(
        text,
        "| set left out | chosen by the others | there | hdumec |"
    );
    let _ = writeln!(text, "|---|---|---|---|");
    let everywhere = |key: &&str| real.iter().all(|set| set.mean(key, acc).is_some());
    let keys: Vec<&str> = METHODS
        .iter()
        .map(|(_, key)| *key)
        .filter(|k| everywhere(k))
        .collect();
    let mut sums = [0.0; 2];
    for out in real {
        let elsewhere = |key: &str| -> f64 {
            let others = real.iter().filter(|set| set.name != out.name);
            others.filter_map(|set| set.mean(key, acc)).sum()
        };
        let chosen = keys
            .iter()
            .max_by(|a, b| elsewhere(a).total_cmp(&elsewhere(b)));
        let (Some(chosen), Some(own)) = (chosen, out.mean("hdumec", acc)) else {
            continue;
        };
        let there = out.mean(chosen, acc).unwrap_or(f64::NAN);
        (sums[0], sums[1]) = (sums[0] + there, sums[1] + own);
        let _ = writeln!(text, "| {} | {chosen} | {there:.3} | {own:.3} |", out.name);
    }
    let [there, own] = sums.map(|sum| sum / real.len() as f64);
    let _ = writeln!(text, "| *mean* | | {there:.3} | {own:.3} |");
}

/// What stage 2 does, and how far seeds differ.
fn stages(text: &mut String, sets: &[Set<'_>]) {
    let _ = writeln!(
        text,
        "\n### Stages and seeds (ACC: mean, and range over the seeds)\n"
    );
    let _ = writeln!(
        text,
        "| set | recipe | stage 1 | stage 2 | worst change | fewest clusters | standard deviation | seconds |"
    );
    let _ = writeln!(text, "|---|---|---|---|---|---|---|---|");
    for set in sets {
        for (name, of) in RECIPES {
            let runs: Vec<&Run> = set.records.iter().filter_map(|record| of(record)).collect();
            if runs.is_empty() {
                continue;
            }
            let all = |value: fn(&Run) -> f64| -> Vec<f64> {
                runs.iter().map(|run| value(run)).collect()
            };
            let second = all(|run| run.stage2.acc);
            let worst = all(|run| run.stage2.acc - run.stage1.acc);
            let worst = worst.into_iter().fold(f64::INFINITY, f64::min);
            let fewest = runs
                .iter()
                .map(|run| run.clusters)
                .min()
                .unwrap_or_default();
            let _ = writeln!(
                text,
                "| {} | {name} | {} | {} | {worst:+.3} | {} of {} | {:.3} | {:.0} |",
                set.name,
                range(&all(|run| run.stage1.acc)),
                range(&second),
                fewest[0],
                fewest[1],
                deviation(&second),
                mean(&all(|run| run.stage2.seconds)).unwrap_or(f64::NAN),
            );
        }
    }
}

/// Whether the agreement of looks tells how good the clusters are.
fn verdicts(text: &mut String, real: &[&Set<'_>]) {
    let _ = writeln!(text, "\n### What the verdict is worth\n");
    let _ = writeln!(
        text,
        "| set | agreement of looks | verdict | of halves | ACC | its standard deviation | ARI |"
    );
    let _ = writeln!(text, "|---|---|---|---|---|---|---|");
    let mut pairs = Vec::new();
    for set in real {
        let all = |of: fn(&Run) -> Option<f64>| -> Vec<f64> {
            let runs = set.records.iter().map(|record| &record.robust);
            runs.filter_map(of).collect()
        };
        let agreements = all(|run| run.agreement);
        let halves = mean(&all(|run| run.halves));
        let accuracies = all(|run| Some(run.stage2.acc));
        let (Some(agreement), Some(own), Some(index)) = (
            mean(&agreements),
            set.mean("hdumec", acc),
            set.mean("hdumec", ari),
        ) else {
            continue;
        };
        pairs.push((agreement, own, index));
        let _ = writeln!(
            text,
            "| {} | {agreement:.2} | {} | {} | {own:.2} | {:.3} | {index:.2} |",
            set.name,
            verdicts_of(set),
            halves.map_or("-".to_owned(), |halves| format!("{halves:.2}")),
            deviation(&accuracies),
        );
    }
    let without = |out: Option<usize>, of: fn(&(f64, f64, f64)) -> f64| {
        let kept = pairs.iter().enumerate().filter(|(at, _)| Some(*at) != out);
        let kept: Vec<(f64, f64)> = kept.map(|(_, pair)| (pair.0, of(pair))).collect();
        let (a, b): (Vec<f64>, Vec<f64>) = kept.into_iter().unzip();
        spearman(&a, &b).unwrap_or(f64::NAN)
    };
    for (name, of) in [
        ("ACC", (|p| p.1) as fn(&(f64, f64, f64)) -> f64),
        ("ARI", |p| p.2),
    ] {
        let each: Vec<f64> = (0..pairs.len()).map(|out| without(Some(out), of)).collect();
        let _ = writeln!(
            text,
            "\nRank correlation of the agreement with {name} over {} sets: {:.2}; with each set left out, {}.",
            pairs.len(),
            without(None, of),
            range(&each)
        );
    }
}

/// What the uncertainty is worth, where the truth is known.
fn uncertainty(text: &mut String, sets: &[Set<'_>]) {
    let known = |set: &&Set<'_>| set.records.iter().any(|r| r.robust.features.is_some());
    let known: Vec<&Set<'_>> = sets.iter().filter(known).collect();
    if known.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\n### What the uncertainty is worth (mean, and range over the seeds)\n"
    );
    let _ = writeln!(
        text,
        "| set | recipe | noise of features | noise of samples | between types | errors found |"
    );
    let _ = writeln!(text, "|---|---|---|---|---|---|");
    for set in known {
        for (name, of) in RECIPES {
            if set.records.iter().all(|record| of(record).is_none()) {
                continue;
            }
            let all = |value: fn(&Run) -> Option<f64>| -> Vec<f64> {
                set.records
                    .iter()
                    .filter_map(|record| value(of(record)?))
                    .collect()
            };
            let _ = writeln!(
                text,
                "| {} | {name} | {} | {} | {} | {} |",
                set.name,
                range(&all(|run| run.features)),
                range(&all(|run| run.samples)),
                range(&all(|run| run.between)),
                range(&all(|run| run.errors)),
            );
        }
    }
}

fn deviation(values: &[f64]) -> f64 {
    let Some(middle) = mean(values) else {
        return f64::NAN;
    };
    let squares: f64 = values.iter().map(|x| (x - middle) * (x - middle)).sum();
    (squares / (values.len() as f64 - 1.0).max(1.0)).sqrt()
}

/// Mean and range; nothing where nothing is known.
fn range(values: &[f64]) -> String {
    let Some(mean) = mean(values) else {
        return String::new();
    };
    let fold = |f: fn(f64, f64) -> f64, start| values.iter().copied().fold(start, f);
    let (low, high) = (
        fold(f64::min, f64::INFINITY),
        fold(f64::max, f64::NEG_INFINITY),
    );
    format!("{mean:.3} ({low:.3} to {high:.3})")
}
