//! The admission webhook over real TLS: what an API server sends and gets.

mod agreement;
mod client;
mod contract;
mod mutation;
mod reload;
mod staying_up;
