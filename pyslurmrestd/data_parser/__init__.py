"""Definitions of parsers, and what is made of them: plans, the engine, input parsing."""
