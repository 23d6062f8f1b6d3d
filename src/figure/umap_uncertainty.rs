//! The map by uncertainty and by ambiguity.

use ndarray::ArrayView2;

use super::{
    colormap::{ColorMap, range},
    drawing::{Anchor, Cloud, Drawing, Item, Position, Text},
    number,
    palette::UNLABELLED,
    scatter::{CAPTION, Map, Panel, heading, widths},
    style::{BODY, GAP, INK, MARGIN, MUTED, SMALL},
};

/// One quantity on the map.
struct Quantity {
    title: &'static str,
    remark: &'static str,
    /// What its low and high ends mean.
    ends: [&'static str; 2],
    values: Vec<f32>,
}

/// A map of the samples (n x 2) coloured by uncertainty and, where it is given, by ambiguity (0 to 1) in a
/// second panel. The title may be empty.
///
/// Colours span the values between the first and the last percentile; the most uncertain samples are drawn last.
pub fn umap_uncertainty(
    points: ArrayView2<'_, f32>,
    uncertainty: &[f32],
    ambiguity: Option<&[f32]>,
    map_colours: ColorMap,
    title: &str,
) -> Drawing {
    let mut quantities = vec![Quantity {
        title: "Data noise",
        remark: "sum over modalities",
        ends: ["low", "high"],
        values: uncertainty.to_vec(),
    }];
    if let Some(ambiguity) = ambiguity {
        quantities.push(Quantity {
            title: "Ambiguity",
            remark: "between the two nearest clusters",
            ends: ["clear", "ambiguous"],
            values: ambiguity.to_vec(),
        });
    }
    let (width, panel_width) = widths(quantities.len());
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
    for (i, quantity) in quantities.iter().enumerate() {
        let panel = Panel {
            at: [MARGIN + i as f32 * (panel_width + GAP), top + CAPTION],
            size: map.size,
        };
        let letter = (quantities.len() > 1).then_some(if i == 0 { 'a' } else { 'b' });
        drawing
            .items
            .extend(panel.caption(letter, quantity.title, quantity.remark));
        let bounds = range(&quantity.values, 0.01..0.99);
        drawing
            .clouds
            .push(cloud(&map, quantity, bounds, map_colours, panel.at));
        drawing.items.push(panel.arrows());
        drawing.items.push(Item::Group {
            id: format!("colours-{}", i + 1),
            items: colour_bar(&panel, quantity, bounds, map_colours),
        });
    }
    drawing
}

fn cloud(
    map: &Map,
    quantity: &Quantity,
    (low, high): (f32, f32),
    colours: ColorMap,
    at: Position,
) -> Cloud {
    let value = |sample: usize| quantity.values.get(sample).copied().unwrap_or(f32::NAN);
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
                colours.at_on_white((value - low) / (high - low))
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
fn colour_bar(
    panel: &Panel,
    quantity: &Quantity,
    (low, high): (f32, f32),
    colours: ColorMap,
) -> Vec<Item> {
    let width = panel.size[0] * 0.42;
    let x = panel.at[0] + (panel.size[0] - width) / 2.0;
    let y = panel.at[1] + panel.size[1] + 7.0;
    let middle = y + 5.0 * 0.5 + BODY * 0.34;
    let finite = quantity.values.iter().filter(|v| v.is_finite());
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
                .map(|i| colours.at_on_white(i as f32 / 32.0))
                .collect(),
        },
        word([x - 5.0, middle], quantity.ends[0], Anchor::End),
        word([x + width + 5.0, middle], quantity.ends[1], Anchor::Start),
        mark(x, sign(clipped_low, "\u{2264}\u{2009}", from)),
        mark(x + width / 2.0, half),
        mark(x + width, sign(clipped_high, "\u{2265}\u{2009}", to)),
    ]
}
