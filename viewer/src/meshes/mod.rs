//! What things look like: meshes made in code, one for each kind, in metres, with their foot at the
//! origin, y up and their front towards +z. Where they stand is the layout's.

pub mod cars;
pub mod edge;
pub mod energy;
pub mod ground;
pub mod marks;
pub mod shape;
pub mod town;

pub use shape::{Lamp, Paint, Shape};

const DARK: [u8; 3] = [52, 56, 62];
const STEEL: [u8; 3] = [158, 164, 170];
const CONCRETE: [u8; 3] = [176, 174, 168];
const WHITE: [u8; 3] = [236, 238, 238];
