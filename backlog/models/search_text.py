"""What can be found of an item: one row of weighted words beside each. The database writes it itself, whoever changes a text."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class SearchText(models.Model):
    """The words of an item's title (A), description (B) and criteria (C), without accents and of no language's grammar, and the names of its
    organization and its list (`@o7`, `@t12` or `@r3`), so that a search meets no other's rows.

    A row of its own, since it is read from two tables, which a generated column cannot be. Triggers on the columns it is read from write it:
    a change of anything else writes nothing here.
    """

    item_id = models.BigIntegerField(primary_key=True)
    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    words = SearchVectorField()

    class Meta:
        # What waits to be put into the index is read through by every search: 4 MB of it, as usual, cost one 5 ms.
        indexes = [GinIndex(fields=["words"], name="search_text_by_words", gin_pending_list_limit=256)]

    def __str__(self) -> str:
        return f"words of {self.item_id}"
