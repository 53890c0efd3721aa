"""Run the command as `python -m misconduct`."""

from misconduct.cli import main

main()
