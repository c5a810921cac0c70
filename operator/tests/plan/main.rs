//! The pure plan against a model of the backends.

#[cfg(test)]
mod model;
#[cfg(test)]
mod properties;
