"""The only disk: replications addressed by what made them, and results that appear whole or not at all."""

from simulation.store.files import sweep
from simulation.store.replications import Store, address
from simulation.store.results import Draft, check_writable

__all__ = ["Draft", "Store", "address", "check_writable", "sweep"]
