//! What is asked where ids of two files do not agree as they should.

use super::{Matching, in_words, matching, rules};
use crate::{
    io::{
        error::LoadError,
        load::LoadSpec,
        notice::LoadNotice,
        question::{Answer, Choice, Join, Question},
    },
    job::CancelToken,
    words::thousands,
};
use std::path::Path;

/// Rules that are offered at once.
const MOST_RULES: usize = 3;

/// Two lists of ids, each without repeats, and the files they come from.
#[derive(Clone, Copy)]
pub(in crate::io) struct Pair<'a> {
    /// The file of the known ids, or the first of several.
    pub known_file: &'a Path,
    /// The known ids.
    pub known: &'a [&'a str],
    /// The file whose ids are looked up.
    pub file: &'a Path,
    /// Its ids.
    pub ids: &'a [&'a str],
    /// Whether the file holds labels, without which the data can be loaded too.
    pub labels: bool,
}

/// Whether so few samples agree that it is rather a mistake: fewer than half of the smaller file's, or fewer than ten where
/// it has ten.
pub(in crate::io) fn few(agreeing: usize, smaller: usize) -> bool {
    agreeing * 2 < smaller || (agreeing < 10 && smaller >= 10)
}

/// Matches the ids of a file to the known ones: to the letter, or by the rule that the user chose.
///
/// # Errors
/// The question to ask if a rule would make at least half of the others agree, or if few agree. That none do, and no rule
/// helps, is left to the caller.
pub(in crate::io) fn compare(
    pair: &Pair<'_>,
    spec: &LoadSpec,
    notices: &mut Vec<LoadNotice>,
    cancel: &CancelToken,
) -> Result<Matching, LoadError> {
    let &Pair { known, ids, .. } = pair;
    let exact = matching(known, ids, Join::Exact);
    let smaller = known.len().min(ids.len());
    if exact.agreeing == smaller {
        return Ok(exact);
    }
    let found = match spec.join {
        Join::Exact => exact,
        join => by_rule(pair, join, &exact, notices),
    };
    let few = few(found.agreeing, smaller);
    if spec.few_in_common && found.agreeing > 0 {
        return Ok(found);
    }
    if let (Some(first), Some(other)) = (numbered_from(known), numbered_from(ids))
        && first != other
    {
        return Err(LoadError::Ask(Box::new(numbers(
            pair, first, other, &found,
        ))));
    }
    if spec.join == Join::Exact {
        let rules = rules(known, ids, &found, cancel)?;
        let gain = rules
            .first()
            .map_or(0, |(_, best)| best.agreeing - found.agreeing);
        if gain > 0 && (few || gain * 2 >= smaller - found.agreeing) {
            return Err(LoadError::Ask(Box::new(question(pair, &found, &rules))));
        }
    }
    if few && found.agreeing > 0 {
        return Err(LoadError::Ask(Box::new(question(pair, &found, &[]))));
    }
    Ok(found)
}

/// The first of ids that are numbers without a gap, as rows are numbered.
fn numbered_from(ids: &[&str]) -> Option<u64> {
    let numbers = ids.iter().map(|id| id.parse::<u64>().ok());
    let numbers: Vec<u64> = numbers.collect::<Option<_>>()?;
    let (first, last) = (*numbers.iter().min()?, *numbers.iter().max()?);
    // They are distinct.
    (last - first == numbers.len() as u64 - 1).then_some(first)
}

/// Rows that one program counts from 0 and another from 1 agree in all numbers but one, and are off by one.
fn numbers(pair: &Pair<'_>, known: u64, own: u64, found: &Matching) -> Question {
    let name = name(pair.known_file);
    let text = format!(
        "Its ids are numbers from {own} on, those of {name} from {known} on: the same number may not be the same sample."
    );
    Question {
        file: pair.file.to_owned(),
        text,
        answers: otherwise(pair, found),
    }
}

fn by_rule(
    pair: &Pair<'_>,
    join: Join,
    exact: &Matching,
    notices: &mut Vec<LoadNotice>,
) -> Matching {
    let found = matching(pair.known, pair.ids, join);
    if found.agreeing > exact.agreeing {
        notices.push(LoadNotice::IdsJoinedByRule {
            file: pair.file.to_owned(),
            rule: in_words(join).to_owned(),
            ids: found.agreeing - exact.agreeing,
            of: pair.ids.len(),
        });
    }
    if let Some(alike) = &found.alike {
        notices.push(LoadNotice::IdsAlike {
            file: pair.file.to_owned(),
            ids: alike.ids,
            example: alike.example.clone(),
        });
    }
    found
}

fn question(pair: &Pair<'_>, exact: &Matching, rules: &[(Join, Matching)]) -> Question {
    let mut text = format!(
        "{} of its {} ids agree with the {} of {}",
        thousands(exact.agreeing),
        thousands(pair.ids.len()),
        thousands(pair.known.len()),
        name(pair.known_file),
    );
    if let Some((join, best)) = rules.first() {
        text += &format!("; {} do {}", thousands(best.agreeing), in_words(*join));
        if let Some((known, id)) = example(pair, exact, best) {
            text += &format!(" ({id} here, {known} there)");
        }
    }
    text += ".";
    if let Some(alike) = rules.first().and_then(|(_, best)| best.alike.as_ref()) {
        let [first, second] = &alike.example;
        text += &format!(
            " That makes {} the same as others of their file, such as {first} and {second}: they are not joined.",
            match alike.ids {
                1 => "1 id".to_owned(),
                n => format!("{} ids", thousands(n)),
            }
        );
    }
    let rule = |(join, found): &(Join, Matching)| Answer {
        text: format!(
            "Compare {} ({} agree)",
            in_words(*join),
            thousands(found.agreeing)
        ),
        choice: Choice::Join(*join),
    };
    let mut answers: Vec<Answer> = rules.iter().take(MOST_RULES).map(rule).collect();
    answers.extend(otherwise(pair, exact));
    Question {
        file: pair.file.to_owned(),
        text,
        answers,
    }
}

/// What can be done without another rule.
fn otherwise(pair: &Pair<'_>, found: &Matching) -> Vec<Answer> {
    let mut answers = Vec::new();
    if found.agreeing > 0 {
        answers.push(Answer {
            text: format!("Go on with the {} that agree", thousands(found.agreeing)),
            choice: Choice::FewInCommon,
        });
    }
    if pair.labels {
        answers.push(Answer {
            text: "Load without labels".into(),
            choice: Choice::NoLabels,
        });
    }
    answers
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// An id that a rule joins, as it is among the known ones and in the file.
fn example<'a>(pair: &Pair<'a>, exact: &Matching, best: &Matching) -> Option<(&'a str, &'a str)> {
    let places = best.places.iter().zip(&exact.places);
    let at = places
        .clone()
        .position(|(now, before)| now.is_some() && before.is_none())?;
    let place = best.places.get(at).copied().flatten()?;
    Some((*pair.known.get(place as usize)?, *pair.ids.get(at)?))
}
