//! Parts that several pages use.

pub(crate) mod copy;
pub(crate) mod form;
pub(crate) mod legend;
pub(crate) mod live_plot;
pub(crate) mod name;
pub(crate) mod open;
