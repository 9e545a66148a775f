//! One CSV file, field by field: numbers by our own formatter, quoting by the csv crate. The first
//! error is kept, what follows it is dropped, and [`Table::finish`] tells it.

use crate::clock::Clock;
use crate::dictionary::Field;
use crate::{Error, number};
use gridtwin_kernel::SimTime;
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// A CSV file being written.
#[derive(Debug)]
pub(crate) struct Table {
    path: PathBuf,
    writer: csv::Writer<File>,
    clock: Clock,
    scratch: Vec<u8>,
    error: Option<io::Error>,
}

impl Table {
    /// Begins the file, with its header.
    pub(crate) fn create(path: PathBuf, clock: Clock, fields: &[Field]) -> Result<Self, Error> {
        let file = File::create(&path).map_err(Error::io(&path))?;
        let writer = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(file);
        let mut table = Self { path, writer, clock, scratch: Vec::new(), error: None };
        fields.iter().for_each(|field| table.text(&field.name));
        table.end();
        Ok(table)
    }

    fn field(&mut self, put: impl FnOnce(&mut Vec<u8>)) {
        if self.error.is_none() {
            self.scratch.clear();
            put(&mut self.scratch);
            let written = self.writer.write_field(&self.scratch);
            self.keep(written);
        }
    }

    fn keep(&mut self, written: csv::Result<()>) {
        if let Err(error) = written {
            self.error.get_or_insert(error.into());
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
        let mut clock = std::mem::replace(&mut self.scratch, Vec::with_capacity(32));
        for local in [false, true] {
            clock.clear();
            if local {
                self.clock.local(at, &mut clock)
            } else {
                self.clock.utc(at, &mut clock)
            }
            if self.error.is_none() {
                let written = self.writer.write_field(&clock);
                self.keep(written);
            }
        }
        self.scratch = clock;
    }

    /// Ends the row.
    pub(crate) fn end(&mut self) {
        if self.error.is_none() {
            let written = self.writer.write_record(None::<&[u8]>);
            self.keep(written);
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// The first thing that went wrong.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        let flushed = self.writer.flush();
        self.error.map_or(flushed, Err).map_err(Error::io(self.path))
    }
}
