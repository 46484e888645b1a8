"""What the user can mend."""

import errno

# of an OSError: no room on the disk, or no more for this user, or for one file
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class InputError(Exception):
    """Something given from outside (a parameter, a file) cannot be used; the message is one line.

    Stages and examples print it and exit with code 2, without a traceback.
    """
