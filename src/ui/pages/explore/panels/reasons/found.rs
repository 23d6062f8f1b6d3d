//! The reasons, made by a worker when what they depend on changes.

use std::sync::Arc;

use crate::{
    analysis::{
        markers::settling::Settling,
        reasons::{Judge, ReasonsError, Verdict},
    },
    data::SampleSet,
    job::CancelToken,
    pipeline::{
        AnalysisResult, between_clusters, judge_of, measurements, most_ambiguous, most_frequent,
        settling,
    },
    ui::later::Same,
};

/// What reasons depend on.
#[derive(Clone, PartialEq)]
pub(super) struct Depends {
    pub result: Same<AnalysisResult>,
    pub stage: u8,
    /// The samples that are asked about; nothing for the most ambiguous ones.
    pub selection: Option<SampleSet>,
}

/// Verdicts, and what they were made of.
pub(super) struct Found {
    pub of: Depends,
    pub judge: Arc<Judge>,
    /// Samples asked about that lie between no two clusters.
    pub clear: usize,
    pub verdicts: Vec<Verdict>,
    /// The pair of clusters that most are about, how many are, and what would settle it.
    pub pair: Option<([u32; 2], usize)>,
    pub settling: Arc<Vec<Settling>>,
}

impl Found {
    /// The verdicts; a judge that is there is asked again.
    pub fn of(
        kept: Option<Arc<Result<Self, ReasonsError>>>,
        of: Depends,
    ) -> Result<Self, ReasonsError> {
        // Nothing cancels this: what it made is passed over when something else is asked for.
        let cancel = CancelToken::new();
        let result = &of.result.0;
        let stage = result.stage(of.stage);
        let kept = kept.as_deref().and_then(|kept| kept.as_ref().ok());
        let same = |kept: &&Self| kept.of.result == of.result && kept.of.stage == of.stage;
        let judge = match kept.filter(same) {
            Some(kept) => kept.judge.clone(),
            None => Arc::new(judge_of(result, stage, &cancel)?),
        };
        let asked: Vec<usize> = match &of.selection {
            None => most_ambiguous(stage),
            Some(selection) => {
                let places = selection.places_in(&result.dataset.samples);
                places.iter().map(|&place| place as usize).collect()
            }
        };
        let count = asked.len();
        let asked = between_clusters(stage, asked);
        let verdicts = judge.judge(&measurements(&result.dataset)?, &asked, &cancel)?;
        let pair = most_frequent(&verdicts);
        // Every feature is gone over for a pair: of the same one once.
        let same_pair =
            |kept: &&Self| kept.pair.map(|(pair, _)| pair) == pair.map(|(pair, _)| pair);
        let settling = match (kept.filter(same).filter(same_pair), pair) {
            (Some(kept), _) => kept.settling.clone(),
            (None, Some((pair, _))) => Arc::new(settling(result, stage, pair, &cancel)?),
            (None, None) => Arc::default(),
        };
        Ok(Self {
            judge,
            clear: count - verdicts.len(),
            verdicts,
            pair,
            settling,
            of,
        })
    }
}
