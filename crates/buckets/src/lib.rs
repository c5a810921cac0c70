//! The one place that speaks S3: buckets and their settings, presigned links, and what functions do with objects.
//!
//! Paths are in path style, so that any S3 will do: AWS's, a server of one's own, or the store that `threadly` embeds.

mod client;
mod config;
mod error;
mod objects;
mod presign;
mod settings;

pub use client::Buckets;
pub use config::{S3Args, S3Config, SecretText};
pub use error::BucketsError;
pub use objects::{Head, Object, Served};
pub use presign::{Presigned, Upload};
pub use settings::BucketSettings;

/// Where clients put what has not been looked at yet; it expires by itself after one to two days.
pub const INCOMING: &str = "incoming/";
