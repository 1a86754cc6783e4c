"""Codecs, the parsers of single values, a file per kind of value."""
