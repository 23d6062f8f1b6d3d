//! How values become colours and short numbers.

use eframe::egui::{self, Mesh, Painter, Rect};

use crate::{
    data::demo,
    document::{ColourScale, Ends},
    figure::{
        Look,
        colormap::{self, ColorMap},
        palette,
    },
    pipeline::{AnalysisResult, Lens},
    ui::theme,
};

/// What is said of colours by logarithms, after what they are of.
pub(super) const LOG: &str = " (log)";

/// Where values are on a colour bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    /// The values at its ends.
    pub ends: (f32, f32),
    log: bool,
}

impl Span {
    /// Evenly from one end to the other.
    #[cfg(test)]
    pub fn linear(ends: (f32, f32)) -> Self {
        Self { ends, log: false }
    }

    /// As wanted for these values; those below zero have no logarithm and are spread evenly.
    pub fn of(values: &[f32], scale: ColourScale) -> Self {
        let beyond = match scale.ends {
            Ends::All => 0.0,
            Ends::Usual => 0.01,
            Ends::Tight => 0.05,
        };
        let (low, high) = colormap::range(values, beyond..1.0 - beyond);
        let log = scale.log && !values.iter().any(|&value| value < 0.0);
        // Around values that are all alike it goes below them.
        let low = if log { low.max(0.0) } else { low };
        Self {
            ends: (low, high),
            log,
        }
    }

    /// Position of a value, 0 to 1; values beyond the ends are at them.
    pub fn share(self, value: f32) -> f32 {
        self.place(value).clamp(0.0, 1.0)
    }

    /// The same, below 0 and above 1 beyond the ends.
    pub fn place(self, value: f32) -> f32 {
        let [low, high, value] = [self.ends.0, self.ends.1, value].map(|value| self.spread(value));
        (value - low) / (high - low)
    }

    /// The value at a position.
    pub fn at(self, share: f32) -> f32 {
        let [low, high] = [self.ends.0, self.ends.1].map(|value| self.spread(value));
        let value = low + share * (high - low);
        match (self.log, self.ends.0 > 0.0) {
            (false, _) => value,
            (true, true) => value.exp(),
            (true, false) => value.exp_m1(),
        }
    }

    /// Zero has no logarithm: where it is at the end, one is added to all.
    fn spread(self, value: f32) -> f32 {
        match (self.log, self.ends.0 > 0.0) {
            (false, _) => value,
            // What is missing stays so.
            _ if value.is_nan() => value,
            (true, true) => value.max(f32::MIN_POSITIVE).ln(),
            (true, false) => value.max(0.0).ln_1p(),
        }
    }

    /// Whether it is by logarithms.
    pub fn is_log(self) -> bool {
        self.log
    }
}

/// How a lens looks, in the colours of a scale if these are chosen.
pub(super) fn look(result: &AnalysisResult, lens: Lens, scale: ColourScale) -> Look {
    let own = own_look(result, lens);
    Look {
        colours: scale.colours.unwrap_or(own.colours),
        ..own
    }
}

/// The truth looks like what it is held against.
fn own_look(result: &AnalysisResult, lens: Lens) -> Look {
    let truth = &result.dataset.truth.sample;
    match lens {
        Lens::Noise | Lens::ModalityNoise(_) => Look::NOISE,
        Lens::Ambiguity => Look::AMBIGUITY,
        Lens::Disagreement | Lens::DisagreementOf(_) => Look::DISAGREEMENT,
        Lens::Contradiction => Look::CONTRADICTION,
        Lens::Truth(i) if truth.get(i).is_some_and(|c| c.name == demo::BOUNDARY) => Look {
            ends: ["one type", "between two"],
            ..Look::AMBIGUITY
        },
        Lens::Truth(_) => Look::NOISE,
        Lens::Silhouette | Lens::Feature(..) | Lens::Column(_) => Look::VALUE,
    }
}

/// Colour at a position of the colour bar.
pub(super) fn colour(colours: ColorMap, share: f32, dark: bool) -> palette::Rgb {
    if dark {
        colours.at(share)
    } else {
        colours.at_on_white(share)
    }
}

/// Draws a colour bar.
pub(super) fn gradient(painter: &Painter, rect: Rect, colours: ColorMap, dark: bool) {
    const STEPS: u32 = 48;
    let mut mesh = Mesh::default();
    for step in 0..=STEPS {
        let share = step as f32 / STEPS as f32;
        let x = egui::lerp(rect.x_range(), share);
        let colour = theme::colour(colour(colours, share, dark));
        mesh.colored_vertex(egui::pos2(x, rect.top()), colour);
        mesh.colored_vertex(egui::pos2(x, rect.bottom()), colour);
        if step > 0 {
            let at = 2 * step;
            mesh.add_triangle(at - 2, at - 1, at);
            mesh.add_triangle(at - 1, at, at + 1);
        }
    }
    painter.add(mesh);
}

/// Draws how many samples lie in each part of a colour bar, as shares of the most.
pub(super) fn histogram(painter: &Painter, rect: Rect, shape: &[f32], colour: egui::Color32) {
    let width = rect.width() / shape.len().max(1) as f32;
    for (at, &share) in shape.iter().enumerate().filter(|(_, share)| **share > 0.0) {
        let left = rect.left() + at as f32 * width;
        // A single sample is seen too.
        let top = rect.bottom() - (share * rect.height()).max(1.0);
        let min = egui::pos2(left, top);
        let bar = Rect::from_min_max(min, egui::pos2(left + width, rect.bottom()));
        painter.rect_filled(bar, 0.0, colour);
    }
}

/// A value on a scale, with the digits that tell its places apart.
pub(super) fn on_scale(value: f32, (low, high): (f32, f32)) -> String {
    let span = high - low;
    if !(1e-4..1e6).contains(&span) {
        return in_short(value);
    }
    let decimals = (1.0 - span.log10().floor()).clamp(0.0, 6.0) as usize;
    let text = format!("{value:.decimals$}");
    // What is rounded to zero has no sign.
    match text
        .trim_start_matches('-')
        .chars()
        .all(|c| matches!(c, '0' | '.'))
    {
        true => text.trim_start_matches('-').to_owned(),
        false => text,
    }
}

/// A value in few digits.
pub(super) fn in_short(value: f32) -> String {
    let size = value.abs();
    match size {
        _ if value == 0.0 => "0".into(),
        _ if !(1e-2..1e5).contains(&size) => format!("{value:.1e}"),
        _ if size >= 100.0 => format!("{value:.0}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_spread_by_their_logarithms() {
        let scale = |log| ColourScale {
            ends: Ends::All,
            log,
            colours: None,
        };
        let values = [1.0, 10.0, 100.0];
        let even = Span::of(&values, scale(false));
        assert!((even.share(10.0) - 9.0 / 99.0).abs() < 1e-6);
        let log = Span::of(&values, scale(true));
        assert!((log.share(10.0) - 0.5).abs() < 1e-6 && (log.at(0.5) - 10.0).abs() < 1e-4);
        assert_eq!(
            (log.share(0.0), log.share(-5.0), log.share(1e9)),
            (0.0, 0.0, 1.0)
        );
        // With zeros, and below zero.
        let zeros = Span::of(&[0.0, 3.0, 15.0], scale(true));
        assert!((zeros.share(3.0) - 0.5).abs() < 1e-6 && (zeros.at(0.5) - 3.0).abs() < 1e-5);
        assert!(!Span::of(&[-1.0, 3.0], scale(true)).is_log());
        // What is missing is at no place.
        for span in [even, log, zeros] {
            assert!(span.share(f32::NAN).is_nan() && span.place(f32::NAN).is_nan());
        }
        // Nearly all are zero.
        let alike = Span::of(&[0.0; 9], scale(true));
        assert!(alike.is_log() && alike.ends.0 == 0.0 && alike.share(0.0) == 0.0);
        // A few extreme values are left out.
        let many: Vec<f32> = (0..1000)
            .map(|x| if x == 999 { 1e6 } else { x as f32 })
            .collect();
        let usual = Span::of(&many, ColourScale::default());
        assert!(usual.ends.1 < 1000.0);
    }

    #[test]
    fn numbers_on_a_scale_have_the_digits_that_tell_them_apart() {
        let said = |value, span| on_scale(value, span);
        assert_eq!(said(4.9e-4, (4.9e-4, 0.82)), "0.00");
        assert_eq!(said(-0.001, (-0.001, 0.82)), "0.00");
        assert_eq!(said(-2.77, (-2.77, 3.88)), "-2.8");
        assert_eq!(said(1234.5, (0.0, 5000.0)), "1234");
        assert_eq!(said(0.0123, (0.01, 0.02)), "0.012");
        assert_eq!(said(3.0e-7, (0.0, 3.0e-7)), "3.0e-7");
        assert_eq!((in_short(0.0), in_short(123.4)), ("0".into(), "123".into()));
    }
}
