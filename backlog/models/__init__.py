from backlog.models.criterion import Criterion, Task
from backlog.models.dependency import Dependency
from backlog.models.item import Item
from backlog.models.placement import Cut, Placement, StaleRank
from backlog.models.timebox import Interval, Iteration

__all__ = ["Criterion", "Cut", "Dependency", "Interval", "Item", "Iteration", "Placement", "StaleRank", "Task"]
