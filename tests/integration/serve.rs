//! The admission webhook over real TLS: what an API server sends and gets.

mod agreement;
#[cfg(unix)]
mod api_server;
pub mod around;
#[cfg(unix)]
mod certificates;
pub mod client;
mod contract;
mod hostile;
#[cfg(unix)]
mod known;
mod later;
mod mutation;
mod observability;
#[cfg(unix)]
pub mod process;
#[cfg(unix)]
mod recording;
pub mod reload;
mod scale;
mod shop;
mod silence;
mod staying_up;
#[cfg(unix)]
mod traces;
pub mod watching;
