"""`python -m leukoscope` is the `leukoscope` command."""

from leukoscope.cli.main import main

main()
