//! What is for sale: seats, pools, baskets and orders.

pub mod best_available;
