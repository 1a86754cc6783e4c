"""YAML: answers in it, and request bodies."""

from __future__ import annotations

from typing import Any, Final, Literal

from pyslurmrestd.serializer import LIMITS, Allowance, Limits, Serializer

__all__ = ["PLUGIN", "Yaml"]


class Yaml:
    """Without a tag, every scalar is a string: conversion to numbers is left to the parsers."""

    name = "serializer/yaml"
    media_types: tuple[str, ...] = ("application/yaml", "application/x-yaml", "text/yaml")
    style: Literal["json", "yaml"] | None = "yaml"

    def parse(self, body: bytes | bytearray | memoryview, limits: Limits = LIMITS) -> Any:
        """The first document of the text. Raises MalformedText."""
        from .yaml_reader import read_yaml  # PyYAML takes a while to import

        body = bytes(body)
        limits.check_length(body, "YAML")
        return read_yaml(body, Allowance(limits))


PLUGIN: Final[Serializer] = Yaml()
