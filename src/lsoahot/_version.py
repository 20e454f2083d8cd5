"""The version, which anyone may print."""

__version__ = "0.1.0"
