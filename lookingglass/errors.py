"""What a user can fix."""


class InputError(Exception):
    """Something given from outside (a parameter, a file) cannot be used; the message is one line.

    Stages and examples print it and exit with code 2, without a traceback.
    """
