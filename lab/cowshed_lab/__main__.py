"""`python -m cowshed_lab`: the command line without the window."""

from cowshed_lab.command_line import main

raise SystemExit(main())
