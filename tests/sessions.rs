//! Session files through the library: what they cost, and files that lie.

use std::{sync::Arc, time::Instant};

use hdumec::{
    data::demo::DemoSpec,
    document::{
        Document, Edit, LoadedData, NamedRun, Page, Shelf,
        session::{self, Session},
    },
    io::Source,
    job::CancelToken,
    model::DeviceChoice,
    pipeline::{self, AnalysisSpec},
};
use rand::{RngExt as _, SeedableRng as _};

fn load(source: &Source) -> LoadedData {
    let (dataset, report, inputs) = source.open(&CancelToken::new()).unwrap();
    LoadedData::new(source.clone(), Arc::new(dataset), report, inputs).unwrap()
}

/// A document with one run, of few epochs.
fn made(source: &Source) -> (Document, Shelf) {
    let (mut document, mut shelf) = (Document::default(), Shelf::default());
    let data = load(source);
    let mut spec = AnalysisSpec {
        device: DeviceChoice::Cpu,
        ..AnalysisSpec::default()
    };
    (spec.train.starts, spec.train.ensemble) = (2, 1);
    (spec.train.epochs, spec.train.held_out) = ([2, 1, 2], 0.0);
    spec.umap.epochs = Some(5);
    let dataset = data.dataset.clone();
    let result = pipeline::run(&dataset, &spec, None, &|_| {}, &CancelToken::new()).unwrap();
    let id = shelf.add_data(data);
    Edit::Open {
        data: id,
        labelled: true,
        same_files: false,
        described: None,
    }
    .apply(&mut document);
    let run = NamedRun::new(shelf.next_run(), "one");
    shelf.put_result(run.id, id, Arc::new(result));
    Edit::AddRun { run, show: true }.apply(&mut document);
    (document, shelf)
}

/// `cargo test --release --test integration -- --ignored --nocapture a_session_of_25_517`
#[test]
#[ignore = "it is a measurement"]
fn a_session_of_25_517_cells_is_saved_and_opened_quickly() {
    let source = Source::Demo(DemoSpec {
        samples: 25_517,
        seed: 0,
    });
    let (document, shelf) = made(&source);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.hdumec");
    let since = Instant::now();
    session::write(&path, Page::Explore, &document, &shelf, false).unwrap();
    let saved = since.elapsed().as_secs_f64();
    let since = Instant::now();
    let session = Session::read(&path).unwrap();
    let read = since.elapsed().as_secs_f64();
    let opened = session.with(vec![load(&source)]).unwrap();
    let whole = since.elapsed().as_secs_f64();
    assert_eq!(opened.document, document);
    let size = std::fs::metadata(&path).unwrap().len();
    eprintln!(
        "{size} bytes; saved in {saved:.2} s, opened in {whole:.2} s, of which {read:.2} s to read the file"
    );
    assert!(saved < 2.0 && whole < 3.0);
}

#[test]
fn a_session_that_lies_is_mended_or_refused() {
    let source = Source::Demo(DemoSpec {
        samples: 80,
        seed: 0,
    });
    let (mut document, shelf) = made(&source);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.hdumec");
    let write = |document: &Document| {
        session::write(&path, Page::Explore, document, &shelf, false).unwrap();
    };
    // What cannot be is left out.
    document.view.stage = 7;
    document.view.lens = pipeline::Lens::ModalityNoise(99);
    document.view.range = (f32::NAN, 2.0);
    document.view.percent = f32::INFINITY;
    document.noise.modality = Some(9);
    document.runs.push(document.runs[0].clone());
    write(&document);
    let opened = Session::read(&path).unwrap();
    let opened = opened.with(vec![load(&source)]).unwrap().document;
    assert_eq!(opened.runs.len(), 1);
    assert_eq!((opened.view.stage, opened.view.range), (2, (0.0, 1.0)));
    assert_eq!(opened.view.lens, pipeline::Lens::Noise);
    assert!((0.1..=50.0).contains(&opened.view.percent));
    assert_eq!(opened.noise.modality, None);

    // Without its data, or with others, it is refused.
    let session = || Session::read(&path).unwrap();
    assert!(session().with(Vec::new()).is_err());
    let other = Source::Demo(DemoSpec {
        samples: 81,
        seed: 0,
    });
    assert!(session().with(vec![load(&other)]).is_err());

    // Damage is told, wherever it is.
    let whole = std::fs::read(&path).unwrap();
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(3);
    for _ in 0..60 {
        let mut changed = whole.clone();
        let at = random.random_range(0..changed.len());
        changed[at] ^= 1 << random.random_range(0..8);
        if random.random_bool(0.3) {
            changed.truncate(at);
        }
        std::fs::write(&path, changed).unwrap();
        assert!(Session::read(&path).is_err());
    }
}
