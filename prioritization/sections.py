"""The pages about a backlog's order, side by side under "Priorities". A new page adds its line here; one without an address is left out."""

from typing import NamedTuple

from accounts.roles import Verb


class Section(NamedTuple):
    """One page: shown where its URL name leads somewhere from the team or the train, to those who may do `verb` there."""

    label: str
    icon: str
    about: str
    team_name: str
    train_name: str = ""
    verb: Verb = Verb.READ


SECTIONS = [
    Section("Overview", "scale", "All pages about this order.", "prioritization:priorities", "prioritization:train-priorities"),
    Section(
        "To look at",
        "list-todo",
        "Scores and sizes that are missing, assumed or expired, those first on which most depends.",
        "prioritization:inputs",
        "prioritization:train-inputs",
    ),
    Section(
        "What if",
        "flask-conical",
        "Try other scores, sizes, links, models or weights, and see who moves.",
        "prioritization:what-if",
        "prioritization:train-what-if",
    ),
    Section(
        "How it is scored",
        "sliders-horizontal",
        "The model of each kind, its weights, and how many items have what it needs.",
        "prioritization:how-scored",
        "prioritization:train-how-scored",
    ),
    Section(
        "Value scoring",
        "vote",
        "Several people score alone; you see how far they agree, and decide.",
        "prioritization:scoring-list",
        "prioritization:train-scoring-list",
    ),
    Section(
        "Overrides",
        "pin",
        "What people decided over the computed order, what it costs, and who orders the list.",
        "prioritization:overrides",
        "prioritization:train-overrides",
    ),
    Section(
        "Between teams",
        "grid-3x3",
        "Which team waits for which, how often, and the links behind each number.",
        "backlog:dependencies",
        "backlog:train-dependencies",
    ),
    Section(
        "Goals",
        "target",
        "What the work is for, and what each goal gets of the next sprints.",
        "prioritization:goals",
        "prioritization:train-goals",
    ),
    Section(
        "Balance",
        "scale",
        "The order with a share kept for features, enablers, debt, bugs and retro actions, and its price.",
        "prioritization:balance",
        "prioritization:train-balance",
    ),
    Section(
        "What moved",
        "arrow-up-down",
        "Who crossed a line or jumped, and the edit that did it.",
        "prioritization:moved",
        "prioritization:train-moved",
    ),
    Section(
        "History",
        "history",
        "The order of an earlier day beside today's.",
        "prioritization:order-history",
        "prioritization:train-order-history",
    ),
]
