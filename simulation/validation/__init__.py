"""Systems that others published, written in the project's language and set beside what was published."""

from simulation.validation.agreement import Agreement, Published, compare
from simulation.validation.health_centre import MEASURES, PUBLISHED, measure

__all__ = ["MEASURES", "PUBLISHED", "Agreement", "Published", "compare", "measure"]
