"""The guest that builds one package. Started by the host as `python3 -I -S build.py`: standard input and output are the
channel, standard error is the log, and descriptors of a jobserver may follow.
"""

import gc
import os
import sys

# Compiled code is kept only where the host says, which Python can be told since 3.8.
sys.dont_write_bytecode = getattr(sys, "pycache_prefix", None) is None
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from recipe import channel, host  # noqa: E402


def main():
    gc.disable()
    channel.open_channel(log=2)
    host.is_loading = False
    from building import run

    run.watch_for_the_host()
    run.serve()


if __name__ == "__main__":
    main()
