"""The data_parser plugins v0.0.40 to v0.0.45: one set of tables, a range on each row."""
