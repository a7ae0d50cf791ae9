"""`python -m processor` is the installed command `processor`."""

from processor.cli import main

if __name__ == "__main__":
    main()
