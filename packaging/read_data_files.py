"""Reads TOML and YAML files and says which cannot be read: `read_data_files.py FILE…`. A pre-commit hook."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import yaml


def fault(path: Path) -> str | None:
    """Return why the file cannot be read, or None."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            tomllib.loads(text)
        else:
            list(yaml.safe_load_all(text))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        return f"{path}: {error}"
    return None


def main() -> int:
    """Look at the files named on the command line; 1 when one of them cannot be read."""
    faults = [line for name in sys.argv[1:] if (line := fault(Path(name)))]
    for line in faults:
        print(line, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
