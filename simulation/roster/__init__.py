"""Who is really there: the posts of a layout, held, empty or away from, in one replication."""

from simulation.roster.duty import Duty, make_duty
from simulation.roster.posts import Spell, hold_post
from simulation.roster.roster import Roster, make_roster

__all__ = ["Duty", "Roster", "Spell", "hold_post", "make_duty", "make_roster"]
