"""Tables and figures -> one HTML file that needs nothing else. Nothing is estimated here."""

from simulation.report.content import KpiText, ReportContent
from simulation.report.page import render, write

__all__ = ["KpiText", "ReportContent", "render", "write"]
