//! Columns of any type that describe samples or features.

/// A column; any value may be missing.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Numbers; NaN is missing.
    Number(Vec<f64>),
    /// Whole numbers.
    Integer(Vec<Option<i64>>),
    /// One of a few names.
    Category(Category),
    /// Yes or no.
    Bool(Vec<Option<bool>>),
    /// Any text.
    Text(Vec<Option<String>>),
}

/// A column of names that repeat.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Category {
    /// Index into `names`.
    pub codes: Vec<Option<u32>>,
    /// The names, in the order of the file.
    pub names: Vec<String>,
    /// A colour a name (red, green, blue), if the file has some for all of them.
    pub colours: Option<Vec<[u8; 3]>>,
}

impl Column {
    /// Number of values, missing ones included.
    pub fn len(&self) -> usize {
        match self {
            Self::Number(values) => values.len(),
            Self::Integer(values) => values.len(),
            Self::Category(category) => category.codes.len(),
            Self::Bool(values) => values.len(),
            Self::Text(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What kind of values it holds, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Number(_) => "number",
            Self::Integer(_) => "whole number",
            Self::Category(_) => "category",
            Self::Bool(_) => "yes or no",
            Self::Text(_) => "text",
        }
    }

    /// A value as text; nothing if it is missing, or not there.
    pub fn text(&self, at: usize) -> Option<String> {
        match self {
            Self::Number(values) => values.get(at).filter(|x| !x.is_nan()).map(f64::to_string),
            Self::Integer(values) => values.get(at).copied().flatten().map(|x| x.to_string()),
            Self::Category(category) => {
                let code = category.codes.get(at).copied().flatten()?;
                category.names.get(code as usize).cloned()
            }
            Self::Bool(values) => values.get(at).copied().flatten().map(|x| x.to_string()),
            Self::Text(values) => values.get(at).cloned().flatten(),
        }
    }

    /// Number of missing values.
    pub fn missing(&self) -> usize {
        match self {
            Self::Number(values) => values.iter().filter(|x| x.is_nan()).count(),
            Self::Integer(values) => values.iter().filter(|x| x.is_none()).count(),
            Self::Category(category) => category.codes.iter().filter(|x| x.is_none()).count(),
            Self::Bool(values) => values.iter().filter(|x| x.is_none()).count(),
            Self::Text(values) => values.iter().filter(|x| x.is_none()).count(),
        }
    }

    /// The values at these places; missing where there is no place.
    pub fn select(&self, places: &[Option<u32>]) -> Self {
        fn pick<T: Clone>(from: &[Option<T>], places: &[Option<u32>]) -> Vec<Option<T>> {
            let value = |place: &Option<u32>| from.get((*place)? as usize).cloned().flatten();
            places.iter().map(value).collect()
        }
        match self {
            Self::Number(values) => {
                let value =
                    |place: &Option<u32>| place.and_then(|at| values.get(at as usize).copied());
                Self::Number(
                    places
                        .iter()
                        .map(|p| value(p).unwrap_or(f64::NAN))
                        .collect(),
                )
            }
            Self::Integer(values) => Self::Integer(pick(values, places)),
            Self::Category(category) => Self::Category(Category {
                codes: pick(&category.codes, places),
                ..category.clone()
            }),
            Self::Bool(values) => Self::Bool(pick(values, places)),
            Self::Text(values) => Self::Text(pick(values, places)),
        }
    }
}

/// Columns of the same length, each with a name of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    columns: Vec<(String, Column)>,
}

impl Frame {
    /// Adds a column, in the place of one of that name if there is one.
    ///
    /// # Panics
    /// If it is not as long as the columns that are there.
    pub fn set(&mut self, name: impl Into<String>, column: Column) {
        if let Some((_, first)) = self.columns.first() {
            assert_eq!(first.len(), column.len(), "columns of one length");
        }
        let name = name.into();
        match self.columns.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = column,
            None => self.columns.push((name, column)),
        }
    }

    /// The columns with their names, in the order of the file.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.columns
            .iter()
            .map(|(name, column)| (name.as_str(), column))
    }

    /// The column of this name.
    pub fn get(&self, name: &str) -> Option<&Column> {
        let found = self.columns.iter().find(|(known, _)| known == name);
        found.map(|(_, column)| column)
    }

    /// Number of columns.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there are no columns.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Pairs of columns of numbers that are coordinates of one map, across and up, with its name: `X_umap_1` and `X_umap_2`, `x` and
    /// `y`.
    pub fn maps(&self) -> Vec<(String, [usize; 2])> {
        let numbers = |column: &Column| matches!(column, Column::Number(_) | Column::Integer(_));
        let place = |name: &str| {
            self.columns
                .iter()
                .position(|(known, column)| known == name && numbers(column))
        };
        let map = |(at, (name, column)): (usize, &(String, Column))| {
            let (map, up) = up_of(name).filter(|_| numbers(column))?;
            Some((map, [at, place(&up)?]))
        };
        self.columns.iter().enumerate().filter_map(map).collect()
    }

    /// The rows at these places; missing values where there is no place.
    pub fn select(&self, places: &[Option<u32>]) -> Self {
        let select = |(name, column): &(String, Column)| (name.clone(), column.select(places));
        Self {
            columns: self.columns.iter().map(select).collect(),
        }
    }
}

/// Words that the names of maps have.
const MAPS: [&str; 12] = [
    "umap",
    "tsne",
    "t-sne",
    "spatial",
    "centroid",
    "pca",
    "lsi",
    "phate",
    "draw_graph",
    "diffmap",
    "mds",
    "coord",
];

/// The name of the map that a column would be the first coordinate of, and what the second one would be called.
fn up_of(name: &str) -> Option<(String, String)> {
    const APART: [char; 4] = ['_', '-', '.', ' '];
    // Two scores are no map.
    let named = |stem: &str| {
        let lower = stem.to_lowercase();
        let own = stem.rsplit(':').next().unwrap_or(stem);
        own.starts_with("X_") || MAPS.iter().any(|word| lower.contains(word))
    };
    let whole = |rest: &str| match rest.trim_matches(APART) {
        "" => name.to_owned(),
        stem => stem.to_owned(),
    };
    for (first, second) in [('1', '2'), ('x', 'y'), ('X', 'Y')] {
        if let Some(stem) = name.strip_suffix(first)
            && (stem.ends_with(APART) && named(stem) || stem.is_empty() && first != '1')
        {
            return Some((whole(stem), format!("{stem}{second}")));
        }
    }
    // As imaging programs call the middle of a cell: X_centroid.
    for (first, second) in [('x', 'y'), ('X', 'Y')] {
        if let Some(rest) = name.strip_prefix(first)
            && rest.starts_with(APART)
            && named(rest)
        {
            return Some((whole(rest), format!("{second}{rest}")));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_known_by_their_names() {
        let mut frame = Frame::default();
        let numbers = || Column::Number(vec![0.5, f64::NAN]);
        for name in [
            "X_umap_2", "score_1", "X_umap_1", "X_umap_3", "x", "y", "score_2",
        ] {
            frame.set(name, numbers());
        }
        for name in [
            "Y_centroid",
            "X_centroid",
            "tSNE 1",
            "max",
            "may",
            "a1",
            "a2",
        ] {
            frame.set(name, Column::Integer(vec![None, Some(3)]));
        }
        frame.set("tSNE 2", Column::Text(vec![None, None]));
        let maps: Vec<_> = frame.maps();
        let maps: Vec<_> = maps.iter().map(|(name, at)| (name.as_str(), *at)).collect();
        let expected = [("X_umap", [2, 0]), ("x", [4, 5]), ("centroid", [8, 7])];
        assert_eq!(maps, expected);
    }

    #[test]
    fn missing_values_are_kept_and_rows_selected() {
        let mut frame = Frame::default();
        let category = Category {
            codes: vec![Some(1), None, Some(0)],
            names: vec!["B".into(), "T".into()],
            colours: None,
        };
        frame.set("type", Column::Category(category));
        frame.set("depth", Column::Number(vec![1.5, f64::NAN, 3.0]));
        frame.set("batch", Column::Integer(vec![Some(1), None, Some(3)]));
        assert!(frame.columns().all(|(_, column)| column.missing() == 1));
        let some = frame.select(&[Some(2), None, Some(0)]);
        let texts = |name: &str| -> Vec<Option<String>> {
            (0..3).map(|at| some.get(name).unwrap().text(at)).collect()
        };
        assert_eq!(texts("type"), [Some("B".into()), None, Some("T".into())]);
        assert_eq!(texts("depth"), [Some("3".into()), None, Some("1.5".into())]);
        frame.set("batch", Column::Bool(vec![None; 3]));
        assert_eq!(
            (frame.len(), frame.get("batch").unwrap().kind()),
            (3, "yes or no")
        );
    }
}
