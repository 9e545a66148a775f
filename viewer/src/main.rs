//! The twin in 3D.
fn main() {}
