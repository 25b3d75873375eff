"""The only disk: replications and measurements addressed by what made them; results whole or not at all."""

from simulation.store.files import refuse_link, sweep
from simulation.store.ledger import Ledger, answers_in
from simulation.store.measurements import Measurements, shelf
from simulation.store.replications import Store, address
from simulation.store.results import Draft, check_writable

__all__ = [
    "Draft",
    "Ledger",
    "Measurements",
    "Store",
    "address",
    "answers_in",
    "check_writable",
    "refuse_link",
    "shelf",
    "sweep",
]
