//! The map by each kind of uncertainty.

use ndarray::ArrayView2;

use super::{
    Look,
    colormap::range,
    drawing::{Anchor, Cloud, Drawing, Item, Position, Text},
    number,
    palette::UNLABELLED,
    scatter::{CAPTION, Map, Panel, heading, widths},
    style::{BODY, GAP, INK, MARGIN, MUTED, SMALL},
};

/// A kind of uncertainty of every sample.
#[derive(Clone, Copy, Debug)]
pub struct Shade<'a> {
    /// How it looks.
    pub look: Look,
    /// A few words on what it is.
    pub remark: &'a str,
    /// One value a sample.
    pub values: &'a [f32],
}

/// A map of the samples (n x 2), a panel for every kind of uncertainty. The title may be empty.
///
/// Colours span the values between the first and the last percentile; the most uncertain samples are drawn last.
pub fn umap_uncertainty(points: ArrayView2<'_, f32>, shades: &[Shade<'_>], title: &str) -> Drawing {
    let (width, panel_width) = widths(shades.len());
    let map = Map::fit(points, panel_width);
    let (title_item, top) = heading(title);
    let mut drawing = Drawing {
        title: format!("{title}: UMAP by uncertainty")
            .trim_start_matches(": ")
            .to_owned(),
        width,
        height: top + CAPTION + map.size[1] + 26.0 + MARGIN,
        items: title_item.into_iter().collect(),
        ..Drawing::default()
    };
    for (i, shade) in shades.iter().enumerate() {
        let panel = Panel {
            at: [MARGIN + i as f32 * (panel_width + GAP), top + CAPTION],
            size: map.size,
        };
        let letter = (shades.len() > 1).then(|| char::from(b'a' + (i % 26) as u8));
        drawing
            .items
            .extend(panel.caption(letter, shade.look.title, shade.remark));
        let bounds = range(shade.values, 0.01..0.99);
        drawing.clouds.push(cloud(&map, shade, bounds, panel.at));
        drawing.items.push(panel.arrows());
        drawing.items.push(Item::Group {
            id: format!("colours-{}", i + 1),
            items: colour_bar(&panel, shade, bounds),
        });
    }
    drawing
}

fn cloud(map: &Map, shade: &Shade<'_>, (low, high): (f32, f32), at: Position) -> Cloud {
    let value = |sample: usize| shade.values.get(sample).copied().unwrap_or(f32::NAN);
    let mut order: Vec<usize> = (0..map.len()).collect();
    // What has no value comes first, and so lies beneath.
    let rank = |v: f32| if v.is_nan() { f32::NEG_INFINITY } else { v };
    order.sort_by(|&a, &b| rank(value(a)).total_cmp(&rank(value(b))));
    let (centres, colours) = order
        .into_iter()
        .filter_map(|sample| {
            let value = value(sample);
            let colour = if value.is_nan() {
                UNLABELLED
            } else {
                shade.look.colours.at_on_white((value - low) / (high - low))
            };
            Some((map.position(sample, at)?, colour))
        })
        .unzip();
    Cloud {
        centres,
        colours,
        radius: map.radius,
        opacity: map.opacity,
    }
}

/// A bar of all colours, its ends named by what they mean and by their values.
fn colour_bar(panel: &Panel, shade: &Shade<'_>, (low, high): (f32, f32)) -> Vec<Item> {
    let width = panel.size[0] * 0.42;
    let x = panel.at[0] + (panel.size[0] - width) / 2.0;
    let y = panel.at[1] + panel.size[1] + 7.0;
    let middle = y + 5.0 * 0.5 + BODY * 0.34;
    let finite = shade.values.iter().filter(|v| v.is_finite());
    let (clipped_low, clipped_high) = finite.fold((false, false), |(below, above), &v| {
        (below || v < low, above || v > high)
    });
    let [from, half, to] = number::on_scale([low, low + (high - low) / 2.0, high], high - low);
    let sign = |clipped: bool, sign: &str, value: String| {
        if clipped {
            format!("{sign}{value}")
        } else {
            value
        }
    };
    let word = |at: Position, text: &str, anchor: Anchor| {
        Item::from(Text::new(at, text, BODY, INK).anchored(anchor))
    };
    let mark = |at: f32, text: String| {
        Item::from(Text::new([at, y + 13.0], text, SMALL, MUTED).anchored(Anchor::Middle))
    };
    vec![
        Item::Gradient {
            at: [x, y],
            size: [width, 5.0],
            stops: (0..=32)
                .map(|i| shade.look.colours.at_on_white(i as f32 / 32.0))
                .collect(),
        },
        word([x - 5.0, middle], shade.look.ends[0], Anchor::End),
        word([x + width + 5.0, middle], shade.look.ends[1], Anchor::Start),
        mark(x, sign(clipped_low, "\u{2264}\u{2009}", from)),
        mark(x + width / 2.0, half),
        mark(x + width, sign(clipped_high, "\u{2265}\u{2009}", to)),
    ]
}
