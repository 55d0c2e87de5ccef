"""The scenarios of an item as a `.feature` file."""

from backlog.gherkin import join
from backlog.models import Criterion, Item
from backlog.selectors.items import list_criteria


def criterion_id(item: Item, number: int) -> str:
    """What names a criterion in a file for good: “CHK-231.4”."""
    return f"{item.key}.{number}"


def feature_of(item: Item) -> str:
    """The item's criteria as the text of a `.feature` file: each scenario under its id, what is none in comments at the end."""
    rows = list_criteria(item)
    scenarios = [(criterion_id(item, row.number), row.text) for row in rows if row.form == Criterion.Form.GHERKIN]
    others = [row.text for row in rows if row.form != Criterion.Form.GHERKIN]
    return join(name=" ".join(item.title.split()), id_=item.key, texts=scenarios, others=others)
