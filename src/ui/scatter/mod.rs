//! A scatter plot for up to a million samples.
//!
//! The points live on the graphics card and are drawn by a paint callback:
//! a frame costs the processor the same for a thousand samples and for a
//! million. Colours, marks and positions are uploaded when they change and
//! only then; two plots of the same [`Cloud`] share its positions.
//!
//! # Use
//! ```ignore
//! // Once, where the application is created:
//! scatter::install(&cc.egui_ctx, cc.wgpu_render_state.as_ref());
//!
//! // Once per result, best on a worker:
//! let cloud = Cloud::new(umap);                    // Vec<[f32; 2]>
//! let by_label = Colors::new(label_colors);        // Vec<[u8; 4]>
//! let by_doubt = Colors::new(uncertainty_colors);
//! let uncertain_on_top = cloud.ordered_by(&uncertainty);
//!
//! // Every frame; `camera` and `hovered` belong to the page:
//! let left = ScatterView::new("label", &cloud, &by_label, &mut camera)
//!     .emphasis(selection.as_ref())
//!     .labels(&cluster_names)
//!     .axes(["UMAP 1", "UMAP 2"])
//!     .summary("UMAP of 25,517 samples coloured by cluster")
//!     .linked_hover(hovered)
//!     .show(left_ui);
//! let right = ScatterView::new("doubt", &uncertain_on_top, &by_doubt, &mut camera)
//!     .summary("The same samples coloured by uncertainty")
//!     .linked_hover(hovered)
//!     .show(right_ui);
//! hovered = left.hovered.or(right.hovered);
//! if let Some(enclosed) = left.enclosed { /* a worker finds enclosed.samples(), which become a Command */ }
//! ```
//! Make a new [`Colors`] or [`Emphasis`] when the colouring or the selection
//! changes, never in every frame: a new handle is a new upload. While a layout
//! settles, [`Cloud::moved`] keeps the draw order and
//! [`ScatterView::bounds`] with [`Bounds::union`] keeps the axes from jumping.
//!
//! # What the user can do
//! Drag pans; the wheel or a pinch zooms about the pointer; a double click
//! shows everything. Shift and drag draws a lasso or a box, Shift and click the
//! corners of a polygon; Escape drops it. With the keyboard: arrows pan, plus
//! and minus zoom, 0 shows everything.

mod cache;
mod camera;
mod cloud;
mod enclosed;
mod gpu;
mod grid;
mod input;
mod measure;
mod outline;
mod overlay;
mod printed;
#[cfg(test)]
mod tests;
mod view;

pub use camera::{Bounds, Camera};
pub use cloud::{Cloud, Colors, Emphasis, Mark};
pub use enclosed::Enclosed;
pub use gpu::install;
pub use measure::{Measured, measure};
pub use outline::is_drawing;
pub use overlay::Label;
pub use printed::{Printed, is_printing, print, printed};
pub use view::{ScatterResponse, ScatterView};
