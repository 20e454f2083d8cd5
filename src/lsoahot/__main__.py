"""``python -m lsoahot``: the command line where scripts are not on the path."""

from lsoahot.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
