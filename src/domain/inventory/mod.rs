//! What is for sale: seats, pools, baskets and orders.
