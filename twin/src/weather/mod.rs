//! Weather: readers of files and a synthetic sky.
