//! Which of the matrices of an anndata group is read, and what is said about the others.

use super::{Group, Node, matrix::Found};
use crate::{
    data::Matrix,
    format::{FormatError, Notice, Severity},
};

/// Whole numbers are exact up to here in 32 bits.
const EXACT: f32 = 16_777_216.0;

/// All matrices with a row a sample, by their names: `X`, `layers/counts`, `raw/X`, `obsm/X_pca`; the one that is read unless
/// another is asked for first.
pub(super) struct Matrices<'a, 'f> {
    group: &'a Group<'f>,
    list: Vec<(String, Found<'f>)>,
}

impl<'a, 'f> Matrices<'a, 'f> {
    /// Looks for them in a group, without reading values.
    pub fn of(group: &'a Group<'f>) -> Result<Self, FormatError> {
        let inside = |name: &str| match group.group(name)? {
            Some(group) => {
                let children = group.names()?;
                Ok(children
                    .iter()
                    .map(|child| format!("{name}/{child}"))
                    .collect())
            }
            None => Ok::<Vec<String>, FormatError>(Vec::new()),
        };
        let mut names = vec!["X".to_owned()];
        names.extend(inside("layers")?);
        names.push("raw/X".into());
        names.extend(inside("obsm")?);
        let mut list = Vec::new();
        for name in names {
            let Some(node) = node(group, &name)? else {
                continue;
            };
            // anndata writes a missing X as nothing of no extent.
            let missing = matches!(&node, Node::Data(data) if data.shape().is_empty());
            match Found::at(node)? {
                Some(found) => list.push((name, found)),
                None if name == "X" && !missing => {
                    let what = "is no matrix that hdumec knows";
                    return Err(group.file.damaged(&group.place("X"), what));
                }
                None => {}
            }
        }
        Ok(Self { group, list })
    }

    /// Their names.
    pub fn names(&self) -> Vec<String> {
        self.list.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The one that is read unless another is asked for.
    pub fn first(&self) -> Option<&Found<'f>> {
        self.list.first().map(|(_, found)| found)
    }

    /// Takes out the one that is read.
    ///
    /// # Errors
    /// A question, if it is not clear which one; or if there is none.
    pub fn choose(
        &mut self,
        wanted: Option<&str>,
        notices: &mut Vec<Notice>,
    ) -> Result<(String, Found<'f>), FormatError> {
        if let Some(wanted) = wanted {
            return match self.list.iter().position(|(name, _)| name == wanted) {
                Some(at) => Ok(self.list.remove(at)),
                None => Err(self.ask(format!("There is no matrix '{wanted}'. Which one is it?"))),
            };
        }
        let measured = self.measured().count();
        match self.list.first() {
            Some((name, _)) if name == "X" => {}
            Some((name, _)) if measured == 1 => {
                let text = format!("There is no X; {name} is read.");
                notices.push(self.group.note(Severity::Note, text));
            }
            Some(_) => return Err(self.ask("There is no X. Which matrix is it?".into())),
            None => {
                let place = match self.group.at.is_empty() {
                    true => String::new(),
                    false => format!(" in {}", self.group.at),
                };
                return Err(self.group.file.unsupported(
                    format!("holds no matrix{place}"),
                    "Write it again with values in X.",
                ));
            }
        }
        Ok(self.list.remove(0))
    }

    /// Those with a value for every feature: an embedding in `obsm` is made of them.
    fn measured(&self) -> impl Iterator<Item = &(String, Found<'f>)> {
        self.list
            .iter()
            .filter(|(name, _)| !name.starts_with("obsm/"))
    }

    fn ask(&self, question: String) -> FormatError {
        FormatError::Choose {
            path: self.group.file.path().to_owned(),
            question,
            choices: self.names(),
        }
    }

    /// Says what is special about the matrix that was read, and, if nobody chose it, what else there is. One without a value is
    /// not taken in silence.
    ///
    /// # Errors
    /// A question, if it holds nothing and others do.
    pub fn remark(
        &self,
        (source, matrix): (&str, &Matrix),
        chosen: bool,
        notices: &mut Vec<Notice>,
    ) -> Result<(), FormatError> {
        let mut note = |severity, text| notices.push(self.group.note(severity, text));
        let facts = matrix.facts().map_err(|source| FormatError::Read {
            path: self.group.file.path().to_owned(),
            source,
        })?;
        if facts.infinite > 0 {
            let text = format!(
                "{} values of {source} are infinite, or too large for 32 bits.",
                facts.infinite
            );
            note(Severity::Warning, text);
        }
        if facts.fractions == 0 && facts.high.max(-facts.low) > EXACT {
            let text = format!(
                "{source} holds whole numbers beyond 16,777,216, of which 32 bits keep the first 24."
            );
            note(Severity::Note, text);
        }
        let looks = |(name, found): &(String, Found<'f>)| {
            format!("{name} ({})", found.looks().unwrap_or("cannot be read"))
        };
        let others: Vec<String> = match chosen {
            true => Vec::new(),
            false => self.measured().map(looks).collect(),
        };
        if others.is_empty() {
            return Ok(());
        }
        let others = others.join(", ");
        match () {
            () if facts.nonzero == 0 => Err(self.ask(format!(
                "{source} holds no value other than zero. Which matrix is it?"
            ))),
            () if facts.low < 0.0 => {
                let text = format!(
                    "{source} is read. It has negative values, so it was scaled or centred; the file also holds {others}. \
                     Choose one of these if counts or log-normalised values are wanted."
                );
                note(Severity::Warning, text);
                Ok(())
            }
            () => {
                let text = format!("{source} is read; the file also holds {others}.");
                note(Severity::Note, text);
                Ok(())
            }
        }
    }
}

/// What stands at a name; anndata 0.6 and before calls `raw/X` `raw.X`.
pub(super) fn node<'f>(group: &Group<'f>, name: &str) -> Result<Option<Node<'f>>, FormatError> {
    match (group.child(name)?, name.strip_prefix("raw/")) {
        (None, Some(part)) => group.child(&format!("raw.{part}")),
        (found, _) => Ok(found),
    }
}
