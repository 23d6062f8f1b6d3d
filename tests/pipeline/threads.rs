//! On several threads, several engines train starts and models at once.

use hdumec::pipeline::Event;

use super::{robust_spec, run, small_demo};

#[test]
fn any_number_of_threads_comes_to_the_same_bits_and_tells_the_same() {
    let dataset = small_demo();
    let spec = robust_spec();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let (dataset, spec) = (dataset.clone(), spec.clone());
        pool.unwrap().install(move || {
            let (result, events) = run(&dataset, &spec);
            let told = events.into_iter().filter_map(|event| match event {
                // All but how long it took.
                Event::Epoch(e) => {
                    let epoch = (e.stage, e.epoch, e.epochs, e.loss, e.sizes);
                    Some(format!("{epoch:?}"))
                }
                Event::Start(stats) => Some(format!("{stats:?}")),
                Event::Helper { name, .. } => panic!("{name} is no other device"),
                _ => None,
            });
            (result, told.collect::<Vec<_>>())
        })
    };
    let (alone, told) = on(1);
    for threads in [2, 5] {
        let (several, also_told) = on(threads);
        assert_eq!(told, also_told, "{threads} threads");
        let (one, two) = (alone.last_stage(), several.last_stage());
        assert_eq!((&one.embedding, &one.q), (&two.embedding, &two.q));
        assert_eq!(
            (&one.clusters, &one.disagreement),
            (&two.clusters, &two.disagreement)
        );
        assert_eq!(alone.uncertainty.sample, several.uncertainty.sample);
        assert_eq!(alone.weights, several.weights);
        assert!(several.helpers.is_empty(), "no other device helped");
        let count = several.history.len();
        assert_eq!(alone.history.len(), count);
    }
}
