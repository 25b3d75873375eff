"""From what came of a study to what is read: tables, figures, report and manifest in one folder."""

from simulation.publication.folder import Publication, publish

__all__ = ["Publication", "publish"]
