"""Tools start like stages: with the same numerics, and Ctrl-C as one line."""

import stages  # noqa: F401
