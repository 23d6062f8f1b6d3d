//! `hdumec label`: labels, or other columns that describe samples, for saved results that were found without them.

use std::sync::Arc;

use super::{
    args::LabelArguments,
    run::cancel_on_interrupt,
    saved, table,
    terminal::{print, tell},
};
use crate::{
    error::Error,
    export::{self, ExportSpec},
    io::Source,
    words::thousands,
};

/// Runs the command.
pub fn label(arguments: &LabelArguments) -> Result<(), Error> {
    let place = export::reserve(&ExportSpec {
        directory: arguments.out.clone(),
        replace: arguments.force,
    })?;
    let cancel = cancel_on_interrupt();
    let (reopened, mut source) = saved::find(&arguments.results, &arguments.paths)?;
    let Source::Files(load) = &mut source else {
        let text = "these results are of the demo, whose labels are known".to_owned();
        return Err(Error::Usage(text));
    };
    load.labels = Some(arguments.labels.clone());
    load.label_column.clone_from(&arguments.label_column);
    load.label_ids.clone_from(&arguments.label_ids);
    load.ignore_labels = false;
    let (dataset, report, inputs) = source.absolute().open(&cancel)?;
    if let Some(report) = &report {
        tell(table::loaded(&dataset, report)?.trim_end());
    }
    let folder = reopened.folder().to_owned();
    let (result, same) = reopened.with(Arc::new(dataset))?;
    if !same {
        return Err(Error::Reopen {
            path: folder,
            why: "the data have other values now than when these results were found".into(),
            hint: "'hdumec run' with --labels finds what the values of now give.".into(),
        });
    }
    let result = result.scored_again();
    let files = place.export(&result, &inputs, &cancel)?;
    print(&table::scores(&result));
    print(&format!(
        "Wrote {} files to {}\n",
        thousands(files.len() as u64),
        arguments.out.display()
    ));
    Ok(())
}
