//! One table, field by field, into a CSV file, a Parquet file or both: numbers by our own formatter,
//! quoting by the csv crate. Both hold the same figures. The first error is kept, what follows it is
//! dropped, and [`Table::finish`] tells it.

use crate::clock::Clock;
use crate::dictionary::Field;
use crate::directory::Directory;
#[cfg(feature = "parquet")]
use crate::parquet::Parquet;
use crate::{Error, Format, number};
use gridtwin_kernel::SimTime;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;

/// A table being written.
#[derive(Debug)]
pub(crate) struct Table {
    csv: Option<Written<csv::Writer<File>>>,
    #[cfg(feature = "parquet")]
    parquet: Option<Written<Parquet<File>>>,
    clock: Clock,
    scratch: Vec<u8>,
    error: Option<Error>,
}

/// A file and where it is.
#[derive(Debug)]
struct Written<F> {
    path: PathBuf,
    file: F,
}

impl<F> Written<F> {
    fn new(path: PathBuf, by: impl FnOnce(File) -> Result<F, Error>) -> Result<Self, Error> {
        let file = File::create(&path).map_err(Error::io(&path))?;
        Ok(Self { file: by(file)?, path })
    }
}

impl Table {
    /// Begins the files of a table of this name.
    pub(crate) fn create(
        dir: &Directory,
        name: &str,
        clock: Clock,
        fields: &[Field],
        formats: &BTreeSet<Format>,
    ) -> Result<Self, Error> {
        let csv = formats.contains(&Format::Csv).then(|| {
            let path = dir.path(&format!("{name}.csv"));
            Written::new(path.clone(), |file| {
                let mut file = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(file);
                let header = file.write_record(fields.iter().map(|field| &field.name));
                header.map_err(Error::csv(path))?;
                Ok(file)
            })
        });
        #[cfg(feature = "parquet")]
        let parquet = formats.contains(&Format::Parquet).then(|| {
            let path = dir.path(&format!("{name}.parquet"));
            Written::new(path.clone(), |file| {
                Parquet::new(file, name, fields).map_err(Error::parquet(path))
            })
        });
        Ok(Self {
            csv: csv.transpose()?,
            #[cfg(feature = "parquet")]
            parquet: parquet.transpose()?,
            clock,
            scratch: Vec::new(),
            error: None,
        })
    }

    /// Puts a field together, and into the files.
    fn field(&mut self, put: impl FnOnce(&mut Vec<u8>)) {
        if self.error.is_none() {
            self.scratch.clear();
            put(&mut self.scratch);
            self.write();
        }
    }

    /// Puts what is in the scratch into the files.
    fn write(&mut self) {
        if let Some(csv) = &mut self.csv
            && let Err(error) = csv.file.write_field(&self.scratch)
        {
            self.error = Some(Error::csv(&csv.path)(error));
        }
        #[cfg(feature = "parquet")]
        if let Some(parquet) = &mut self.parquet
            && let Err(error) = parquet.file.field(&self.scratch)
        {
            self.error.get_or_insert(Error::parquet(&parquet.path)(error));
        }
    }

    /// A text.
    pub(crate) fn text(&mut self, text: &str) {
        self.field(|out| out.extend_from_slice(text.as_bytes()));
    }

    /// A text made of a name and a number: a device.
    pub(crate) fn numbered(&mut self, name: &str, value: u64) {
        self.field(|out| {
            out.extend_from_slice(name.as_bytes());
            out.push(b'-');
            number::integer(out, value);
        });
    }

    /// Several texts.
    pub(crate) fn texts(&mut self, texts: &[&str]) {
        texts.iter().for_each(|text| self.text(text));
    }

    /// A count.
    pub(crate) fn count(&mut self, value: impl Into<u64>) {
        let value = value.into();
        self.field(|out| number::integer(out, value));
    }

    /// A yes or no, as 1 or 0.
    pub(crate) fn flag(&mut self, value: bool) {
        self.count(u64::from(value));
    }

    /// The shortest text that reads back as the same number.
    pub(crate) fn exact(&mut self, value: f64) {
        self.field(|out| number::shortest(out, value));
    }

    /// At most so many places.
    pub(crate) fn fixed(&mut self, value: f64, decimals: usize) {
        self.field(|out| number::fixed(out, value, decimals));
    }

    /// Six significant digits: for what may be very small.
    pub(crate) fn significant(&mut self, value: f64) {
        self.field(|out| number::significant(out, value, 6));
    }

    /// Nothing.
    pub(crate) fn empty(&mut self) {
        self.field(|_| {});
    }

    /// The time in UTC and on the site's clock: two fields.
    pub(crate) fn time(&mut self, at: SimTime) {
        for put in [Clock::utc, Clock::local] {
            if self.error.is_none() {
                self.scratch.clear();
                put(&mut self.clock, at, &mut self.scratch);
                self.write();
            }
        }
    }

    /// Ends the row.
    pub(crate) fn end(&mut self) {
        if self.error.is_some() {
            return;
        }
        if let Some(csv) = &mut self.csv
            && let Err(error) = csv.file.write_record(None::<&[u8]>)
        {
            self.error = Some(Error::csv(&csv.path)(error));
        }
        #[cfg(feature = "parquet")]
        if let Some(parquet) = &mut self.parquet
            && let Err(error) = parquet.file.end()
        {
            self.error.get_or_insert(Error::parquet(&parquet.path)(error));
        }
    }

    /// Whether something could not be written.
    pub(crate) fn has_failed(&self) -> bool {
        self.error.is_some()
    }

    /// Ends the files.
    ///
    /// # Errors
    /// The first thing that went wrong.
    pub(crate) fn finish(self) -> Result<(), Error> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if let Some(mut csv) = self.csv {
            csv.file.flush().map_err(Error::io(csv.path))?;
        }
        #[cfg(feature = "parquet")]
        if let Some(parquet) = self.parquet {
            parquet.file.finish().map_err(Error::parquet(parquet.path))?;
        }
        Ok(())
    }
}
