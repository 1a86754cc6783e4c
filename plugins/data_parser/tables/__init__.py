"""Structs and flags, a file per domain, all versions in one table."""
