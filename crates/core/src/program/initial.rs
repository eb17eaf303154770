//! The initial bytes of a location.

use std::ops::{Deref, DerefMut};

use super::layout::SCALAR;

/// Bytes, those of a scalar without memory of their own: nearly every location is one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum InitialBytes {
    /// Of a location that is no array.
    Scalar([u8; SCALAR]),
    /// Of all elements.
    Array(Box<[u8]>),
}

impl Deref for InitialBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            InitialBytes::Scalar(bytes) => bytes,
            InitialBytes::Array(bytes) => bytes,
        }
    }
}

impl DerefMut for InitialBytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        match self {
            InitialBytes::Scalar(bytes) => bytes,
            InitialBytes::Array(bytes) => bytes,
        }
    }
}
