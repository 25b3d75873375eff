"""Named numbers that say how well a service system did, measured on the records of a replication.

KPIs follow one of two rules. *Cohort*: the cases that arose in the window, followed to the end of the run;
what is undecided then is counted beside the value. *Time average*: what happened inside the window, cut at
its edges. Unless a KPI says otherwise it is about the needs that veterans have of their own accord; work
that the service plans for itself, and cases that other cases opened, appear under their own need.

Only names and definitions are loaded with this package; pandas and compiled loops are loaded when something
is measured.
"""

from simulation.kpis.evaluation import Tables, evaluate, measure
from simulation.kpis.kpi import Kpi
from simulation.kpis.registry import HEADLINE, REGISTRY, named
from simulation.kpis.window import Window

__all__ = ["HEADLINE", "REGISTRY", "Kpi", "Tables", "Window", "evaluate", "measure", "named"]
