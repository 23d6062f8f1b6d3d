//! The list of the network's tensors: names, shapes, order and initialisation.
//!
//! Names and orientations follow PyTorch's modules, so that a checkpoint can be read there.

use super::NetworkSpec;

/// How a parameter starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Start {
    /// Uniform in `+-bound`.
    Uniform(f64),
    Constant(f32),
}

/// One tensor of the network.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Slot {
    pub name: String,
    /// `[out, in]` for linear layers, `[length]` for vectors.
    pub shape: Vec<usize>,
    pub start: Start,
    /// Linear weights are held `[in, out]` on the device.
    pub transposed: bool,
}

/// Parameters of a block: linear, norm, linear.
pub(crate) const BLOCK_PARAMETERS: usize = 6;

/// The tensors that training changes by gradient, in device order: the encoder, mean and
/// log-variance blocks of every modality, then attention, fusion and the cluster centres.
pub(crate) fn parameters(spec: &NetworkSpec) -> Vec<Slot> {
    let mut slots = Vec::new();
    for (name, input, output) in blocks(spec) {
        linear(&mut slots, &format!("{name}.0"), input, spec.hidden);
        vector(&mut slots, &format!("{name}.1.weight"), spec.hidden, 1.0);
        vector(&mut slots, &format!("{name}.1.bias"), spec.hidden, 0.0);
        linear(&mut slots, &format!("{name}.3"), spec.hidden, output);
    }
    let d = spec.embedding;
    // Xavier for d inputs and 3 d outputs.
    let xavier = (6.0 / (4 * d) as f64).sqrt();
    matrix(&mut slots, "att.in_proj_weight", 3 * d, d, xavier, true);
    vector(&mut slots, "att.in_proj_bias", 3 * d, 0.0);
    matrix(
        &mut slots,
        "att.out_proj.weight",
        d,
        d,
        (d as f64).powf(-0.5),
        true,
    );
    vector(&mut slots, "att.out_proj.bias", d, 0.0);
    linear(&mut slots, "fuse", spec.modalities() * d, d);
    slots.push(Slot {
        name: "centres".into(),
        shape: vec![spec.clusters, d],
        start: Start::Constant(0.0),
        transposed: false,
    });
    slots
}

/// The batch norms' running statistics, in device order: mean and variance of every block.
pub(crate) fn statistics(spec: &NetworkSpec) -> Vec<Slot> {
    let mut slots = Vec::new();
    for (name, ..) in blocks(spec) {
        vector(
            &mut slots,
            &format!("{name}.1.running_mean"),
            spec.hidden,
            0.0,
        );
        vector(
            &mut slots,
            &format!("{name}.1.running_var"),
            spec.hidden,
            1.0,
        );
    }
    slots
}

/// Name, input and output width of every block, in device order.
fn blocks(spec: &NetworkSpec) -> impl Iterator<Item = (String, usize, usize)> {
    let d = spec.embedding;
    let of = move |kind: &'static str, inward: bool| {
        spec.features.iter().enumerate().map(move |(v, &f)| {
            let (input, output) = if inward { (f, d) } else { (d, f) };
            (format!("{kind}.{v}"), input, output)
        })
    };
    of("enc", true)
        .chain(of("mean", false))
        .chain(of("logvar", false))
}

fn linear(slots: &mut Vec<Slot>, name: &str, input: usize, output: usize) {
    let bound = (input as f64).powf(-0.5);
    matrix(slots, &format!("{name}.weight"), output, input, bound, true);
    slots.push(Slot {
        name: format!("{name}.bias"),
        shape: vec![output],
        start: Start::Uniform(bound),
        transposed: false,
    });
}

fn matrix(slots: &mut Vec<Slot>, name: &str, rows: usize, cols: usize, bound: f64, turn: bool) {
    slots.push(Slot {
        name: name.into(),
        shape: vec![rows, cols],
        start: Start::Uniform(bound),
        transposed: turn,
    });
}

fn vector(slots: &mut Vec<Slot>, name: &str, length: usize, value: f32) {
    slots.push(Slot {
        name: name.into(),
        shape: vec![length],
        start: Start::Constant(value),
        transposed: false,
    });
}
