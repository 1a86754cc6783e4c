"""Paths and operations as data, and the OpenAPI document made from them."""
