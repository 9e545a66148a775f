//! Sparkplug payloads for tests, written by hand from the schema.

#[derive(Clone, Default)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Bytes {
    pub(crate) fn varint(mut self, field: u64, value: u64) -> Self {
        self.digits(field << 3);
        self.digits(value);
        self
    }
    pub(crate) fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
        self.digits(field << 3 | 2);
        self.digits(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }
    pub(crate) fn double(mut self, field: u64, value: f64) -> Self {
        self.digits(field << 3 | 1);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }
    pub(crate) fn float(mut self, field: u64, value: f32) -> Self {
        self.digits(field << 3 | 5);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }
    fn digits(&mut self, mut value: u64) {
        while value > 0x7f {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

pub(crate) const AT: u64 = 1_700_000_000_000;

/// A metric by its name.
pub(crate) fn named(name: &str) -> Bytes {
    Bytes::default().bytes(1, name.as_bytes())
}

/// A metric by its alias.
pub(crate) fn alias(alias: u64) -> Bytes {
    Bytes::default().varint(2, alias)
}

/// A payload of these metrics.
pub(crate) fn payload(seq: u64, metrics: &[Bytes]) -> Vec<u8> {
    let bytes = Bytes::default().varint(1, AT);
    metrics.iter().fold(bytes, |bytes, metric| bytes.bytes(2, &metric.0)).varint(3, seq).0
}

/// The death certificate of the birth with this number.
pub(crate) fn death(bd_seq: u64) -> Vec<u8> {
    Bytes::default().bytes(2, &named("bdSeq").varint(4, 4).varint(11, bd_seq).0).0
}
