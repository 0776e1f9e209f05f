"""The executable specification of the KPI language: plain loops over rows in memory, one cell at a time.

It is slow and obvious on purpose, and shares with the engine only what has one meaning: the typed tree, the scalars of
``values/evaluate.py`` and the spans of ``model/frames.py``. Read it in this order: ``asking``, ``cells``, ``terms``,
``counting``, ``aggregates``, ``rows``.
"""

from support.reference.asking import Answer, Question
from support.reference.cells import Reference

__all__ = ["Answer", "Question", "Reference"]
