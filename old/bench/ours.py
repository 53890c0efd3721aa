"""Serves as `misconduct serve` does, from a database that is loaded: `python -m bench.ours PORT WORKERS`."""

from __future__ import annotations

import os
import sys

from misconduct.serving import run

if __name__ == "__main__":
    run(
        os.environ["MISCONDUCT_DATABASE_URL"],
        host="127.0.0.1",
        port=int(sys.argv[1]),
        workers=int(sys.argv[2]),
        drafts=False,
    )
