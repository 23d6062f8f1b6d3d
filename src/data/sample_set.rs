//! Some of the samples of a data set.

use std::{collections::HashSet, fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Axis;

/// Some samples, known by their ids, so that they are found again where others stand before them or are left out. Files
/// hold the ids. Cheap to clone, and quick to make where the list of samples is at hand: that is shared and held, not copied.
#[derive(Clone)]
pub struct SampleSet {
    /// The list that they are some of.
    list: Axis,
    /// Where they stand in it, in rising order.
    places: Arc<Vec<u32>>,
}

impl SampleSet {
    /// The samples at these places of a list; places beyond its end are passed over.
    pub fn at(list: &Axis, places: impl IntoIterator<Item = u32>) -> Self {
        let inside = |&place: &u32| (place as usize) < list.len();
        let mut places: Vec<u32> = places.into_iter().filter(inside).collect();
        if !places.is_sorted_by(|a, b| a < b) {
            places.sort_unstable();
            places.dedup();
        }
        Self {
            list: list.clone(),
            places: Arc::new(places),
        }
    }

    /// Samples by their ids alone, each of them once.
    pub fn of_ids(mut ids: Vec<String>) -> Self {
        let mut seen = HashSet::with_capacity(ids.len());
        let first: Vec<bool> = ids.iter().map(|id| seen.insert(id.as_str())).collect();
        drop(seen);
        let mut first = first.into_iter();
        ids.retain(|_| first.next().unwrap_or(false));
        let places = 0..ids.len() as u32;
        Self {
            places: Arc::new(places.collect()),
            list: Axis::of_unique(ids),
        }
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Their ids, in the order of the list.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = &str> {
        let names = self.list.names();
        self.places
            .iter()
            .map(|&place| names[place as usize].as_str())
    }

    /// Where they stand in a list, in rising order; those that it lacks are passed over.
    pub fn places_in(&self, list: &Axis) -> Arc<Vec<u32>> {
        if self.list.is(list) {
            return self.places.clone();
        }
        let places = self.ids().filter_map(|id| list.position(id));
        let mut places: Vec<u32> = places.map(|place| place as u32).collect();
        places.sort_unstable();
        Arc::new(places)
    }

    /// Those that a list has, as some of it.
    pub fn among(&self, list: &Axis) -> Self {
        match self.list.is(list) {
            true => self.clone(),
            false => Self::at(list, self.places_in(list).iter().copied()),
        }
    }

    /// The same set as some of a list, if that has all of them: sets of one list are quicker to compare and to combine.
    pub fn move_to(&mut self, list: &Axis) {
        let moved = self.among(list);
        if moved.len() == self.len() {
            *self = moved;
        }
    }

    /// These and others.
    pub fn and(&self, others: &Self) -> Self {
        match self.list.is(&others.list) {
            true => {
                let has = self.marks();
                let both = (0..).zip(&has).zip(others.marks());
                let both = both.filter(|((_, one), other)| **one || *other);
                Self::at(&self.list, both.map(|((place, _), _)| place))
            }
            false => {
                let ids = self.ids().chain(others.ids());
                Self::of_ids(ids.map(str::to_owned).collect())
            }
        }
    }

    /// Those that are among others (`inside`), or the rest.
    pub fn sift(&self, others: &Self, inside: bool) -> Self {
        let places = self.places.iter().copied();
        let marks = others.marks();
        match self.list.is(&others.list) {
            true => Self::at(
                &self.list,
                places.filter(|&at| marks[at as usize] == inside),
            ),
            false => {
                let id = |place: u32| self.list.names()[place as usize].as_str();
                let among =
                    |place: u32| others.list.position(id(place)).is_some_and(|at| marks[at]);
                Self::at(&self.list, places.filter(|&at| among(at) == inside))
            }
        }
    }

    /// For every sample of the list, whether it is one of them.
    fn marks(&self) -> Vec<bool> {
        let mut marks = vec![false; self.list.len()];
        self.places
            .iter()
            .for_each(|&place| marks[place as usize] = true);
        marks
    }
}

impl Default for SampleSet {
    fn default() -> Self {
        Self::at(&Axis::default(), [])
    }
}

/// The same ids in the same order; at once where they share a list.
impl PartialEq for SampleSet {
    fn eq(&self, other: &Self) -> bool {
        match self.list.is(&other.list) {
            true => self.places == other.places,
            false => self.len() == other.len() && self.ids().eq(other.ids()),
        }
    }
}

impl Eq for SampleSet {}

impl fmt::Debug for SampleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.ids()).finish()
    }
}

impl FromIterator<String> for SampleSet {
    fn from_iter<I: IntoIterator<Item = String>>(ids: I) -> Self {
        Self::of_ids(ids.into_iter().collect())
    }
}

impl Serialize for SampleSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.ids())
    }
}

impl<'de> Deserialize<'de> for SampleSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::of_ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> SampleSet {
        text.chars().map(String::from).collect()
    }

    fn read(set: &SampleSet) -> String {
        set.ids().collect()
    }

    #[test]
    fn samples_are_found_again_in_other_lists() {
        let list = Axis::new("abcdef".chars().map(String::from).collect()).unwrap();
        let set = SampleSet::at(&list, [4, 1, 4, 9]);
        assert_eq!((read(&set).as_str(), set.len()), ("be", 2));
        assert_eq!(*set.places_in(&list), [1, 4]);
        let other = Axis::new("xeb".chars().map(String::from).collect()).unwrap();
        assert_eq!(*set.places_in(&other), [1, 2]);
        let mut moved = of("be");
        moved.move_to(&list);
        assert!(moved.list.is(&list) && moved == set);
        moved.move_to(&Axis::new(vec!["b".into()]).unwrap());
        assert!(moved.list.is(&list), "it has one of them only");
        let fewer = Axis::new("xe".chars().map(String::from).collect()).unwrap();
        assert_eq!(*set.places_in(&fewer), [1]);
        assert_eq!(set, of("be"));
        assert_ne!(set, of("b"));
        assert_ne!(set, SampleSet::at(&list, [1, 5]));
    }

    #[test]
    fn sets_of_one_list_and_of_two_come_to_the_same() {
        let list = Axis::new("abcdef".chars().map(String::from).collect()).unwrap();
        let one = SampleSet::at(&list, [0, 1, 2]);
        for other in [SampleSet::at(&list, [3, 2]), of("cd")] {
            assert_eq!(read(&one.and(&other)), "abcd");
            assert_eq!(read(&one.sift(&other, true)), "c");
            assert_eq!(read(&one.sift(&other, false)), "ab");
        }
        assert_eq!(read(&one.and(&of("xa"))), "abcx");
        assert!(SampleSet::default().is_empty());
    }

    #[test]
    fn files_hold_the_ids_each_once() {
        let text = serde_json::to_string(&of("cab")).unwrap();
        assert_eq!(text, r#"["c","a","b"]"#);
        let back: SampleSet = serde_json::from_str(r#"["c","a","c","b"]"#).unwrap();
        assert_eq!(back, of("cab"));
    }
}
