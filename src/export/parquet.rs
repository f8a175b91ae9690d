//! Parquet files of the wide and the long table, for pandas, R, `DuckDB` and the like. Written a group
//! of rows at a time; repeated texts are stored once a group.

use std::borrow::Borrow;
use std::io::Write;
use std::sync::Arc;

use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

use super::lines::Field;
use super::long;
use super::variables::{Of, Value, Variables};
use crate::account::Response;
use crate::form::Form;
use crate::lang::Lang;

/// Rows of a group: 50 columns of 80 bytes a value while it is collected are 65 MB.
const GROUP: usize = 16_384;

/// One column of a group.
enum Column {
    Text(Vec<ByteArray>),
    Whole(Vec<i64>),
    Flag(Vec<bool>),
    Decimal(Vec<f64>),
}

/// Writes the wide table. Options are their ids; what has no value is null.
///
/// # Errors
/// What the writer gives.
pub fn wide<R: Borrow<Response>>(
    variables: &Variables,
    responses: impl IntoIterator<Item = R>,
    out: &mut (dyn Write + Send),
) -> Result<(), ParquetError> {
    let fields: Vec<(&str, Physical)> =
        variables.columns.iter().map(|v| (&*v.name, physical(&v.of))).collect();
    let mut table = Table::begin(&fields, out)?;
    variables.each(responses, |_, cells| {
        for (at, (column, value)) in variables.columns.iter().zip(cells).enumerate() {
            table.push(at, &column.of, *value);
        }
        table.end_row()
    })?;
    table.finish()
}

/// Writes the tidy table.
///
/// # Errors
/// What the writer gives.
pub fn long<R: Borrow<Response>>(
    variables: &Variables,
    forms: &[Form],
    responses: impl IntoIterator<Item = R>,
    lang: Lang,
    out: &mut (dyn Write + Send),
) -> Result<(), ParquetError> {
    let physical = |name: &str| match name {
        "confidence" => Physical::DOUBLE,
        _ => Physical::BYTE_ARRAY,
    };
    let fields: Vec<(&str, Physical)> =
        long::COLUMNS.iter().map(|name| (*name, physical(name))).collect();
    let mut table = Table::begin(&fields, out)?;
    long::each(variables, forms, responses, lang, |record| {
        for (at, field) in record.iter().enumerate() {
            table.push_field(at, field);
        }
        table.end_row()
    })?;
    table.finish()
}

fn physical(of: &Of) -> Physical {
    match of {
        Of::Page | Of::Number(_) => Physical::INT64,
        Of::Chosen(..) => Physical::BOOLEAN,
        _ => Physical::BYTE_ARRAY,
    }
}

/// A table being written.
struct Table<'w> {
    writer: SerializedFileWriter<&'w mut (dyn Write + Send)>,
    /// Values of the group, and for every row whether it has one.
    columns: Vec<(Column, Vec<i16>)>,
    rows: usize,
}

impl<'w> Table<'w> {
    fn begin(
        fields: &[(&str, Physical)],
        out: &'w mut (dyn Write + Send),
    ) -> Result<Self, ParquetError> {
        let types: Result<Vec<_>, _> = fields.iter().map(|(n, p)| field(n, *p)).collect();
        let schema = Type::group_type_builder("table").with_fields(types?).build()?;
        // Statistics name the library's version nowhere else than in the writer's own line.
        let properties = WriterProperties::builder()
            .set_created_by(concat!("faxtally ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .build();
        let writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))?;
        let columns = fields.iter().map(|(_, p)| (Column::new(*p), Vec::new())).collect();
        Ok(Self { writer, columns, rows: 0 })
    }

    fn push(&mut self, at: usize, of: &Of, value: Value) {
        let Some((column, levels)) = self.columns.get_mut(at) else { return };
        let text = |t: &str| ByteArray::from(t.as_bytes().to_vec());
        let given = match (column, of, value) {
            (Column::Text(v), Of::One(_, options), Value::Option(i)) => {
                options.get(i).is_some_and(|o| {
                    v.push(text(&o.id));
                    true
                })
            }
            (Column::Text(v), _, Value::Text(t)) => {
                v.push(text(t));
                true
            }
            (Column::Text(v), _, Value::Standing(s)) => {
                v.push(text(s.word()));
                true
            }
            (Column::Whole(v), _, Value::Whole(n)) => i64::try_from(n).is_ok_and(|n| {
                v.push(n);
                true
            }),
            (Column::Flag(v), _, Value::Chosen(yes)) => {
                v.push(yes);
                true
            }
            // Nothing, and why, is in the standing's own column.
            _ => false,
        };
        levels.push(i16::from(given));
    }

    fn push_field(&mut self, at: usize, field: &Field) {
        let Some((column, levels)) = self.columns.get_mut(at) else { return };
        let given = match (column, field) {
            (Column::Text(v), Field::Text(t) | Field::Own(t)) => {
                v.push(ByteArray::from(t.as_bytes().to_vec()));
                true
            }
            (Column::Decimal(v), Field::Decimal(d)) => {
                v.push(*d);
                true
            }
            _ => false,
        };
        levels.push(i16::from(given));
    }

    fn end_row(&mut self) -> Result<(), ParquetError> {
        self.rows += 1;
        if self.rows == GROUP { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for (column, levels) in &mut self.columns {
            column.write(levels, &mut group)?;
            levels.clear();
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }

    fn finish(mut self) -> Result<(), ParquetError> {
        self.flush()?;
        self.writer.close().map(drop)
    }
}

impl Column {
    fn new(physical: Physical) -> Self {
        match physical {
            Physical::INT64 => Self::Whole(Vec::new()),
            Physical::BOOLEAN => Self::Flag(Vec::new()),
            Physical::DOUBLE => Self::Decimal(Vec::new()),
            _ => Self::Text(Vec::new()),
        }
    }

    /// Writes the group's values and forgets them.
    fn write(
        &mut self,
        levels: &[i16],
        group: &mut SerializedRowGroupWriter<'_, &mut (dyn Write + Send)>,
    ) -> Result<(), ParquetError> {
        let Some(mut writer) = group.next_column()? else { return Ok(()) };
        let levels = Some(levels);
        match self {
            Self::Text(v) => {
                writer.typed::<ByteArrayType>().write_batch(v, levels, None)?;
                v.clear();
            }
            Self::Whole(v) => {
                writer.typed::<Int64Type>().write_batch(v, levels, None)?;
                v.clear();
            }
            Self::Flag(v) => {
                writer.typed::<BoolType>().write_batch(v, levels, None)?;
                v.clear();
            }
            Self::Decimal(v) => {
                writer.typed::<DoubleType>().write_batch(v, levels, None)?;
                v.clear();
            }
        }
        writer.close()
    }
}

fn field(name: &str, physical: Physical) -> Result<Arc<Type>, ParquetError> {
    let builder =
        Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
    let builder = if physical == Physical::BYTE_ARRAY {
        builder
            .with_logical_type(Some(LogicalType::String))
            .with_converted_type(ConvertedType::UTF8)
    } else {
        builder
    };
    builder.build().map(Arc::new)
}
