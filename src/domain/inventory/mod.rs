//! What is for sale: seats, pools, baskets and orders.

pub mod seats;
pub mod stock;
pub mod reports;
pub mod best_available;
pub mod baskets;
