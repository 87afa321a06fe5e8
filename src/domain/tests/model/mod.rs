//! Random steps against naive models: whatever the rules do cleverly, the models do plainly.

mod line;
