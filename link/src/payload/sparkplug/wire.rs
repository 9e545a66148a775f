//! The fields of a protobuf message, one after the other, borrowed from its bytes: nothing is
//! allocated, so that a message cannot take more memory than its own length. Not a general
//! protobuf library: messages within messages are bytes until someone asks for their fields.
//!
//! Source: protobuf.dev, "Encoding". Groups, which Sparkplug's schema does not have, are refused.

/// The fields of a message, in the order in which they were written.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

/// What a field holds, by how it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Held<'a> {
    /// An integer or a boolean.
    Varint(u64),
    /// A double.
    Eight([u8; 8]),
    /// A float.
    Four([u8; 4]),
    /// A text, bytes, or another message.
    Bytes(&'a [u8]),
}

/// The bytes are not those of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl<'a> Fields<'a> {
    /// The fields of a message that is written in these bytes.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn field(&mut self) -> Result<(u32, Held<'a>), Malformed> {
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).map_err(|_| Malformed)?;
        if number == 0 {
            return Err(Malformed);
        }
        let held = match tag & 7 {
            0 => Held::Varint(self.varint()?),
            1 => Held::Eight(self.array()?),
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
                Held::Bytes(self.bytes(length)?)
            }
            5 => Held::Four(self.array()?),
            _ => return Err(Malformed),
        };
        Ok((number, held))
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first().ok_or(Malformed)?;
            self.rest = rest;
            // Of the tenth byte one bit is left.
            if shift == 63 && *byte > 1 {
                return Err(Malformed);
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    fn bytes(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Malformed)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.bytes(N)?.try_into().map_err(|_| Malformed)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Held<'a>), Malformed>;

    /// After something malformed there is nothing more.
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_field_is_read() {
        let bytes = [0x08, 0xac, 0x02, 0x12, 2, b'h', b'i', 0x1d, 1, 2, 3, 4];
        let fields: Vec<_> = Fields::new(&bytes).collect();
        assert_eq!(
            fields,
            [
                Ok((1, Held::Varint(300))),
                Ok((2, Held::Bytes(b"hi"))),
                Ok((3, Held::Four([1, 2, 3, 4]))),
            ]
        );
        let bytes = [0x21, 1, 2, 3, 4, 5, 6, 7, 8];
        let fields: Vec<_> = Fields::new(&bytes).collect();
        assert_eq!(fields, [Ok((4, Held::Eight([1, 2, 3, 4, 5, 6, 7, 8])))]);
    }

    #[test]
    fn the_greatest_number_takes_ten_bytes_and_none_takes_eleven() {
        let mut bytes = vec![0x08];
        bytes.extend([0xff; 9]);
        bytes.push(0x01);
        assert_eq!(Fields::new(&bytes).next(), Some(Ok((1, Held::Varint(u64::MAX)))));
        bytes.pop();
        bytes.extend([0x81, 0x00]);
        assert_eq!(Fields::new(&bytes).next(), Some(Err(Malformed)));
    }

    #[test]
    fn a_length_beyond_the_end_is_refused_without_taking_memory() {
        for bytes in [
            &[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01][..],
            &[0x12, 0xff, 0xff, 0xff, 0xff, 0x07],
            &[0x12, 0x05, 1, 2],
            &[0x12],
            &[0x08],
            &[0x08, 0x80],
            &[0x0d, 1, 2, 3],
            &[0x00, 0x00],
            &[0x0b],
            &[0x0c],
            &[0x0f],
        ] {
            let fields: Vec<_> = Fields::new(bytes).collect();
            assert_eq!(fields, [Err(Malformed)], "{bytes:?}");
        }
    }
}
