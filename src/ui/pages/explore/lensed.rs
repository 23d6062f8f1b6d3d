//! Values that are looked at in colours.

use std::sync::Arc;

use super::scale::{Span, colour, look};
use crate::{
    document::ColourScale,
    figure::palette,
    pipeline::{AnalysisResult, Lens},
    ui::{
        scatter::{Cloud, Colors},
        theme,
    },
};

/// A lens, looked through.
#[derive(Clone)]
pub(super) struct Lensed {
    pub values: Arc<Vec<f32>>,
    /// Where values are on the colour bar.
    pub span: Span,
    /// How many samples lie in each of equal parts of the colour bar, as shares of the most.
    pub shape: Arc<Vec<f32>>,
    /// The map with the highest values on top.
    pub cloud: Option<Cloud>,
    pub colours: Colors,
}

impl Lensed {
    /// The samples seen through a lens after a stage, if it was computed; of what was seen before, the colours alone are new.
    pub fn new(
        result: &AnalysisResult,
        (lens, stage, scale): (Lens, u8, ColourScale),
        dark: bool,
        cloud: Option<&Cloud>,
        before: Option<Self>,
    ) -> Option<Self> {
        let (values, span, shape, cloud) = match before {
            Some(before) => (before.values, before.span, before.shape, before.cloud),
            None => {
                let values = lens.values(result, result.stage(stage))?;
                let ordered = cloud.map(|cloud| cloud.ordered_by(&values));
                let span = Span::of(&values, scale);
                let shape = shape(&values, span);
                (Arc::new(values), span, Arc::new(shape), ordered)
            }
        };
        let map = look(result, lens, scale).colours;
        let colours = values.iter().map(|&value| match value.is_nan() {
            true => theme::colour(palette::UNLABELLED).to_array(),
            false => theme::colour(colour(map, span.share(value), dark)).to_array(),
        });
        Some(Self {
            colours: Colors::new(colours.collect()),
            values,
            span,
            shape,
            cloud,
        })
    }
}

/// Parts of the colour bar that samples are counted in.
const PARTS: usize = 64;

/// See [`Lensed::shape`].
fn shape(values: &[f32], span: Span) -> Vec<f32> {
    let mut counts = vec![0_u32; PARTS];
    for &value in values.iter().filter(|value| !value.is_nan()) {
        let at = (span.share(value) * PARTS as f32) as usize;
        counts[at.min(PARTS - 1)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f32;
    counts
        .into_iter()
        .map(|count| count as f32 / most)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_counted_along_the_colour_bar() {
        let shape = shape(&[0.0, 0.0, f32::NAN, 9.0, 0.5], Span::linear((0.0, 1.0)));
        assert_eq!(
            (shape[0], shape[PARTS / 2], shape[PARTS - 1]),
            (1.0, 0.5, 0.5)
        );
        assert_eq!(shape.iter().filter(|share| **share > 0.0).count(), 3);
    }
}
