//! Where results go that cannot be written where they were asked for.

use std::path::{Path, PathBuf, absolute};

use super::reserve_free;
use crate::{
    error::Error,
    io::Inputs,
    job::{CancelToken, MaybeCancelled as _},
    pipeline::AnalysisResult,
};

/// Writes a result to the first place that takes it: a new folder beside the one that was asked for, or else in the
/// user's folder for data of hdumec. Returns the folder and its files.
///
/// # Errors
/// The failure at the last place; [`Error::Cancelled`].
pub fn rescue(
    result: &AnalysisResult,
    inputs: &Inputs,
    asked: &Path,
    cancel: &CancelToken,
) -> Result<(PathBuf, Vec<PathBuf>), Error> {
    let data = directories::ProjectDirs::from("", "", env!("CARGO_PKG_NAME"));
    let data = data.map(|d| d.data_dir().to_owned());
    save_at(&places(asked, data), |wanted, number| {
        let place = reserve_free(wanted, number)?;
        let directory = place.directory().to_owned();
        place
            .export(result, inputs, cancel)
            .map(|files| (directory, files))
    })
}

/// Names to try, each with the first number behind it.
fn places(asked: &Path, data: Option<PathBuf>) -> Vec<(PathBuf, usize)> {
    let asked = absolute(asked).unwrap_or_else(|_| asked.to_owned());
    let name = asked.file_name().unwrap_or("results".as_ref());
    let beside = asked.parent().map(|parent| (parent.join(name), 2));
    let data = data.map(|data| (data.join(name), 1));
    beside.into_iter().chain(data).collect()
}

/// The first success; a cancel ends it.
fn save_at<T>(
    places: &[(PathBuf, usize)],
    save: impl Fn(&Path, usize) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut last = Error::Cancelled(crate::job::Cancelled);
    for (wanted, number) in places {
        match save(wanted, *number) {
            Err(error) if !error.is_cancelled() => last = error,
            ended => return ended,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Cancelled;
    use std::cell::RefCell;

    #[test]
    fn places_are_tried_in_their_order_until_one_takes_it() {
        let places = places(Path::new("/far/results"), Some("/home/me/data".into()));
        let expected = [
            ("/far/results".into(), 2),
            ("/home/me/data/results".into(), 1),
        ];
        assert_eq!(places, expected);
        let tried = RefCell::new(Vec::new());
        let save = |refused: usize| {
            save_at(&places, |wanted, _| {
                tried.borrow_mut().push(wanted.to_owned());
                if tried.borrow().len() <= refused {
                    return Err(Error::Foreign(wanted.to_owned()));
                }
                Ok(wanted.to_owned())
            })
        };
        assert_eq!(save(1).unwrap(), Path::new("/home/me/data/results"));
        assert!(matches!(save(9), Err(Error::Foreign(path)) if path.starts_with("/home")));

        // A cancel is an answer.
        let mut count = RefCell::new(0);
        let stopped = save_at::<()>(&places, |_, _| {
            *count.borrow_mut() += 1;
            Err(Cancelled.into())
        });
        assert!(matches!(stopped, Err(Error::Cancelled(_))) && *count.get_mut() == 1);
    }
}
