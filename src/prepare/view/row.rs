//! The values of one sample.

/// The values of a sample that are not zero.
#[derive(Default)]
pub(in crate::prepare) struct Row {
    /// Their features, in rising order.
    pub(in crate::prepare) features: Vec<u32>,
    /// The values.
    pub(in crate::prepare) values: Vec<f32>,
}

impl Row {
    /// Features and values.
    pub(in crate::prepare) fn iter(&self) -> impl Iterator<Item = (usize, f32)> {
        let features = self.features.iter().map(|&feature| feature as usize);
        features.zip(self.values.iter().copied())
    }

    /// Puts zeros where columns have no value.
    pub(super) fn fill_up(&mut self, columns: &[u32]) {
        let mut held = std::mem::take(&mut self.values).into_iter();
        let mut places = std::mem::take(&mut self.features).into_iter().peekable();
        self.values.extend(
            columns
                .iter()
                .map(|column| match places.next_if_eq(column) {
                    Some(_) => held.next().unwrap_or(0.0),
                    None => 0.0,
                }),
        );
        self.features.extend_from_slice(columns);
    }

    pub(super) fn clear(&mut self) {
        self.features.clear();
        self.values.clear();
    }

    pub(super) fn push(&mut self, column: u32, value: f32) {
        // Minus zero is a value of its own, so that what is not changed keeps its bits.
        if value.to_bits() != 0 {
            self.features.push(column);
            self.values.push(value);
        }
    }
}
