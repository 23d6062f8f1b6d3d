//! The flags of the parameters of training and maps, one for each row of their table.

use clap::{
    Arg, ArgMatches, Args, Command, Error, FromArgMatches,
    builder::{PossibleValuesParser, ValueParser},
    value_parser,
};

use crate::{
    analysis::umap::Initialisation,
    pipeline::{
        AnalysisSpec, PARAMETERS, Parameter,
        parameter::{At, Kind},
    },
};

/// Parameters that were given; all others are those of the recipe.
#[derive(Debug)]
pub struct ParameterArguments(Vec<(&'static Parameter, Given)>);

/// The words of a flag.
#[derive(Debug)]
enum Given {
    Counts(Vec<usize>),
    Numbers(Vec<f64>),
    Singles(Vec<f32>),
    Switch(bool),
    Word(String),
}

/// What the flags of a kind take: how it is called, and how it is read.
fn taken(kind: Kind) -> (&'static str, ValueParser) {
    match kind {
        Kind::Count(..) | Kind::SomeCount(..) => ("N", value_parser!(usize).into()),
        Kind::Number(..) | Kind::SomeNumber(..) => ("X", value_parser!(f64).into()),
        Kind::Single(..) => ("X", value_parser!(f32).into()),
        Kind::Switch(_) => ("BOOL", value_parser!(bool)),
        Kind::Counts(..) => ("A,B,C", value_parser!(usize).into()),
        Kind::Numbers(..) => ("A,B,C", value_parser!(f64).into()),
        Kind::Start(_) => (
            "START",
            PossibleValuesParser::new(["spectral", "pca"]).into(),
        ),
    }
}

fn flag(parameter: &'static Parameter) -> Arg {
    let (value, parser) = taken(parameter.kind);
    let heading = match parameter.is_of_maps() {
        true => "UMAP",
        false => "Training (defaults of the recipes robust | published)",
    };
    let arg = Arg::new(parameter.flag)
        .long(parameter.flag)
        .help(format!(
            "{} [default: {}]",
            parameter.about,
            parameter.defaults()
        ))
        .help_heading(heading)
        .value_name(value)
        .value_parser(parser)
        .allow_negative_numbers(true);
    match parameter.kind {
        Kind::Counts(..) | Kind::Numbers(..) => arg.value_delimiter(',').num_args(1),
        _ => arg,
    }
}

impl Args for ParameterArguments {
    fn augment_args(command: Command) -> Command {
        command.args(PARAMETERS.iter().map(flag))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ParameterArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        fn all<T: Clone + Send + Sync + 'static>(
            matches: &ArgMatches,
            parameter: &Parameter,
        ) -> Option<Vec<T>> {
            let given = matches.get_many::<T>(parameter.flag)?;
            Some(given.cloned().collect())
        }
        let given = PARAMETERS.iter().filter_map(|parameter| {
            let given = match parameter.kind {
                Kind::Count(..) | Kind::SomeCount(..) | Kind::Counts(..) => {
                    Given::Counts(all(matches, parameter)?)
                }
                Kind::Number(..) | Kind::SomeNumber(..) | Kind::Numbers(..) => {
                    Given::Numbers(all(matches, parameter)?)
                }
                Kind::Single(..) => Given::Singles(all(matches, parameter)?),
                Kind::Switch(_) => Given::Switch(*matches.get_one(parameter.flag)?),
                Kind::Start(_) => Given::Word(matches.get_one::<String>(parameter.flag)?.clone()),
            };
            Some((parameter, given))
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl ParameterArguments {
    /// Sets what was given.
    ///
    /// # Errors
    /// What is wrong with a list.
    pub(super) fn apply(&self, spec: &mut AnalysisSpec) -> Result<(), String> {
        for (parameter, given) in &self.0 {
            match (parameter.kind, given) {
                (Kind::Count(at, _), Given::Counts(given)) => set(spec, at, given),
                (Kind::SomeCount(at, _), Given::Counts(given)) => {
                    *at(spec) = given.last().copied().filter(|n| *n != 0);
                }
                (Kind::Number(at, _), Given::Numbers(given)) => set(spec, at, given),
                (Kind::SomeNumber(at, _), Given::Numbers(given)) => {
                    *at(spec) = given.last().copied().filter(|x| *x != 0.0);
                }
                (Kind::Single(at, _), Given::Singles(given)) => set(spec, at, given),
                (Kind::Switch(at), Given::Switch(given)) => *at(spec) = *given,
                (Kind::Counts(at, _), Given::Counts(given)) => {
                    *at(spec) = three(parameter.flag, given)?;
                }
                (Kind::Numbers(at, _), Given::Numbers(given)) => {
                    *at(spec) = three(parameter.flag, given)?;
                }
                (Kind::Start(at), Given::Word(word)) => {
                    *at(spec) = match word.as_str() {
                        "pca" => Initialisation::Pca,
                        _ => Initialisation::Spectral,
                    };
                }
                // Every kind is read as itself.
                _ => {}
            }
        }
        Ok(())
    }
}

fn set<T: Copy>(spec: &mut AnalysisSpec, at: At<T>, given: &[T]) {
    if let Some(value) = given.last() {
        *at(spec) = *value;
    }
}

fn three<T: Copy>(flag: &str, given: &[T]) -> Result<[T; 3], String> {
    given.try_into().map_err(|_| {
        format!(
            "--{flag} takes three numbers, for reconstruction, uncertainty and clustering: --{flag} A,B,C"
        )
    })
}
