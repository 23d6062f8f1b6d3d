//! The elements of AnnData files, as the anndata package writes them since version 0.8 (its page "On-disk format").

use hdf5_writer::{
    AttributeBuilder, ByteOrder, DatasetBuilder, Datatype, EnumMember, Error, FILTER_DEFLATE,
    FILTER_SHUFFLE, FilterDescription, H5WriteElement, Hdf5Builder, WriteOptions,
};

use crate::{
    data::{Axis, Category, Column, Frame, Sparse, SparseBuffer},
    figure::Rgb,
};

/// Numbers of a compressed piece.
const CHUNK: u64 = 1 << 16;

/// Fewer numbers are not worth compressing.
const COMPRESSED: usize = 1 << 12;

/// How hard to compress, of 9: more takes much longer for little.
const LEVEL: u32 = 4;

/// A file under construction, held in memory until it is encoded.
#[derive(Default)]
pub struct Elements {
    builder: Hdf5Builder,
}

impl Elements {
    /// The bytes of the file.
    pub fn encode(self) -> Result<Vec<u8>, Error> {
        self.builder.into_plan()?.encode(WriteOptions::default())
    }

    /// What kind of element the file as a whole is.
    pub fn root(&mut self, kind: &str, version: &str) {
        for attribute in encoding(kind, version) {
            self.change(|builder| builder.attribute(attribute));
        }
    }

    /// An attribute of the file as a whole.
    pub fn root_attribute(&mut self, attribute: AttributeBuilder) {
        self.change(|builder| builder.attribute(attribute));
    }

    /// A group of elements by name.
    pub fn dict(&mut self, path: &str) {
        self.group(path, "dict", "0.1.0");
    }

    /// A group that is an element of its own.
    pub fn group(&mut self, path: &str, kind: &str, version: &str) {
        for attribute in encoding(kind, version) {
            self.attribute(path, attribute);
        }
    }

    /// An attribute of a group.
    pub fn attribute(&mut self, path: &str, attribute: AttributeBuilder) {
        self.change(|builder| builder.group_attribute(path, attribute));
    }

    /// Numbers of any shape.
    pub fn array<T: H5WriteElement>(
        &mut self,
        path: &str,
        shape: &[u64],
        values: &[T],
    ) -> Result<(), Error> {
        let dataset = DatasetBuilder::typed_data(path, shape, values)?;
        let dataset = match values.len() >= COMPRESSED {
            true => compressed(dataset, shape, size_of::<T>() as u32),
            false => dataset,
        };
        self.dataset(dataset, "array", "0.2.0");
        Ok(())
    }

    /// Yes or no, as h5py has them.
    pub fn bools(&mut self, path: &str, values: impl Iterator<Item = bool>) {
        let values: Vec<u8> = values.map(u8::from).collect();
        let shape = vec![values.len() as u64];
        let dataset = DatasetBuilder::new(path, bool_type(), shape).raw_data(values);
        self.dataset(dataset, "array", "0.2.0");
    }

    /// Texts.
    pub fn strings<S: AsRef<str>>(&mut self, path: &str, texts: &[S]) -> Result<(), Error> {
        let dataset = DatasetBuilder::vlen_string_data(path, vec![texts.len() as u64], texts)?;
        self.dataset(dataset, "string-array", "0.2.0");
        Ok(())
    }

    /// A text.
    pub fn string(&mut self, path: &str, text: &str) -> Result<(), Error> {
        let dataset = DatasetBuilder::vlen_string_data(path, Vec::new(), &[text])?;
        self.dataset(dataset, "string", "0.2.0");
        Ok(())
    }

    /// A number.
    pub fn number(&mut self, path: &str, number: f64) -> Result<(), Error> {
        let dataset = DatasetBuilder::typed_data(path, Vec::new(), &[number])?;
        self.dataset(dataset, "numeric-scalar", "0.2.0");
        Ok(())
    }

    /// A sparse matrix, row by row; whoever writes it looks whether all of it could be read.
    pub fn sparse(&mut self, path: &str, matrix: &Sparse) -> Result<(), Error> {
        self.group(path, "csr_matrix", "0.1.0");
        let shape = [matrix.samples() as i64, matrix.features() as i64];
        self.attribute(path, AttributeBuilder::vector("shape", &shape)?);
        let (rows, count) = (matrix.samples(), matrix.count());
        let mut buffer = SparseBuffer::default();
        let held = matrix.rows(0..rows, &mut buffer);
        let mut starts = Vec::with_capacity(rows + 1);
        let mut indices = Vec::with_capacity(count);
        starts.push(0);
        for (of_row, _) in held.iter() {
            // Below 2^32 features, of which no modality has more than half.
            indices.extend(of_row.iter().map(|&feature| feature as i32));
            starts.push(indices.len() as i64);
        }
        let values = format!("{path}/data");
        self.array(&values, &[count as u64], held.values())?;
        let (to, from) = (format!("{path}/indices"), format!("{path}/indptr"));
        // SciPy wants both of one type.
        match i32::try_from(count) {
            Ok(_) => {
                let starts: Vec<i32> = starts.into_iter().map(|start| start as i32).collect();
                self.array(&to, &[count as u64], &indices)?;
                self.array(&from, &[starts.len() as u64], &starts)
            }
            Err(_) => {
                let indices: Vec<i64> = indices.into_iter().map(i64::from).collect();
                self.array(&to, &[count as u64], &indices)?;
                self.array(&from, &[starts.len() as u64], &starts)
            }
        }
    }

    /// Columns over the names of an axis. A slash, which parts names in these files, becomes `|`.
    pub fn frame(&mut self, path: &str, names: &Axis, frame: &Frame) -> Result<(), Error> {
        self.group(path, "dataframe", "0.2.0");
        self.attribute(path, text("_index", "_index"));
        self.strings(&format!("{path}/_index"), names.names())?;
        let mut taken = vec!["_index".to_owned()];
        for (name, column) in frame.columns() {
            let mut key = key(name);
            while taken.contains(&key) {
                key.push('|');
            }
            self.column(&format!("{path}/{key}"), column)?;
            taken.push(key);
        }
        let order = AttributeBuilder::vlen_strings("column-order", &taken[1..])?;
        self.attribute(path, order);
        Ok(())
    }

    fn column(&mut self, path: &str, column: &Column) -> Result<(), Error> {
        match column {
            Column::Number(values) => self.array(path, &[values.len() as u64], values),
            Column::Integer(values) => {
                let known: Vec<i64> = values.iter().map(|x| x.unwrap_or_default()).collect();
                if column.missing() == 0 {
                    return self.array(path, &[known.len() as u64], &known);
                }
                self.group(path, "nullable-integer", "0.1.0");
                self.array(&format!("{path}/values"), &[known.len() as u64], &known)?;
                self.bools(&format!("{path}/mask"), values.iter().map(Option::is_none));
                Ok(())
            }
            Column::Bool(values) => {
                let known = values.iter().map(|x| x.unwrap_or_default());
                if column.missing() == 0 {
                    self.bools(path, known);
                    return Ok(());
                }
                self.group(path, "nullable-boolean", "0.1.0");
                self.bools(&format!("{path}/values"), known);
                self.bools(&format!("{path}/mask"), values.iter().map(Option::is_none));
                Ok(())
            }
            Column::Category(category) => self.category(path, category),
            // Only categories can be missing in the files of every version.
            Column::Text(texts) if column.missing() > 0 => {
                let mut names: Vec<&String> = texts.iter().flatten().collect();
                names.sort_unstable();
                names.dedup();
                let code = |text: &String| names.binary_search(&text).ok().map(|at| at as u32);
                let codes = texts.iter().map(|text| text.as_ref().and_then(code));
                let category = Category {
                    codes: codes.collect(),
                    names: names.iter().map(|&name| name.clone()).collect(),
                    colours: None,
                };
                self.category(path, &category)
            }
            Column::Text(texts) => {
                let texts: Vec<&str> = texts.iter().flatten().map(String::as_str).collect();
                self.strings(path, &texts)
            }
        }
    }

    fn category(&mut self, path: &str, category: &Category) -> Result<(), Error> {
        self.group(path, "categorical", "0.2.0");
        let no = AttributeBuilder::new("ordered", bool_type(), Vec::new(), vec![0]);
        self.attribute(path, no);
        self.strings(&format!("{path}/categories"), &category.names)?;
        let codes = format!("{path}/codes");
        let shape = [category.codes.len() as u64];
        let code = |code: &Option<u32>| code.map_or(-1, i64::from);
        let all = category.codes.iter().map(code);
        // The smallest type that holds them, as pandas has it.
        match category.names.len() {
            0..=127 => self.array(&codes, &shape, &all.map(|c| c as i8).collect::<Vec<_>>()),
            128..=32_767 => self.array(&codes, &shape, &all.map(|c| c as i16).collect::<Vec<_>>()),
            _ => self.array(&codes, &shape, &all.map(|c| c as i32).collect::<Vec<_>>()),
        }
    }

    /// The colours of a column of categories, in their order, where scanpy looks for them.
    pub fn colours(&mut self, of: &str, column: &str, colours: &[Rgb]) -> Result<(), Error> {
        let colours: Vec<String> = colours.iter().map(|colour| colour.to_string()).collect();
        self.strings(&format!("{of}/{}_colors", key(column)), &colours)
    }

    fn dataset(&mut self, dataset: DatasetBuilder, kind: &str, version: &str) {
        let [kind, version] = encoding(kind, version);
        let dataset = dataset.attribute(kind).attribute(version);
        self.change(|builder| builder.dataset(dataset));
    }

    fn change(&mut self, change: impl FnOnce(Hdf5Builder) -> Hdf5Builder) {
        self.builder = change(std::mem::take(&mut self.builder));
    }
}

/// A name as part of a path.
pub fn key(name: &str) -> String {
    match name {
        "" => "|".into(),
        _ => name.replace('/', "|"),
    }
}

/// A text attribute.
pub fn text(name: &str, value: &str) -> AttributeBuilder {
    AttributeBuilder::fixed_string(name, value)
}

fn encoding(kind: &str, version: &str) -> [AttributeBuilder; 2] {
    [
        text("encoding-type", kind),
        text("encoding-version", version),
    ]
}

fn bool_type() -> Datatype {
    let member = |name: &str, value: u8| EnumMember {
        name: name.into(),
        value: vec![value],
    };
    Datatype::Enum {
        base: Box::new(Datatype::FixedPoint {
            size: 1,
            signed: true,
            byte_order: ByteOrder::LittleEndian,
        }),
        members: vec![member("FALSE", 0), member("TRUE", 1)],
    }
}

/// In pieces of whole rows, or of one long row, each with its bytes sorted by place and deflated.
fn compressed(dataset: DatasetBuilder, shape: &[u64], size: u32) -> DatasetBuilder {
    let chunk = match *shape {
        [rows, columns] => vec![(CHUNK / columns.max(1)).clamp(1, rows.max(1)), columns],
        _ => shape.iter().map(|&length| length.min(CHUNK)).collect(),
    };
    let filter = |id, setting| FilterDescription {
        id,
        name: None,
        client_data: vec![setting],
    };
    dataset
        .chunked(chunk)
        .filter(filter(FILTER_SHUFFLE, size))
        .filter(filter(FILTER_DEFLATE, LEVEL))
}
