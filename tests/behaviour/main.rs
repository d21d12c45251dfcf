//! What a graph does when it runs, one module for each topic.

mod absence;
mod async_auto;
mod attributes;
mod binding;
mod breaks;
mod calls;
mod cancellation;
mod combinations;
mod conditions;
mod error_type;
mod failure;
mod fairness;
mod fallibility;
mod final_arm;
mod inference;
mod limit;
mod long;
mod name_errors;
mod ownership;
mod places;
mod polling;
mod result;
mod schedule;
mod send;
mod settle;
mod wide;
