"""Measure the engine beside plain SimPy and Ciw: the command `vetsim benchmark`, with its options."""

import sys

from simulation.cli import app

if __name__ == "__main__":
    app(["benchmark", *sys.argv[1:]])
