//! What an earlier version saved is repeated bit for bit.
//!
//! `tests/earlier` holds small inputs (missing values, a feature that does not vary and one without values, rows in different
//! orders, samples that a modality or the labels lack; and the layout of the published files) and the `run.json` that
//! hdumec wrote for them, by both recipes, when it read nothing but tidy tables; and by the robust recipe when every data set got
//! as many graph votes.

use std::{fs, path::Path};

use super::{hdumec, text};

#[test]
fn runs_of_an_earlier_version_are_repeated_bit_for_bit() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/earlier");
    let records = [
        ("tidy", vec!["robust", "published", "graph_votes"]),
        ("published", vec!["robust", "published"]),
    ];
    for (data, recipes) in records {
        for recipe in recipes {
            let record = folder.join(format!("{data}_{recipe}.json"));
            let record = record.to_str().unwrap();
            let files = folder.join(data);
            let output = hdumec(&["rerun", record, files.to_str().unwrap(), "--quiet"]);
            let said = text(&output.stdout);
            let all = format!("{said}{}", text(&output.stderr));
            // Sums are added up in another order where vectors are shorter.
            if all.contains("another kind of processor") {
                println!(
                    "{data}, {recipe}: not the same processor, so only the reading is compared"
                );
                assert!(!all.contains("has changed"), "{all}");
                continue;
            }
            assert!(
                said.contains("The same, bit for bit."),
                "{data}, {recipe}: {all}"
            );
        }
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 7);
}
