"""The guest: loads recipes and answers with what they declare, one line of JSON a recipe.

Started by the host as `python3 -I -S -B main.py`. Standard input brings one request a line, standard output takes one
answer a line; what a recipe itself prints goes nowhere near them.
"""

import gc
import os
import sys

# Compiled code is kept only where the host says, which Python can be told since 3.8.
sys.dont_write_bytecode = getattr(sys, "pycache_prefix", None) is None
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from recipe import channel, session  # noqa: E402


def main():
    # What is loaded stays loaded, and syntax trees have no cycles: collecting would cost a fifth of the time for nothing.
    gc.disable()
    channel.open_channel()
    session.serve()


if __name__ == "__main__":
    main()
