//! Parts that several pages use.

pub(crate) mod form;
pub(crate) mod legend;
pub(crate) mod live_plot;
pub(crate) mod open;
