//! A table as Parquet: the fields that a CSV file has, typed by the data dictionary, with units and
//! meanings in the schema. Not where tables come from, and not a reader.

use crate::dictionary::{Field, Kind, dictionary_csv};
use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Float64Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Metadata, Schema, TimeUnit};
use jiff::{civil::DateTime, tz::TimeZone};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use std::io::Write;
use std::sync::Arc;

/// Rows are handed on in batches of this many.
const BATCH: usize = 8192;
/// Rows of a row group: what a reader takes at once, and a writer keeps in memory.
const GROUP: usize = 16 * BATCH;

/// A Parquet file being written, field by field.
#[derive(Debug)]
pub(crate) struct Parquet<W: Write + Send> {
    writer: ArrowWriter<W>,
    schema: Arc<Schema>,
    columns: Vec<Column>,
    next: usize,
    rows: usize,
}

/// A column's values that are not handed on yet.
#[derive(Debug)]
enum Column {
    Instant(TimestampMicrosecondBuilder),
    Text(StringBuilder),
    Whole(Int64Builder),
    Seed(UInt64Builder),
    Number(Float64Builder),
    Flag(BooleanBuilder),
}

impl<W: Write + Send> Parquet<W> {
    /// Begins the file of a table of this name.
    ///
    /// # Errors
    /// What the system says of the file.
    pub(crate) fn new(to: W, table: &str, fields: &[Field]) -> Result<Self, ParquetError> {
        let schema = Arc::new(Schema::new(fields.iter().map(schema_of).collect::<Vec<_>>()));
        let dictionary = dictionary_csv([(table, fields)]);
        let dictionary = String::from_utf8_lossy(&dictionary).into_owned();
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(GROUP))
            // For readers that do not know Arrow's own metadata.
            .set_key_value_metadata(Some(vec![KeyValue::new("dictionary".to_owned(), dictionary)]))
            .build();
        let writer = ArrowWriter::try_new(to, schema.clone(), Some(properties))?;
        let columns = fields.iter().map(Column::of).collect();
        Ok(Self { writer, schema, columns, next: 0, rows: 0 })
    }

    /// The next field of the row, as a CSV file has it; nothing is null.
    ///
    /// # Errors
    /// A text that is no value of the column's kind.
    pub(crate) fn field(&mut self, text: &[u8]) -> Result<(), ParquetError> {
        let at = self.next;
        self.next += 1;
        let taken = std::str::from_utf8(text).ok().zip(self.columns.get_mut(at));
        let taken = taken.and_then(|(text, column)| column.take(text));
        taken.ok_or_else(|| {
            let name = self.schema.fields().get(at).map_or("none", |field| field.name());
            let text = String::from_utf8_lossy(text);
            ParquetError::General(format!("column {name} cannot hold the value {text:?}"))
        })
    }

    /// Ends the row.
    ///
    /// # Errors
    /// A row that is too short, and what the system says of the file.
    pub(crate) fn end(&mut self) -> Result<(), ParquetError> {
        self.next = 0;
        self.rows += 1;
        if self.rows == BATCH { self.hand_on() } else { Ok(()) }
    }

    /// Ends the file; gives what it was written to.
    ///
    /// # Errors
    /// What the system says of the file.
    pub(crate) fn finish(mut self) -> Result<W, ParquetError> {
        self.hand_on()?;
        self.writer.into_inner()
    }

    fn hand_on(&mut self) -> Result<(), ParquetError> {
        self.rows = 0;
        let arrays = self.columns.iter_mut().map(Column::end).collect();
        self.writer.write(&RecordBatch::try_new(self.schema.clone(), arrays)?)
    }
}

impl Column {
    fn of(field: &Field) -> Self {
        match field.kind {
            Kind::Time | Kind::LocalTime => Self::Instant(
                TimestampMicrosecondBuilder::new().with_data_type(type_of(field.kind)),
            ),
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Whole => Self::Whole(Int64Builder::new()),
            Kind::Seed => Self::Seed(UInt64Builder::new()),
            Kind::Number => Self::Number(Float64Builder::new()),
            Kind::Flag => Self::Flag(BooleanBuilder::new()),
        }
    }

    /// Adds a value; nothing where the text is none.
    fn take(&mut self, text: &str) -> Option<()> {
        fn read<'a, T>(
            text: &'a str,
            as_a: impl FnOnce(&'a str) -> Option<T>,
        ) -> Option<Option<T>> {
            if text.is_empty() { Some(None) } else { as_a(text).map(Some) }
        }
        match self {
            Self::Instant(values) => values.append_option(read(text, microsecond)?),
            Self::Text(values) => values.append_option(read(text, Some)?),
            Self::Whole(values) => values.append_option(read(text, |text| text.parse().ok())?),
            Self::Seed(values) => values.append_option(read(text, |text| text.parse().ok())?),
            Self::Number(values) => values.append_option(read(text, |text| text.parse().ok())?),
            Self::Flag(values) => values.append_option(read(text, flag)?),
        }
        Some(())
    }

    /// All values since the last time.
    fn end(&mut self) -> ArrayRef {
        match self {
            Self::Instant(values) => ArrayBuilder::finish(values),
            Self::Text(values) => ArrayBuilder::finish(values),
            Self::Whole(values) => ArrayBuilder::finish(values),
            Self::Seed(values) => ArrayBuilder::finish(values),
            Self::Number(values) => ArrayBuilder::finish(values),
            Self::Flag(values) => ArrayBuilder::finish(values),
        }
    }
}

/// A civil time, read as UTC: microseconds since 1970.
fn microsecond(text: &str) -> Option<i64> {
    let civil: DateTime = text.parse().ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond())
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

fn schema_of(field: &Field) -> arrow_schema::Field {
    let told = [("unit", &field.unit), ("meaning", &field.meaning)];
    let told: Metadata = told.into_iter().filter(|(_, text)| !text.is_empty()).collect();
    arrow_schema::Field::new(&field.name, type_of(field.kind), true).with_metadata(told)
}

fn type_of(kind: Kind) -> DataType {
    match kind {
        Kind::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Kind::LocalTime => DataType::Timestamp(TimeUnit::Microsecond, None),
        Kind::Text => DataType::Utf8,
        Kind::Whole => DataType::Int64,
        Kind::Seed => DataType::UInt64,
        Kind::Number => DataType::Float64,
        Kind::Flag => DataType::Boolean,
    }
}

#[cfg(test)]
mod tests;
