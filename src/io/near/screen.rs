//! Which rules are worth trying: with a million ids, each takes a second.

use super::{Join, RULES, Way, key, ways};
use crate::job::{CancelToken, Cancelled};
use rayon::prelude::*;
use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::HashSet,
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    sync::OnceLock,
};

/// Ids of each list that are compared, about.
const COMPARED: usize = 20_000;

/// Rules of long lists that are tried.
const MOST_RULES: usize = 3;

/// A rule that is worth trying.
#[derive(Debug)]
pub(super) struct Rule {
    /// Which.
    pub join: Join,
    /// The ways to try: all of them, or the best for long lists.
    pub ways: Vec<Way>,
    /// About how many keys the lists share by the best of all ways.
    pub shared: usize,
}

impl Rule {
    /// What is worth trying of this rule.
    pub fn of(known: &[&str], ids: &[&str], join: Join) -> Self {
        Lists::new(known, ids).rule(join)
    }
}

type Keys<'a> = HashSet<Cow<'a, str>>;

/// Two lists that are compared. Of long lists only keys of some hashes are, which are the same in both.
struct Lists<'a> {
    known: &'a [&'a str],
    ids: &'a [&'a str],
    every: usize,
    /// The ids that are compared as they are written, once they are asked for.
    as_written: OnceLock<[Keys<'a>; 2]>,
}

impl<'a> Lists<'a> {
    fn new(known: &'a [&'a str], ids: &'a [&'a str]) -> Self {
        Self {
            known,
            ids,
            every: (known.len().max(ids.len()) / COMPARED).max(1),
            as_written: OnceLock::new(),
        }
    }

    fn are_long(&self) -> bool {
        self.known.len().max(self.ids.len()) > COMPARED
    }

    /// The keys of both lists by a rule.
    fn keys(&self, join: Join) -> [Keys<'a>; 2] {
        let hasher = BuildHasherDefault::<DefaultHasher>::new();
        let is_compared = |key: &Cow<'_, str>| {
            self.every == 1 || hasher.hash_one(key).is_multiple_of(self.every as u64)
        };
        [self.known, self.ids].map(|list| {
            let keys = list.iter().map(|id| key(join, id));
            keys.filter(is_compared).collect()
        })
    }

    /// About how many keys the lists share, where `of` are those by the rule of the way.
    fn shared(&self, way: Way, of: &[Keys<'a>; 2]) -> usize {
        let as_written = || self.as_written.get_or_init(|| self.keys(Join::Exact));
        let known = if way.known { of } else { as_written() };
        let own = if way.ids { of } else { as_written() };
        known[0].intersection(&own[1]).count() * self.every
    }

    fn rule(&self, join: Join) -> Rule {
        let keys = self.keys(join);
        let ways = ways(join).into_iter();
        let mut ways: Vec<(Way, usize)> = ways.map(|way| (way, self.shared(way, &keys))).collect();
        let shared = ways.iter().map(|(_, shared)| *shared).max();
        if self.are_long() {
            ways.sort_by_key(|(_, shared)| Reverse(*shared));
            ways.truncate(1);
        }
        Rule {
            join,
            ways: ways.into_iter().map(|(way, _)| way).collect(),
            shared: shared.unwrap_or_default(),
        }
    }
}

/// The rules by which any ids agree; of long lists the best.
pub(super) fn rules_worth_trying(
    known: &[&str],
    ids: &[&str],
    cancel: &CancelToken,
) -> Result<Vec<Rule>, Cancelled> {
    let lists = Lists::new(known, ids);
    let rule = |join: &Join| {
        cancel.check()?;
        Ok(lists.rule(*join))
    };
    let rules = RULES.par_iter().map(rule);
    let mut rules = rules.collect::<Result<Vec<_>, Cancelled>>()?;
    rules.retain(|rule| rule.shared > 0);
    if lists.are_long() {
        rules.sort_by_key(|rule| Reverse(rule.shared));
        rules.truncate(MOST_RULES);
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::{
        super::{rules, to_the_letter},
        *,
    };

    #[test]
    fn long_lists_are_joined_as_short_ones() {
        let known: Vec<String> = (0..60_000).map(|i| format!("S_{i}")).collect();
        let ids: Vec<String> = (0..60_000).rev().map(|i| format!("S_{i}-1")).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let rule = Rule::of(&known, &ids, Join::Suffix);
        let way = Way {
            join: Join::Suffix,
            known: false,
            ids: true,
        };
        assert_eq!(rule.ways, [way]);
        let about = rule.shared;
        assert!((50_000..70_000).contains(&about), "{about}");
        let exact = to_the_letter(&known, &ids);
        let found = rules(&known, &ids, &exact, &CancelToken::new()).unwrap();
        assert_eq!((found[0].0, found[0].1.agreeing), (Join::Suffix, 60_000));
        assert_eq!(found[0].1.places[0], Some(59_999));
    }
}
