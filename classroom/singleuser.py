"""A learner's server: python -m classroom.singleuser OPTIONS, in the learner's account.

Puts the copy of the course into the home first, then becomes jupyterhub-singleuser.
"""

import os
import sys
from pathlib import Path

from classroom import learners


def main():
    learners.copy_course(Path.home())
    program = Path(sys.executable).with_name("jupyterhub-singleuser")
    os.execv(program, [str(program), *sys.argv[1:]])


if __name__ == "__main__":
    main()
