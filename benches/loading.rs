//! Loading tables of text: wide, long, of counts, with missing values, and files of the same samples in another order.
//!
//! `cargo bench --bench loading`

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use hdumec::{
    io::{self, LoadSpec},
    job::CancelToken,
};

/// How long each is loaded for.
const TIME: Duration = Duration::from_secs(2);

fn main() {
    let folder = tempfile::tempdir().expect("a folder for the tables");
    let real = |x: u32| format!("{}.{:04}", x % 10, x / 10 % 10_000);
    let count = |x: u32| (x % 7 * (x % 5)).to_string();
    let some = |x: u32| match x % 10 {
        0 => "NA".to_owned(),
        _ => real(x),
    };
    let in_order = |i: usize| i;
    let reversed = |i: usize| 99_999 - i;
    let table = |name: &str, size, id: &dyn Fn(usize) -> usize, cell: &dyn Fn(u32) -> String| {
        table(folder.path(), name, size, id, cell)
    };
    let wide = table("wide", (1_500, 2_000), &in_order, &real);
    let long = table("long", (100_000, 30), &in_order, &real);
    let counts = table("counts", (1_500, 2_000), &in_order, &count);
    let missing = table("missing", (20_000, 100), &in_order, &some);
    let turned = table("turned", (100_000, 3), &reversed, &real);

    time("wide", &[&wide]);
    time("long", &[&long]);
    time("counts", &[&counts]);
    time("missing", &[&missing]);
    time("joined", &[&long, &turned]);
}

/// Writes a table of so many rows and columns: the number of the sample in every row, and cells of numbers that look random.
fn table(
    folder: &Path,
    name: &str,
    (rows, columns): (usize, usize),
    id: &dyn Fn(usize) -> usize,
    cell: &dyn Fn(u32) -> String,
) -> PathBuf {
    let mut text = "sample".to_owned();
    let mut state = 1_u32;
    for column in 0..columns {
        _ = write!(text, ",gene{column}");
    }
    for row in 0..rows {
        _ = write!(text, "\npatient_{}", id(row));
        for _ in 0..columns {
            // A linear congruential generator (Numerical Recipes); its low bits are not random.
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            _ = write!(text, ",{}", cell(state >> 8));
        }
    }
    let path = folder.join(format!("{name}.csv"));
    std::fs::write(&path, text).expect("room for the tables");
    path
}

/// Fastest and median time to load these files.
fn time(what: &str, paths: &[&PathBuf]) {
    let spec = LoadSpec {
        paths: paths.iter().map(|path| path.to_path_buf()).collect(),
        ..LoadSpec::default()
    };
    let mut times = Vec::new();
    let begun = Instant::now();
    while times.len() < 3 || begun.elapsed() < TIME {
        let start = Instant::now();
        io::load(&spec, &CancelToken::new()).expect(what);
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let (best, median) = (times[0], times[times.len() / 2]);
    println!("{what:>10}: best {best:8.2} ms, median {median:8.2} ms");
}
