//! Which rules are worth trying: with a million ids, each takes a second.

use super::{Join, RULES, Way, ways};
use crate::job::{CancelToken, Cancelled};
use rayon::prelude::*;
use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::HashSet,
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
};

/// Ids of each list that are compared, about.
const COMPARED: usize = 20_000;

/// Rules of long lists that are tried.
const MOST_RULES: usize = 3;

/// About how many keys two lists share. Of long lists only keys of some hashes are compared, which are the same in both.
fn shared(known: &[&str], ids: &[&str], way: Way) -> usize {
    let hasher = BuildHasherDefault::<DefaultHasher>::new();
    let every = (known.len().max(ids.len()) / COMPARED).max(1);
    let is_compared =
        |key: &Cow<'_, str>| every == 1 || hasher.hash_one(key).is_multiple_of(every as u64);
    let keys = known.iter().map(|id| way.key_of_known(id));
    let keys: HashSet<Cow<'_, str>> = keys.filter(is_compared).collect();
    let own = ids.iter().map(|id| way.key_of_id(id)).filter(is_compared);
    let own: HashSet<Cow<'_, str>> = own.collect();
    own.iter().filter(|key| keys.contains(*key)).count() * every
}

/// About how many ids of two lists agree by a rule.
pub(super) fn most_shared(known: &[&str], ids: &[&str], join: Join) -> usize {
    let shared = ways(join).into_iter().map(|way| shared(known, ids, way));
    shared.max().unwrap_or_default()
}

fn are_long(known: &[&str], ids: &[&str]) -> bool {
    known.len().max(ids.len()) > COMPARED
}

/// All of these ways, or the best of them for long lists.
pub(super) fn worth_trying(known: &[&str], ids: &[&str], mut ways: Vec<Way>) -> Vec<Way> {
    if are_long(known, ids) && ways.len() > 1 {
        ways.sort_by_cached_key(|way| Reverse(shared(known, ids, *way)));
        ways.truncate(1);
    }
    ways
}

/// The rules by which any ids agree, each with about how many; of long lists the best.
pub(super) fn rules_worth_trying(
    known: &[&str],
    ids: &[&str],
    cancel: &CancelToken,
) -> Result<Vec<(Join, usize)>, Cancelled> {
    let most = |join: &Join| {
        cancel.check()?;
        Ok((*join, most_shared(known, ids, *join)))
    };
    let mut rules = RULES
        .par_iter()
        .map(most)
        .collect::<Result<Vec<_>, Cancelled>>()?;
    rules.retain(|(_, shared)| *shared > 0);
    if are_long(known, ids) {
        rules.sort_by_key(|(_, shared)| Reverse(*shared));
        rules.truncate(MOST_RULES);
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::{super::rules, *};

    #[test]
    fn long_lists_are_joined_as_short_ones() {
        let known: Vec<String> = (0..60_000).map(|i| format!("S_{i}")).collect();
        let ids: Vec<String> = (0..60_000).rev().map(|i| format!("S_{i}-1")).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let way = Way {
            join: Join::Suffix,
            known: false,
            ids: true,
        };
        let about = shared(&known, &ids, way);
        assert!((50_000..70_000).contains(&about), "{about}");
        let found = rules(&known, &ids, 0, &CancelToken::new()).unwrap();
        assert_eq!((found[0].0, found[0].1.agreeing), (Join::Suffix, 60_000));
        assert_eq!(found[0].1.places[0], Some(59_999));
    }
}
