"""Serializers: media types, and data read from their text."""
