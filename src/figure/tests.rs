//! Whole figures: well-formed, of the promised size, not empty.

use ndarray::Array2;
use resvg::tiny_skia::Pixmap;

use super::*;

/// Blobs on a circle, one a group.
pub(crate) fn blobs(samples: usize, groups: usize) -> (Array2<f32>, Vec<Option<u32>>) {
    let mut state = 7u64;
    let mut uniform = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    let codes: Vec<u32> = (0..samples)
        .map(|i| (i * groups / samples.max(1)) as u32)
        .collect();
    let mut points = Array2::zeros((samples, 2));
    for (i, &code) in codes.iter().enumerate() {
        let angle = code as f32 / groups as f32 * std::f32::consts::TAU;
        let far = 5.0 + 4.0 * ((code * 7 % 5) as f32 / 5.0);
        let noise = [0, 1].map(|_| (0..6).map(|_| uniform()).sum::<f32>() - 3.0);
        points[[i, 0]] = far * angle.cos() + noise[0] * 1.4;
        points[[i, 1]] = 0.8 * far * angle.sin() + noise[1] * (0.6 + (code % 3) as f32 * 0.4);
    }
    (points, codes.into_iter().map(Some).collect())
}

fn names(n: usize) -> Vec<String> {
    (1..=n).map(|i| format!("Class <{i}> & more")).collect()
}

fn elements(svg: &str, name: &str) -> usize {
    let options = resvg::usvg::roxmltree::ParsingOptions::default();
    let document = resvg::usvg::roxmltree::Document::parse_with_options(svg, options).unwrap();
    document
        .descendants()
        .filter(|n| n.has_tag_name(name))
        .count()
}

fn picture(drawing: &Drawing) -> Pixmap {
    Pixmap::decode_png(&drawing.to_png().unwrap()).unwrap()
}

fn inked(pixmap: &Pixmap) -> f64 {
    let inked = pixmap.pixels().iter().filter(|p| p.green() < 250).count();
    inked as f64 / pixmap.pixels().len() as f64
}

#[test]
fn two_panels_by_label_and_by_cluster() {
    let (points, codes) = blobs(600, 12);
    let (names, numbers) = (
        names(12),
        (1..=12).map(|i| i.to_string()).collect::<Vec<_>>(),
    );
    let grouping = |title, names| Grouping {
        title,
        plural: "groups",
        names,
        codes: &codes,
        colours: None,
    };
    let groupings = [
        grouping("Cell type", &names[..]),
        grouping("Cluster", &numbers[..]),
    ];
    let drawing = umap_label(points.view(), &groupings, "demo");
    let svg = drawing.to_svg();
    assert_eq!(elements(&svg, "circle"), 1200 + 24);
    let pixmap = picture(&drawing);
    assert_eq!(pixmap.width(), 2126);
    assert!(pixmap.pixels().iter().all(|p| p.alpha() == 255));
    let share = inked(&pixmap);
    assert!((0.02..0.6).contains(&share), "{share}");
}

#[test]
fn one_panel_fits_one_column_and_many_groups_are_numbered() {
    let (points, mut codes) = blobs(400, 20);
    codes[3] = None;
    let names = names(20);
    let grouping = Grouping {
        title: "Label",
        plural: "classes",
        names: &names,
        codes: &codes,
        colours: None,
    };
    let drawing = umap_label(points.view(), &[grouping], "");
    let svg = drawing.to_svg();
    assert!(svg.contains("no label") && svg.contains(UNLABELLED.to_string().as_str()));
    assert!(svg.contains("numbers-1") && svg.contains(">20</text>"));
    assert_eq!(picture(&drawing).width(), 1004);
}

#[test]
fn very_many_points_become_a_picture() {
    let (points, codes) = blobs(svg::MAX_CIRCLES + 1, 3);
    let names = names(3);
    let grouping = Grouping {
        title: "Label",
        plural: "classes",
        names: &names,
        codes: &codes,
        colours: None,
    };
    let drawing = umap_label(points.view(), &[grouping], "");
    let svg = drawing.to_svg();
    assert_eq!((elements(&svg, "circle"), elements(&svg, "image")), (3, 1));
    assert!(svg.len() < 4_000_000, "{}", svg.len());
    assert!(inked(&picture(&drawing)) > 0.05);
}

fn shades<'a>(noise: &'a [f32], other: &'a [f32]) -> [Shade<'a>; 3] {
    let shade = |look, remark, values| Shade {
        look,
        remark,
        values,
    };
    [
        shade(Look::NOISE, "sum over modalities", noise),
        shade(Look::AMBIGUITY, "between two clusters", other),
        shade(Look::DISAGREEMENT, "of 16 starts", other),
    ]
}

#[test]
fn every_kind_of_uncertainty() {
    let (points, _) = blobs(300, 5);
    let mut values: Vec<f32> = (0..300).map(|i| i as f32 / 100.0).collect();
    values[7] = f32::NAN;
    let drawing = umap_uncertainty(points.view(), &shades(&values, &values), "demo");
    let svg = drawing.to_svg();
    assert_eq!(elements(&svg, "circle"), 900);
    for words in ["low", "high", "clear", "ambiguous", "disputed", "UMAP 1"] {
        assert!(svg.contains(words), "{words}");
    }
    // The most uncertain point is drawn last, in the brightest colour.
    let last = drawing.clouds[0].colours.last().copied();
    assert_eq!(last, Some(ColorMap::Plasma.at_on_white(1.0)));
    assert_eq!(drawing.clouds[0].colours[0], UNLABELLED);
    assert!(inked(&picture(&drawing)) > 0.02);
}

fn curve(labelled: bool) -> Vec<CurvePoint> {
    let score =
        |epoch: usize, from: f64, to: f64| to - (to - from) * (-(epoch as f64) / 20.0).exp();
    (1..=91)
        .map(|epoch| CurvePoint {
            epoch,
            acc: labelled.then(|| score(epoch, 63.7, 80.8)),
            nmi: labelled.then(|| score(epoch, 65.7, 73.7)),
            asw: Some(score(epoch, 38.4, 63.2)),
            ari: labelled.then(|| score(epoch, 50.7, 64.8)),
            label_change: Some(if epoch == 1 {
                100.0
            } else {
                score(epoch, 12.0, 0.05)
            }),
            loss: (epoch < 91).then(|| score(epoch, 0.02, 0.21)),
        })
        .collect()
}

#[test]
fn convergence_is_marked_and_lines_are_named() {
    for (labelled, words) in [
        (
            true,
            &["ACC", "NMI", "ASW", "ARI", "80.6", "converged at epoch 91"][..],
        ),
        (false, &["ASW", "changed", "KL", "Epoch"][..]),
    ] {
        let drawing = convergence(&curve(labelled), Some(91), "demo");
        let svg = drawing.to_svg();
        for word in words {
            assert!(svg.contains(word), "{word}");
        }
        assert_eq!(picture(&drawing).width(), 1004);
    }
}

#[test]
fn nothing_to_show_is_no_reason_to_panic() {
    let none = Array2::<f32>::zeros((0, 2));
    let odd = Array2::<f32>::from_elem((3, 1), f32::NAN);
    let same = Array2::<f32>::from_elem((3, 2), 1.0);
    for points in [none, odd, same] {
        let grouping = Grouping {
            title: "",
            plural: "",
            names: &[],
            codes: &[Some(4)],
            colours: Some(&[]),
        };
        umap_label(points.view(), &[grouping; 3], "")
            .to_png()
            .unwrap();
        umap_label(points.view(), &[], "").to_png().unwrap();
        umap_uncertainty(points.view(), &shades(&[], &[]), "")
            .to_png()
            .unwrap();
        umap_uncertainty(points.view(), &[], "").to_png().unwrap();
    }
    convergence(&[], Some(3), "").to_png().unwrap();
    let one = CurvePoint {
        epoch: 1,
        asw: Some(f64::NAN),
        loss: Some(0.5),
        ..CurvePoint::default()
    };
    convergence(&[one], None, "").to_png().unwrap();
}

/// The figures as files to look at: `HDUMEC_FIGURES=folder cargo test --release looks`.
#[test]
fn looks() {
    let Some(folder) = std::env::var_os("HDUMEC_FIGURES").map(std::path::PathBuf::from) else {
        return;
    };
    let save = |name: &str, drawing: Drawing| {
        let start = std::time::Instant::now();
        let (svg, png) = (drawing.to_svg(), drawing.to_png().unwrap());
        println!(
            "{name}: {:?}, {} KB svg, {} KB png",
            start.elapsed(),
            svg.len() / 1000,
            png.len() / 1000
        );
        std::fs::write(folder.join(format!("{name}.svg")), svg).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), png).unwrap();
    };
    let cells = [
        "B.Activated",
        "B.Naive",
        "CD4 Memory",
        "CD4 Naive",
        "CD8 Effector",
        "CD8 Naive",
        "DC.Myeloid",
        "Mono.CD14",
        "Mono.CD16",
        "NK",
        "Platelets",
        "T.DoubleNegative",
        "Treg",
        "pDC",
        "Erythrocyte progenitors, late",
        "Plasma",
        "MAIT",
        "gdT",
        "HSPC",
        "ILC",
    ];
    for (samples, groups) in [(150, 4), (25_517, 12), (3000, 20)] {
        let (points, codes) = blobs(samples, groups);
        let names: Vec<String> = cells[..groups].iter().map(|&c| c.to_owned()).collect();
        let numbers: Vec<String> = (1..=groups).map(|i| i.to_string()).collect();
        let shifted: Vec<Option<u32>> = codes
            .iter()
            .enumerate()
            .map(|(i, c)| {
                c.map(|c| {
                    if i % 9 == 0 {
                        (c + 1) % groups as u32
                    } else {
                        groups as u32 - 1 - c
                    }
                })
            })
            .collect();
        let colours = match_to_classes(&codes, groups, &shifted, groups);
        let colours: Vec<Rgb> = colours.into_iter().map(category).collect();
        let label = Grouping {
            title: "Label",
            plural: "classes",
            names: &names,
            codes: &codes,
            colours: None,
        };
        let cluster = Grouping {
            title: "Cluster",
            plural: "clusters",
            names: &numbers,
            codes: &shifted,
            colours: Some(&colours),
        };
        save(
            &format!("label_{groups}"),
            umap_label(points.view(), &[label, cluster], "TEA-seq"),
        );
        save(
            &format!("single_{groups}"),
            umap_label(points.view(), &[cluster], "TEA-seq"),
        );
        let uncertainty: Vec<f32> = points
            .rows()
            .into_iter()
            .zip(&codes)
            .map(|(p, c)| 1.3 + 0.1 * p[0].hypot(p[1]).sin() + 0.05 * c.unwrap_or(0) as f32 % 0.3)
            .collect();
        let margin: Vec<f32> = points.column(0).iter().map(|x| x.cos().powi(2)).collect();
        save(
            &format!("uncertainty_{groups}"),
            umap_uncertainty(points.view(), &shades(&uncertainty, &margin), "TEA-seq"),
        );
    }
    save(
        "convergence",
        convergence(&curve(true), Some(91), "TEA-seq"),
    );
    save(
        "convergence_unlabelled",
        convergence(&curve(false), Some(91), ""),
    );
}
