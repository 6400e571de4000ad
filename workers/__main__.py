"""The command line: `pledges …`, also as `python -m workers …`."""

from workers.cli import main

if __name__ == "__main__":
    main()
