//! What a single member refuses, whatever it is sent.
