//! What stands in records, and what is usual.

use super::*;

fn steps() -> Vec<Step> {
    let names = vec!["MALAT1".into()];
    vec![
        Step::DropFeatures { names },
        Step::DropConstant,
        Step::FillMissing,
        Step::Normalise { target: 1e4 },
        Step::Log1p,
        Step::Binarise,
        Step::Clr,
        Step::SelectVariable {
            features: 2_000,
            by: Ranking::Variance,
        },
        Step::Pca {
            components: 50,
            standardised: false,
        },
        Step::DropRare { samples: 3 },
        Step::ImputeNearest { neighbours: 5 },
        Step::Log2,
        Step::MValues,
        Step::TfIdf { scale: 1e4 },
        Step::SelectVariable {
            features: 9,
            by: Ranking::SeuratV3,
        },
        Step::Lsi { components: 30 },
        Step::Standardise { most: 10.0 },
        Step::ScaleQuantiles {
            low: 0.01,
            high: 0.99,
        },
    ]
}

#[test]
fn the_json_is_stable_and_strict() {
    let steps = steps();
    let recipe = Recipe::of(steps.clone());
    let json = r#"{"steps":[{"drop_features":{"names":["MALAT1"]}},"drop_constant","fill_missing",{"normalise":{"target":10000.0}},"log1p","binarise","clr",{"select_variable":{"features":2000}},{"pca":{"components":50}},{"drop_rare":{"samples":3}},{"impute_nearest":{"neighbours":5}},"log2","m_values",{"tf_idf":{"scale":10000.0}},{"select_variable":{"features":9,"by":"seurat_v3"}},{"lsi":{"components":30}},{"standardise":{"most":10.0}},{"scale_quantiles":{"low":0.01,"high":0.99}}]}"#;
    assert_eq!(serde_json::to_string(&recipe).unwrap(), json);
    assert_eq!(serde_json::from_str::<Recipe>(json).unwrap(), recipe);
    for step in steps {
        let json = serde_json::to_string(&step).unwrap();
        assert_eq!(json.split('"').nth(1), Some(step.name()));
    }
    for wrong in [
        r#""scale""#,
        r#""pca""#,
        r#"{"pca":{"components":-1}}"#,
        r#"{"pca":{"components":5,"scaled":true}}"#,
        r#"{"log1p":{"base":2}}"#,
    ] {
        assert!(serde_json::from_str::<Step>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn gaps_that_near_samples_fill_are_not_filled_with_means_before() {
    let names = |steps: &[Step]| -> Vec<&str> {
        let recipe = Recipe::and_then(steps.iter().cloned());
        recipe.steps.iter().map(Step::name).collect()
    };
    let impute = Step::ImputeNearest { neighbours: 5 };
    assert_eq!(names(&[impute]), ["drop_constant", "impute_nearest"]);
    assert_eq!(
        names(&[Step::Log2]),
        ["drop_constant", "fill_missing", "log2"]
    );
}

#[test]
fn only_counts_are_normalised() {
    let counts = Facts {
        seen: 9,
        nonzero: 3,
        low: 0.0,
        high: 7.0,
        ..Facts::default()
    };
    let logs = Facts {
        fractions: 2,
        ..counts
    };
    let names = |name: &str, facts: &Facts| -> Vec<&str> {
        let recipe = default_recipe(Kind::of(name), facts);
        recipe.steps.iter().map(Step::name).collect()
    };
    let none = ["drop_constant", "fill_missing"];
    let reduced = ["normalise", "log1p", "select_variable", "pca"];
    assert_eq!(names("rna", &counts), [&none[..], &reduced].concat());
    // A panel of chosen genes stays one.
    let atac = [&none[..], &["tf_idf", "lsi"]].concat();
    assert_eq!(names("Peaks", &counts), atac);
    assert_eq!(names("adt", &counts), [&none[..], &["clr"]].concat());
    assert_eq!(names("metabolites", &counts), none);
    for name in ["rna", "protein", "atac"] {
        assert_eq!(names(name, &logs), none);
    }
}
