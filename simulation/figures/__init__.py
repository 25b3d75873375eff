"""One function per figure: frame in, figure out. Nothing is estimated here.

Frames hold means over replications, as `simulation.analysis.average` gives them: the columns that tell points
apart, and mean, half_width, lowest, highest. Ids are shown as words. `scenarios` maps the id of each scenario
to its title, the baseline first; the same mapping gives the same colours in every figure.
"""

from simulation.figures.effects import differences, equity, places
from simulation.figures.journeys import backlog, waits, waterfall
from simulation.figures.style import STYLE, save, svg
from simulation.figures.workload import flows, utilisation

__all__ = [
    "CAPTIONS",
    "STYLE",
    "backlog",
    "differences",
    "equity",
    "flows",
    "places",
    "save",
    "svg",
    "utilisation",
    "waits",
    "waterfall",
]

CAPTIONS = {
    "differences": "Each point is the change that a policy makes against the baseline, with its simultaneous "
    "interval; one that crosses the zero line shows no proven change, and one inside the grey "
    "band a change too small to matter.",
    "waits": "The height of a line is the share of cases still waiting for their first contact after so "
    "many days: the sooner it falls, the shorter the wait; the shading is the 95 % interval of "
    "the mean.",
    "waterfall": "Read from top to bottom: of all needs that arose, each orange bar takes away the cases "
    "lost for one reason, and the last bar is what was resolved.",
    "backlog": "Cases open at the end of each day, averaged over the replications; the shading reaches from "
    "the lowest to the highest replication, and the grey bands are the seasons of known surges.",
    "utilisation": "Each cell is the share of its open hours in which a team was busy in that month.",
    "flows": "The width of a band is the number of cases referred from the unit on the left to the unit on "
    "the right.",
    "equity": "Each mark is one group or tier under one policy, with the 95 % interval of its own mean; the "
    "closer the marks of one colour, the more equal the service.",
    "places": "Each line orders all places from the worst to the best served; the flatter the line, the "
    "smaller the gap between places, though chance alone gives every line some slope.",
}
