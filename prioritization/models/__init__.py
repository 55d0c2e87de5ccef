from prioritization.models.allocation import Allocation
from prioritization.models.anchor import Anchor
from prioritization.models.basis import Basis
from prioritization.models.factor import MOST_VALUE, Factor
from prioritization.models.look import Look
from prioritization.models.override import Override
from prioritization.models.preview import ScoringPreview
from prioritization.models.rank_run import RankRun
from prioritization.models.scoring import Scoring
from prioritization.models.value_scoring import BlindScore, Scorer, ScoringEntry, ValueScoring
from prioritization.models.what_if import WhatIf

__all__ = [
    "MOST_VALUE",
    "Allocation",
    "Anchor",
    "Basis",
    "BlindScore",
    "Factor",
    "Look",
    "Override",
    "RankRun",
    "Scorer",
    "Scoring",
    "ScoringEntry",
    "ScoringPreview",
    "ValueScoring",
    "WhatIf",
]
