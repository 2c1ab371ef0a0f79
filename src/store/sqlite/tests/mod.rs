//! What only the inside can show.

mod returning;
mod workers;
