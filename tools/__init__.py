"""Tools for people start as stages do: the numerics first, Ctrl-C as one line."""

import stages  # noqa: F401
