//! The procedural macro behind `conjoin::auto!`.
