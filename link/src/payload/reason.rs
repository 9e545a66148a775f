//! Why a message cannot be read, each reason a sentence for people.

/// Why a message cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Reason {
    /// More than [`super::PAYLOAD_MAX`] bytes.
    #[error("the message is longer than 1 MiB")]
    TooLong,
    /// More than [`super::VALUES_MAX`] values.
    #[error("the message has more than 65,536 values")]
    TooMany,
    /// JSON nested deeper than [`super::DEPTH_MAX`].
    #[error("the JSON text is nested more than 16 levels deep")]
    TooDeep,
    /// Not UTF-8.
    #[error("the message is not text (UTF-8)")]
    NotText,
    /// Something else where a number was expected.
    #[error("the text is not a number")]
    NotNumber,
    /// As in "1,5": it could mean one and a half, or fifteen.
    #[error("the number has a comma: use a decimal point, and no thousands separator")]
    Comma,
    /// NaN, infinite, or out of a double's range.
    #[error("the number is not finite")]
    NotFinite,
    /// Not a JSON text.
    #[error("the message is not JSON")]
    NotJson,
    /// The JSON text has nothing at the path that was asked for.
    #[error("the message has no value at this path")]
    Missing,
    /// An object, a list, a boolean or a text where there should be a number, or the reverse.
    #[error("the value at this path is not a number")]
    WrongShape,
    /// The channel that was asked for is not among those in the message.
    #[error("the message has no separate value for this channel")]
    NoChannel,
    /// Several objects could be the smart meter's.
    #[error("several objects look like a smart meter's: name one of them with `object`")]
    Ambiguous,
    /// Not a protobuf message.
    #[error("the message is not a Sparkplug B payload (protobuf)")]
    NotProtobuf,
    /// Data of a Sparkplug node or device without a known birth certificate.
    #[error(
        "the birth certificate of the node or device was not received; a new one was requested"
    )]
    NotBorn,
}
