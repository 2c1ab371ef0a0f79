//! Nothing: this package is for its benchmarks.
