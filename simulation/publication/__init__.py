"""From what came of a study to what is read: tables, figures, report and manifest in one folder."""

from simulation.publication.folder import Publication, publish
from simulation.publication.inquiry import Inquiry, publish_inquiry
from simulation.publication.least_cost import least_inquiry
from simulation.publication.nation import Nation, publish_nation
from simulation.publication.past import Past, tried_now
from simulation.publication.staffing import posts_inquiry

__all__ = [
    "Inquiry",
    "Nation",
    "Past",
    "Publication",
    "least_inquiry",
    "posts_inquiry",
    "publish",
    "publish_inquiry",
    "publish_nation",
    "tried_now",
]
