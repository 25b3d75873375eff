"""``python -m simulation.cli`` is `vetsim`."""

from simulation.cli.commands import main

if __name__ == "__main__":
    main()
