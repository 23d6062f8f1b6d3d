//! The samples that a sheet finds.

use std::sync::Arc;

use ndarray::Axis;

use crate::{
    analysis::neighbours, data::SampleSet, job::CancelToken, pipeline::AnalysisResult,
    ui::later::Same, words::thousands,
};

/// How samples are found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum How {
    /// Those that are most undecided between two clusters.
    #[default]
    Between,
    /// Those whose values are high, or low.
    Value,
    /// Those nearest to the ones that are selected.
    Near,
    /// Those of a list.
    List,
}

/// What the samples found depend on.
#[derive(Clone, PartialEq)]
pub struct Depends {
    pub result: Same<AnalysisResult>,
    /// Those that are chosen.
    pub values: Option<Same<Vec<f32>>>,
    pub stage: u8,
    pub how: How,
    pub between: [u32; 2],
    pub most: usize,
    pub threshold: f32,
    pub above: bool,
    /// Those that are selected, and how many nearest of each.
    pub near: Option<(SampleSet, usize)>,
    pub list: String,
}

/// The samples found.
pub struct Found {
    pub places: Arc<Vec<u32>>,
    /// In words: how many, and what is not there.
    pub said: String,
}

impl Found {
    fn new(places: Vec<u32>, said: String) -> Self {
        let places = Arc::new(places);
        Self { places, said }
    }

    pub fn of(depends: &Depends) -> Self {
        let result = &depends.result.0;
        match depends.how {
            How::Between => between(result, depends.stage, depends.between, depends.most),
            How::Value => {
                let values = depends.values.as_ref();
                let values = values.map_or(&[][..], |values| values.0.as_slice());
                let threshold = depends.threshold;
                let side = |value: f32| match depends.above {
                    true => value >= threshold,
                    false => value <= threshold,
                };
                let all = (0..).zip(values);
                let places: Vec<u32> = all
                    .filter(|(_, value)| side(**value))
                    .map(|(at, _)| at)
                    .collect();
                let said = format!("{} samples", thousands(places.len() as u64));
                Self::new(places, said)
            }
            How::Near => near(result, depends.stage, depends.near.as_ref()),
            How::List => of_list(result, &depends.list),
        }
    }
}

/// The samples nearest to some, by the embedding, without these.
fn near(result: &AnalysisResult, stage: u8, of: Option<&(SampleSet, usize)>) -> Found {
    let Some((selected, count)) = of else {
        return Found {
            places: Arc::default(),
            said: "Nothing is selected".into(),
        };
    };
    let own = selected.places_in(&result.dataset.samples);
    let points = &result.stage(stage).embedding;
    let rows: Vec<usize> = own.iter().map(|&at| at as usize).collect();
    let queries = points.select(Axis(0), &rows);
    let numbers: Vec<Option<u32>> = own.iter().map(|&at| Some(at)).collect();
    // Nothing cancels this: what it made is passed over when something else is asked for.
    let cancel = CancelToken::new();
    let found = neighbours::among(points.view(), queries.view(), &numbers, *count, &cancel);
    let found = found.unwrap_or_default().into_iter().flatten();
    let mut places: Vec<u32> = found.map(|(_, at)| at).collect();
    places.sort_unstable();
    places.dedup();
    places.retain(|at| own.binary_search(at).is_err());
    let said = format!(
        "{} samples near the {} that are selected; Add keeps these as well",
        thousands(places.len() as u64),
        thousands(own.len() as u64)
    );
    Found::new(places, said)
}

/// The samples that are most undecided between two clusters, so many at most.
fn between(result: &AnalysisResult, stage: u8, [one, other]: [u32; 2], most: usize) -> Found {
    let stage = result.stage(stage);
    let doubt = &stage.ambiguity;
    let is = |pair: &[u32; 2]| *pair == [one, other] || *pair == [other, one];
    let all = (0..).zip(&doubt.between);
    let mut places: Vec<u32> = all
        .filter(|(_, pair)| one != other && is(pair))
        .map(|(at, _)| at)
        .collect();
    let doubt_of = |at: u32| doubt.value[at as usize];
    places.sort_by(|&a, &b| doubt_of(b).total_cmp(&doubt_of(a)));
    let all = places.len();
    places.truncate(most);
    let said = match (all, places.last()) {
        _ if one == other => "Choose two clusters that differ".into(),
        (0, _) | (_, None) => "No sample has these two as its nearest clusters".into(),
        (all, Some(&last)) => format!(
            "{} of the {} samples whose two nearest clusters these are; ambiguity {:.3} and above",
            thousands(places.len() as u64),
            thousands(all as u64),
            doubt_of(last),
        ),
    };
    Found::new(places, said)
}

/// The samples of a list of ids, and how many ids no sample has.
fn of_list(result: &AnalysisResult, list: &str) -> Found {
    let samples = &result.dataset.samples;
    // Names with spaces stand on lines of their own.
    let split = |line: &str| -> Vec<String> {
        let whole = line.trim().trim_matches('"');
        if whole.is_empty() || samples.position(whole).is_some() {
            return vec![whole.to_owned()];
        }
        let parts = line.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
        let parts = parts.map(|part| part.trim_matches('"').to_owned());
        parts.collect()
    };
    let mut ids: Vec<String> = list.lines().flat_map(split).collect();
    ids.retain(|id| !id.is_empty());
    let places = ids.iter().filter_map(|id| samples.position(id));
    let mut places: Vec<u32> = places.map(|place| place as u32).collect();
    let missing = ids.len() - places.len();
    places.sort_unstable();
    places.dedup();
    let unknown = ids.iter().find(|id| samples.position(id).is_none());
    let said = match unknown {
        Some(first) => format!(
            "{} samples; {} ids are of no sample, the first of them '{first}'",
            thousands(places.len() as u64),
            thousands(missing as u64),
        ),
        None => format!("{} samples", thousands(places.len() as u64)),
    };
    Found::new(places, said)
}
