"""The only disk: replications and measurements addressed by what made them; results whole or not at all."""

from simulation.store.files import sweep
from simulation.store.ledger import Ledger, answers_in
from simulation.store.measurements import BLOCK, Measurements, Shelf, shelf
from simulation.store.replications import Store, address
from simulation.store.results import Draft, check_writable

__all__ = [
    "BLOCK",
    "Draft",
    "Ledger",
    "Measurements",
    "Shelf",
    "Store",
    "address",
    "answers_in",
    "check_writable",
    "shelf",
    "sweep",
]
