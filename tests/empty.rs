//! Nothing: the packages here exist for their tests.
