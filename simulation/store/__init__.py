"""The only disk: replications and measurements addressed by what made them; results whole or not at all."""

from simulation.store.files import clear_unfinished, refuse_link
from simulation.store.holdings import Held, flat, inventory, prune, stores, verify, write_flat
from simulation.store.ledger import Ledger, answers_in
from simulation.store.measurements import BLOCK, Measurements, Shelf, shelf
from simulation.store.replications import Store, address
from simulation.store.results import Draft, check_writable

__all__ = [
    "BLOCK",
    "Draft",
    "Held",
    "Ledger",
    "Measurements",
    "Shelf",
    "Store",
    "address",
    "answers_in",
    "check_writable",
    "clear_unfinished",
    "flat",
    "inventory",
    "prune",
    "refuse_link",
    "shelf",
    "stores",
    "verify",
    "write_flat",
]
