"""`python -m cowshed_gui` is `cowshed`."""

from __future__ import annotations

import sys

from cowshed_gui.entry import main

if __name__ == "__main__":
    sys.exit(main())
