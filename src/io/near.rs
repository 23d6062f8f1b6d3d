//! Ids that name the same sample and are not written alike.
//!
//! Tools change ids on the way: R writes dots for dashes, Excel drops leading zeros, merging adds `-1` or a prefix. A rule
//! of [`Join`] undoes one such change. It is found by trying, and never applied unasked.

mod ask;
mod screen;

use super::question::Join;
use crate::job::{CancelToken, Cancelled};
pub(super) use ask::{Pair, compare, few};
use rayon::prelude::*;
use screen::Rule;
use std::{borrow::Cow, cmp::Reverse, collections::HashMap};

/// All rules, the safest first: it comes first among those that make as many ids agree.
const RULES: [Join; 6] = [
    Join::Case,
    Join::Punctuation,
    Join::Zeros,
    Join::TcgaSample,
    Join::Suffix,
    Join::Prefix,
];

/// Which of the known ids every id of a file is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Matching {
    /// For every id of the file the place of the known one.
    pub places: Vec<Option<u32>>,
    /// How many have one.
    pub agreeing: usize,
    /// Ids without one, as the rule makes them the same as another id of their own file.
    pub alike: Option<Alike>,
}

/// Ids of one file that a rule makes the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Alike {
    /// How many.
    pub ids: usize,
    /// Two of them.
    pub example: [String; 2],
}

/// An id as a rule sees it.
pub(super) fn key(join: Join, id: &str) -> Cow<'_, str> {
    match join {
        Join::Exact => id.into(),
        Join::Case => id.to_lowercase().into(),
        Join::Suffix => match id.rsplit_once(['-', '.', '_']) {
            Some((head, tail)) if !head.is_empty() && is_number(tail) => head.into(),
            _ => id.into(),
        },
        Join::Prefix => match id.split_once(['_', ':', '#']) {
            Some((_, rest)) if !rest.is_empty() => rest.into(),
            _ => id.into(),
        },
        Join::Punctuation => {
            let plain = |c: char| if c.is_alphanumeric() { c } else { '-' };
            // R puts an X before what would not be a name.
            let after_x = id.strip_prefix('X');
            let bare = after_x.filter(|rest| rest.starts_with(|c: char| !c.is_alphabetic()));
            bare.unwrap_or(id)
                .chars()
                .map(plain)
                .collect::<String>()
                .into()
        }
        Join::Zeros if is_number(id) => match id.trim_start_matches('0') {
            "" => "0".into(),
            rest => rest.into(),
        },
        Join::Zeros => id.into(),
        Join::TcgaSample => tcga_sample(id).map_or(id.into(), Into::into),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `TCGA-A1-A0SB-01` of `TCGA-A1-A0SB-01A-11R-A144-07`: project, tissue source site, participant, sample type. The letter
/// of the vial and what follows it (portion, analyte, plate, centre) differ between the modalities of one tumour.
fn tcga_sample(id: &str) -> Option<String> {
    let id = id.to_uppercase();
    let mut parts = id.split(['-', '.', '_']);
    let mut part = |length: usize| {
        let part = parts.next()?;
        (part.len() == length && part.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(part)
    };
    let (project, site, participant) = (part(4)?, part(2)?, part(4)?);
    let sample = parts.next()?;
    let kind = sample.get(..2).filter(|kind| is_number(kind))?;
    (project == "TCGA" && sample.len() <= 3).then(|| format!("TCGA-{site}-{participant}-{kind}"))
}

/// Finds every id of a file among the known ones. Both lists have no id twice. Ids that agree to the letter belong
/// together whatever the rule; the rule is for the others, and joins one with one.
pub(super) fn matching(known: &[&str], ids: &[&str], join: Join) -> Matching {
    let exact = to_the_letter(known, ids);
    if join == Join::Exact || exact.agreeing == known.len().min(ids.len()) {
        return exact;
    }
    by_rule(known, ids, &exact, &Rule::of(known, ids, join))
}

fn to_the_letter(known: &[&str], ids: &[&str]) -> Matching {
    let index: HashMap<&str, u32> = known.iter().copied().zip(0..).collect();
    let place = |id: &&str| index.get(id).copied();
    let places: Vec<Option<u32>> = ids.par_iter().map(place).collect();
    Matching {
        agreeing: places.iter().flatten().count(),
        places,
        alike: None,
    }
}

/// The best of the ways of a rule.
fn by_rule(known: &[&str], ids: &[&str], exact: &Matching, rule: &Rule) -> Matching {
    let mut best = exact.clone();
    for way in &rule.ways {
        let tried = by_key(known, ids, exact, *way);
        let told = best.alike.is_none() && tried.alike.is_some();
        if tried.agreeing > best.agreeing || (tried.agreeing == best.agreeing && told) {
            best = tried;
        }
    }
    best
}

/// The lists whose ids a rule changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Way {
    join: Join,
    known: bool,
    ids: bool,
}

impl Way {
    fn key_of_known(self, id: &str) -> Cow<'_, str> {
        key(if self.known { self.join } else { Join::Exact }, id)
    }

    fn key_of_id(self, id: &str) -> Cow<'_, str> {
        key(if self.ids { self.join } else { Join::Exact }, id)
    }
}

/// What a tool added to one list the other may lack, and the other's own dashes must stay.
fn ways(join: Join) -> Vec<Way> {
    let sides = match join {
        Join::Suffix | Join::Prefix => &[(true, true), (false, true), (true, false)][..],
        _ => &[(true, true)],
    };
    let way = |&(known, ids): &(bool, bool)| Way { join, known, ids };
    sides.iter().map(way).collect()
}

/// The ids of one list that a rule makes the same.
#[derive(Clone, Copy, Default)]
struct Group {
    /// The first of them.
    first: u32,
    /// How many they are.
    count: u32,
}

impl Group {
    fn add(&mut self, at: u32) {
        if self.count == 0 {
            self.first = at;
        }
        self.count += 1;
    }
}

fn by_key(known: &[&str], ids: &[&str], exact: &Matching, way: Way) -> Matching {
    // Every key of the known ids has a number, and a group of ids in either list.
    let keys: Vec<Cow<'_, str>> = known.par_iter().map(|id| way.key_of_known(id)).collect();
    let mut numbers: HashMap<Cow<'_, str>, u32> = HashMap::with_capacity(known.len());
    let mut groups: Vec<[Group; 2]> = Vec::with_capacity(known.len());
    for (at, key) in (0..).zip(keys) {
        let number = *numbers.entry(key).or_insert(groups.len() as u32);
        if number as usize == groups.len() {
            groups.push(Default::default());
        }
        groups[number as usize][0].add(at);
    }
    let number = |id: &&str| numbers.get(&way.key_of_id(id)).copied();
    let own: Vec<Option<u32>> = ids.par_iter().map(number).collect();
    for (at, number) in (0..).zip(&own) {
        if let Some(number) = number {
            groups[*number as usize][1].add(at);
        }
    }
    let mut taken = vec![false; known.len()];
    for &place in exact.places.iter().flatten() {
        taken[place as usize] = true;
    }
    let mut result = exact.clone();
    let mut alike = 0;
    let mut example = None;
    for (place, number) in result.places.iter_mut().zip(&own) {
        let Some(number) = number.filter(|_| place.is_none()) else {
            continue;
        };
        let [theirs, own] = groups[number as usize];
        if theirs.count == 1 && own.count == 1 {
            if !taken[theirs.first as usize] {
                *place = Some(theirs.first);
                result.agreeing += 1;
            }
            continue;
        }
        alike += 1;
        example.get_or_insert((theirs, own));
    }
    result.alike = example.and_then(|(theirs, own)| {
        let (all, first) = match own.count {
            1 => (known, theirs.first as usize),
            _ => (ids, own.first as usize),
        };
        let key = |id| match own.count {
            1 => way.key_of_known(id),
            _ => way.key_of_id(id),
        };
        let rest = &all[first + 1..];
        let second = rest.iter().find(|id| key(id) == key(all[first]))?;
        Some(Alike {
            ids: alike,
            example: [all[first].to_owned(), (*second).to_owned()],
        })
    });
    result
}

/// The rules that make more ids agree than agree to the letter, the best first.
fn rules(
    known: &[&str],
    ids: &[&str],
    exact: &Matching,
    cancel: &CancelToken,
) -> Result<Vec<(Join, Matching)>, Cancelled> {
    let tried = screen::rules_worth_trying(known, ids, cancel)?;
    let tried = tried.par_iter().map(|rule| {
        cancel.check()?;
        Ok((rule.join, by_rule(known, ids, exact, rule)))
    });
    let mut tried = tried.collect::<Result<Vec<_>, Cancelled>>()?;
    tried.retain(|(_, found)| found.agreeing > exact.agreeing);
    tried.sort_by_key(|(_, found)| Reverse(found.agreeing));
    Ok(tried)
}

/// About how many ids of a file agree with known ones by the rule the user chose, or else by the best.
pub(super) fn most_agreeing(
    known: &[&str],
    ids: &[&str],
    join: Join,
    cancel: &CancelToken,
) -> Result<usize, Cancelled> {
    if join != Join::Exact {
        return Ok(Rule::of(known, ids, join).shared);
    }
    let rules = screen::rules_worth_trying(known, ids, cancel)?;
    let shared = rules.iter().map(|rule| rule.shared);
    Ok(shared.max().unwrap_or_default())
}

/// What a rule does, behind "118 agree".
pub(super) fn in_words(join: Join) -> &'static str {
    match join {
        Join::Exact => "to the letter",
        Join::Case => "when large and small letters are the same",
        Join::Suffix => "without the number behind the last dash, dot or underscore",
        Join::Prefix => "without what stands before the first underscore, colon or #",
        Join::Punctuation => "when dots, dashes, underscores and blanks are the same",
        Join::Zeros => "without leading zeros",
        Join::TcgaSample => "as TCGA barcodes up to the sample",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_undoes_what_a_tool_did() {
        let pairs = [
            (Join::Case, "aaac-1", "AAAC-1"),
            (Join::Suffix, "AAAC-1", "AAAC.2"),
            (Join::Suffix, "S_12", "S"),
            (Join::Prefix, "lane1_AAAC-1", "project:AAAC-1"),
            (Join::Prefix, "GSM1_AAAC-1", "AAAC-1"),
            (Join::Punctuation, "X12.34 a", "12-34_a"),
            (Join::Zeros, "007", "7"),
            (Join::Zeros, "000", "0"),
            (
                Join::TcgaSample,
                "TCGA-A1-A0SB-01A-11R-A144-07",
                "tcga.a1.a0sb.01",
            ),
        ];
        for (join, a, b) in pairs {
            assert_eq!(key(join, a), key(join, b), "{join:?}");
        }
        let apart = [
            (Join::Suffix, "AAAC-x", "AAAC"),
            (Join::Suffix, "-1", "-2"),
            (Join::Punctuation, "Xa", "a"),
            (Join::Zeros, "0a", "a"),
            (Join::TcgaSample, "TCGA-A1-A0SB-01A", "TCGA-A1-A0SB-11A"),
            (Join::TcgaSample, "TCGA-A1-A0SB", "TCGA-A1-A0SC"),
        ];
        for (join, a, b) in apart {
            assert_ne!(key(join, a), key(join, b), "{join:?}");
        }
    }

    #[test]
    fn ids_that_agree_to_the_letter_stay_together() {
        // Two lanes with the same barcode: without the number they could not be told apart.
        let known = ["AC-1", "AC-2", "GT-1"];
        let ids = ["AC-2", "GT", "AC-1"];
        let found = matching(&known, &ids, Join::Suffix);
        assert_eq!(found.places, [Some(1), Some(2), Some(0)]);
        assert_eq!((found.agreeing, found.alike), (3, None));
    }

    #[test]
    fn a_suffix_goes_from_one_side_only_where_that_is_right() {
        let (known, ids) = (["S_1", "S_2"], ["S_2-1", "S_1-1"]);
        let found = matching(&known, &ids, Join::Suffix);
        assert_eq!(found.places, [Some(1), Some(0)]);
        let found = matching(&ids, &known, Join::Suffix);
        assert_eq!(found.places, [Some(1), Some(0)]);
    }

    #[test]
    fn what_a_rule_makes_the_same_is_not_joined_and_told() {
        let known = ["P1-01A", "P2-01A"];
        let ids = ["p1-01a", "P1-01a", "p2-01A"];
        let found = matching(&known, &ids, Join::Case);
        assert_eq!(found.places, [None, None, Some(1)]);
        let alike = found.alike.unwrap();
        assert_eq!((alike.ids, alike.example[1].as_str()), (2, "P1-01a"));
    }

    #[test]
    fn the_rule_that_joins_most_comes_first() {
        let known: Vec<String> = (0..20).map(|i| format!("X{i}.{i}")).collect();
        let ids: Vec<String> = (0..20).map(|i| format!("{i}-{i}")).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let cancel = CancelToken::new();
        let exact = to_the_letter(&known, &ids);
        let found = rules(&known, &ids, &exact, &cancel).unwrap();
        assert_eq!((found[0].0, found[0].1.agreeing), (Join::Punctuation, 20));
        let exact = to_the_letter(&known, &["a", "b"]);
        assert_eq!(rules(&known, &["a", "b"], &exact, &cancel).unwrap(), []);
    }
}
