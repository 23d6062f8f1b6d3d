//! Points of a plot written down for a figure, in the place of being drawn by the graphics card.

use eframe::egui::{Color32, Context, Id, Rect};

use super::{
    camera::Camera,
    cloud::{Cloud, Colors, Emphasis, Mark},
};

/// Points of one size.
#[derive(Clone, Debug)]
pub struct Printed {
    /// Where their plot stands.
    pub rect: Rect,
    /// Centres in logical points, from bottom to top.
    pub centres: Vec<[f32; 2]>,
    /// Their colours: red, green, blue.
    pub colours: Vec<[u8; 3]>,
    /// Their radius in logical points.
    pub radius: f32,
}

/// What is written down so far.
#[derive(Clone, Default)]
struct Page {
    on: bool,
    clouds: Vec<Printed>,
}

fn id() -> Id {
    Id::unique("printed points")
}

/// Makes every plot of this context write down its points from now on.
pub fn print(ctx: &Context) {
    let page = Page {
        on: true,
        clouds: Vec::new(),
    };
    ctx.data_mut(|data| data.insert_temp(id(), page));
}

/// Whether plots write down their points.
pub fn is_printing(ctx: &Context) -> bool {
    ctx.data(|data| data.get_temp::<Page>(id()))
        .is_some_and(|page| page.on)
}

/// The points that were written down since this was asked for last.
pub fn printed(ctx: &Context) -> Vec<Printed> {
    ctx.data_mut(|data| {
        let page = data.get_temp_mut_or_default::<Page>(id());
        std::mem::take(&mut page.clouds)
    })
}

/// How a plot is drawn, of which the points are written down.
pub(super) struct Plot<'a> {
    pub cloud: &'a Cloud,
    pub colors: &'a Colors,
    pub emphasis: Option<&'a Emphasis>,
    pub camera: Camera,
    pub radius: f32,
    pub background: Color32,
    /// How much of its colour a dimmed point keeps, and how much larger a highlighted one is.
    pub dim: f32,
    pub highlight: f32,
}

impl Plot<'_> {
    /// Writes down the points inside a rectangle.
    pub fn write(&self, ctx: &Context, rect: Rect) {
        let mark = |index: usize| self.emphasis.map_or(Mark::Normal, |marks| marks.get(index));
        let mut clouds = [1.0, 1.0, self.highlight].map(|larger| Printed {
            rect,
            centres: Vec::new(),
            colours: Vec::new(),
            radius: self.radius * larger,
        });
        for &index in self.cloud.order.iter() {
            let index = index as usize;
            let [r, g, b, alpha] = self.colors.get(index);
            let place = self.camera.to_screen(rect, self.cloud.positions()[index]);
            if alpha == 0 || !rect.contains(place) {
                continue;
            }
            let colour = Color32::from_rgb(r, g, b);
            let (cloud, colour) = match mark(index) {
                Mark::Hidden => continue,
                Mark::Dimmed => (0, self.background.lerp_to_gamma(colour, self.dim)),
                Mark::Normal => (1, colour),
                Mark::Highlighted => (2, colour),
            };
            clouds[cloud].centres.push([place.x, place.y]);
            clouds[cloud]
                .colours
                .push([colour.r(), colour.g(), colour.b()]);
        }
        let clouds = clouds.into_iter().filter(|cloud| !cloud.centres.is_empty());
        ctx.data_mut(|data| {
            let page = data.get_temp_mut_or_default::<Page>(id());
            page.clouds.extend(clouds);
        });
    }
}
