"""Tables and figures -> one HTML file that needs nothing else. Nothing is estimated here."""

from simulation.report.checklist import Item
from simulation.report.content import ReportContent
from simulation.report.inquiry import render_inquiry, rows_in_words
from simulation.report.page import render, write

__all__ = ["Item", "ReportContent", "render", "render_inquiry", "rows_in_words", "write"]
