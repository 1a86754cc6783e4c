"""Content plugins: paths and their handlers."""
