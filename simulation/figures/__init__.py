"""One function per figure: frame in, figure out. Nothing is estimated here.

Frames hold means over replications, as `simulation.analysis.average` gives them: the columns that tell points
apart, and mean, half_width, lowest, highest. Ids are shown as words. `scenarios` maps the id of each scenario
to its title, the baseline first; the same mapping gives the same colours in every figure.
"""

from matplotlib.figure import Figure

from simulation.figures.choosing import standing, worth
from simulation.figures.effects import differences
from simulation.figures.equity import equity, gains
from simulation.figures.journeys import backlog, waits, waterfall, welch
from simulation.figures.ledger import ledger
from simulation.figures.money import plane
from simulation.figures.robustness import regrets, tornado, winner_map
from simulation.figures.speed import speeds
from simulation.figures.staffing import post_curves, post_values, staffing_frontier
from simulation.figures.study import CAPTIONS, COST, EFFECT, draw
from simulation.figures.style import STYLE, png, save, svg
from simulation.figures.sweep import heat_map, interactions, response_curves
from simulation.figures.workload import flows, utilisation

__all__ = [
    "CAPTIONS",
    "COST",
    "EFFECT",
    "STYLE",
    "Figure",
    "backlog",
    "differences",
    "draw",
    "equity",
    "flows",
    "gains",
    "heat_map",
    "interactions",
    "ledger",
    "plane",
    "png",
    "post_curves",
    "post_values",
    "regrets",
    "response_curves",
    "save",
    "speeds",
    "staffing_frontier",
    "standing",
    "svg",
    "tornado",
    "utilisation",
    "waits",
    "waterfall",
    "welch",
    "winner_map",
    "worth",
]
