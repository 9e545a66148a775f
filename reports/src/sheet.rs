//! A table that is whole in memory, as CSV and as Parquet: the results of many runs. A run's own
//! tables are written row by row while it goes on.

use crate::dictionary::Field;

/// A table: its columns, and a way to get at its cells.
#[derive(Clone, Copy, Debug)]
pub struct Sheet<'a, F> {
    /// Its name: that of its file.
    pub name: &'a str,
    /// Its columns.
    pub fields: &'a [Field],
    /// How many rows it has.
    pub rows: usize,
    /// Appends the cell of a row and a column, both from 0, as text; nothing where there is none.
    pub cell: F,
}

impl<F: Fn(usize, usize, &mut Vec<u8>)> Sheet<'_, F> {
    /// As CSV, with a header.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing to memory cannot fail.
        let _ = writer.write_record(self.fields.iter().map(|field| &field.name));
        let mut text = Vec::new();
        for row in 0..self.rows {
            for column in 0..self.fields.len() {
                text.clear();
                (self.cell)(row, column, &mut text);
                let _ = writer.write_field(&text);
            }
            let _ = writer.write_record(None::<&[u8]>);
        }
        writer.into_inner().unwrap_or_default()
    }

    /// As Parquet, with units and meanings in its schema.
    ///
    /// # Errors
    /// A cell that is no value of its column's kind.
    #[cfg(feature = "parquet")]
    pub fn to_parquet(&self) -> Result<Vec<u8>, crate::Error> {
        let written = || {
            let mut file = crate::parquet::Parquet::new(Vec::new(), self.name, self.fields)?;
            let mut text = Vec::new();
            for row in 0..self.rows {
                for column in 0..self.fields.len() {
                    text.clear();
                    (self.cell)(row, column, &mut text);
                    file.field(&text)?;
                }
                file.end()?;
            }
            file.finish()
        };
        written().map_err(crate::Error::parquet(format!("{}.parquet", self.name)))
    }
}
