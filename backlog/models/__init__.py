from backlog.models.advice import DismissedAdvice
from backlog.models.attachment import Attachment
from backlog.models.comment import Comment, Mention
from backlog.models.criterion import Criterion, Task
from backlog.models.dependency import Dependency, DismissedHint
from backlog.models.goal import Goal
from backlog.models.item import Item
from backlog.models.list_layout import ListLayout
from backlog.models.moves import CutMove, RankCause, RankMove
from backlog.models.placement import Band, Cut, ListMode, Placement, StaleRank
from backlog.models.question import Question
from backlog.models.readiness import About, DefinitionSnapshot, DefinitionVersion, ReadyMark, ReadyRule
from backlog.models.review import StaleItem, StaleRule, Tombstone
from backlog.models.saved_view import SavedView
from backlog.models.search_text import SearchText
from backlog.models.timebox import Interval, Iteration
from backlog.models.watcher import ItemLook, Watcher

__all__ = [
    "About",
    "Attachment",
    "Band",
    "Comment",
    "Criterion",
    "Cut",
    "CutMove",
    "DefinitionSnapshot",
    "DefinitionVersion",
    "Dependency",
    "DismissedAdvice",
    "DismissedHint",
    "Goal",
    "Interval",
    "Item",
    "ItemLook",
    "Iteration",
    "ListLayout",
    "ListMode",
    "Mention",
    "Placement",
    "Question",
    "RankCause",
    "RankMove",
    "ReadyMark",
    "ReadyRule",
    "SavedView",
    "SearchText",
    "StaleItem",
    "StaleRank",
    "StaleRule",
    "Task",
    "Tombstone",
    "Watcher",
]
