from backlog.models.criterion import Criterion, Task
from backlog.models.dependency import Dependency
from backlog.models.item import Item
from backlog.models.placement import Band, Cut, Placement, StaleRank
from backlog.models.timebox import Interval, Iteration

__all__ = ["Band", "Criterion", "Cut", "Dependency", "Interval", "Item", "Iteration", "Placement", "StaleRank", "Task"]
