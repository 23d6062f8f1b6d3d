//! The system's file dialogs, off the UI thread.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use eframe::egui;
use rfd::AsyncFileDialog;

use crate::{
    app::{Command, Source, Then},
    document::session::ENDING,
    job::{self, Cancelled, EventSink, JobHandle, JobOutcome},
};

/// Endings of the files that open.
const DATA: [&str; 15] = [
    "csv", "tsv", "txt", "tab", "h5", "h5ad", "h5mu", "mtx", "gct", "gz", "bz2", "xz", "zst",
    "zip", ENDING,
];

/// A dialog that ends sooner than this without a choice was never shown: where no dialog service
/// exists, the library answers as if the user had cancelled.
const NEVER_SHOWN: Duration = Duration::from_millis(400);

/// What the choice is for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Purpose {
    Open,
    Labels,
    Results,
    Session,
    Figure,
    Table,
    /// The data of results or of a session.
    Moved(PathBuf),
}

/// A dialog that is open, or seems to be.
struct Open {
    purpose: Purpose,
    since: Instant,
    job: JobHandle<(), Vec<PathBuf>, Cancelled>,
}

/// At most one dialog at a time.
#[derive(Default)]
pub(crate) struct Dialogs {
    open: Option<Open>,
    /// A labels file just chosen, for the data page to take.
    pub labels: Option<PathBuf>,
    /// A results folder just chosen, for the results page to take.
    pub results: Option<PathBuf>,
    /// A file for the session just chosen, for its sheet to take.
    pub session: Option<PathBuf>,
    /// A file for a figure just chosen, for its sheet to take.
    pub figure: Option<PathBuf>,
    /// A file for a table just chosen, for its sheet to take.
    pub table: Option<PathBuf>,
}

impl Dialogs {
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Asks for data files.
    pub fn open_files(&mut self, ctx: &egui::Context) {
        let dialog = AsyncFileDialog::new()
            .set_title("Open modality files")
            .add_filter("Data", &DATA)
            .add_filter("All files", &["*"]);
        self.start(ctx, Purpose::Open, async move {
            dialog.pick_files().await.unwrap_or_default()
        });
    }

    /// Asks for a folder of data files.
    pub fn open_folder(&mut self, ctx: &egui::Context) {
        let dialog = AsyncFileDialog::new().set_title("Open a folder of modality files");
        self.start(ctx, Purpose::Open, async move {
            dialog.pick_folder().await.into_iter().collect()
        });
    }

    /// Asks for a labels file.
    pub fn open_labels(&mut self, ctx: &egui::Context) {
        let dialog = AsyncFileDialog::new()
            .set_title("Choose a labels file")
            .add_filter("Tables", &["csv", "tsv", "txt", "gz"]);
        self.start(ctx, Purpose::Labels, async move {
            dialog.pick_file().await.into_iter().collect()
        });
    }

    /// Asks for the folder that results go into.
    pub fn choose_results(&mut self, ctx: &egui::Context) {
        let dialog = AsyncFileDialog::new().set_title("Choose a folder for the results");
        self.start(ctx, Purpose::Results, async move {
            dialog.pick_folder().await.into_iter().collect()
        });
    }

    /// Asks for the file that a session goes into.
    pub fn choose_session(&mut self, ctx: &egui::Context, now: &Path) {
        let dialog = AsyncFileDialog::new()
            .set_title("Save the session")
            .add_filter("Sessions", &[ENDING]);
        self.save(ctx, Purpose::Session, dialog, now);
    }

    /// Asks for the file that a figure goes into.
    pub fn choose_figure(&mut self, ctx: &egui::Context, now: &Path) {
        let dialog = AsyncFileDialog::new()
            .set_title("Save the figure")
            .add_filter("Figures", &["svg", "pdf", "png"]);
        self.save(ctx, Purpose::Figure, dialog, now);
    }

    /// Asks for the file that a table goes into.
    pub fn choose_table(&mut self, ctx: &egui::Context, now: &Path) {
        let dialog = AsyncFileDialog::new()
            .set_title("Save the table")
            .add_filter("Tables", &["csv"]);
        self.save(ctx, Purpose::Table, dialog, now);
    }

    /// Asks where to save, at first where it was saved before.
    fn save(
        &mut self,
        ctx: &egui::Context,
        purpose: Purpose,
        mut dialog: AsyncFileDialog,
        now: &Path,
    ) {
        if let Some(folder) = now.parent().filter(|folder| folder.is_absolute()) {
            dialog = dialog.set_directory(folder);
        }
        if let Some(name) = now.file_name() {
            dialog = dialog.set_file_name(name.to_string_lossy());
        }
        self.start(ctx, purpose, async move {
            dialog.save_file().await.into_iter().collect()
        });
    }

    /// Asks for the folder in which the data of results, or of a session, are now.
    pub fn look_for_data(&mut self, ctx: &egui::Context, of: PathBuf) {
        let dialog = AsyncFileDialog::new().set_title("Choose the folder that the data are in now");
        self.start(ctx, Purpose::Moved(of), async move {
            dialog.pick_folder().await.into_iter().collect()
        });
    }

    fn start(
        &mut self,
        ctx: &egui::Context,
        purpose: Purpose,
        chosen: impl Future<Output = Vec<rfd::FileHandle>> + Send + 'static,
    ) {
        if self.open.is_some() {
            return;
        }
        let repaint = ctx.clone();
        let wake = move || repaint.request_repaint();
        let job = job::spawn("dialog", wake, move |_: &EventSink<()>, _| {
            let files = pollster::block_on(chosen);
            Ok(files.iter().map(|f| f.path().to_path_buf()).collect())
        });
        self.open = Some(Open {
            purpose,
            since: Instant::now(),
            job,
        });
    }

    /// Takes in a choice, once it is made.
    pub fn drain(&mut self, commands: &mut Vec<Command>) {
        let Some(Open {
            purpose,
            since,
            job,
        }) = &self.open
        else {
            return;
        };
        let Some(outcome) = job.try_outcome() else {
            return;
        };
        let (purpose, quick) = (purpose.clone(), since.elapsed() < NEVER_SHOWN);
        self.open = None;
        let mut paths = match outcome {
            JobOutcome::Finished(paths) => paths,
            _ => Vec::new(),
        };
        if paths.is_empty() {
            if quick {
                commands.push(Command::Tell {
                    title: "This system has no file dialog".into(),
                    text: "Drop files onto the window, or type their path into the field. \
                           (On Linux, install zenity or a desktop portal for dialogs.)"
                        .into(),
                });
            }
            return;
        }
        match purpose {
            Purpose::Open => {
                // Choices for other data do not apply any more.
                (self.labels, self.results) = (None, None);
                commands.push(Command::Open {
                    source: Source::files(paths),
                    then: Then::Nothing,
                });
            }
            Purpose::Labels => self.labels = paths.pop(),
            Purpose::Results => self.results = paths.pop(),
            Purpose::Session => self.session = paths.pop(),
            Purpose::Figure => self.figure = paths.pop(),
            Purpose::Table => self.table = paths.pop(),
            Purpose::Moved(path) => commands.push(Command::OpenMoved {
                path,
                moved_to: paths,
            }),
        }
    }
}
