"""What people said about an item, a page at a time."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404

from accounts.models import User
from accounts.selectors.people import find_people, people_who_see
from backlog.models import Comment, Item, Mention

PAGE = 20
MOST = 100
"""So many comments a page shows at once, while it stays open and more are written."""
MOST_TEXT = 64 * 1024
"""Characters of all texts on one page; a first longer one stands alone."""
MOST_NAMES = 8


@dataclass(frozen=True)
class CommentPage:
    """Comments in the order in which they were written; `first` is the number of the first, 0 where there is none; whether there are earlier ones."""

    comments: list[Comment]
    has_earlier: bool

    @property
    def first(self) -> int:
        return self.comments[0].number if self.comments else 0


def list_comments(*, item: Item, before: int | None = None, since: int | None = None) -> CommentPage:
    """The latest comments; those before a number; or all from a number on, the latest MOST of them. Two queries, however many there are."""
    comments = _comments(item).order_by("-number")
    size = PAGE
    if before is not None:
        comments = comments.filter(number__lt=before)
    if since is not None:
        comments, size = comments.filter(number__gte=since), MOST
    found: list[Comment] = []
    text = 0
    for comment in comments[: size + 1]:
        text += len(comment.text)
        if len(found) == size or (found and text > MOST_TEXT):
            break
        found.append(comment)
    found.reverse()
    return CommentPage(found, has_earlier=bool(found) and found[0].number > 1)


def _comments(item: Item) -> QuerySet[Comment]:
    called = Prefetch("mentions", Mention.objects.select_related("person"))
    return Comment.objects.for_organization(item.organization_id).filter(item=item).select_related("author").prefetch_related(called)


def get_comment(*, item: Item, number: int) -> Comment:
    """The comment of this number, or 404; a removed one too."""
    found = _comments(item).filter(number=number).first()
    if found is None:
        raise Http404("No such comment.")
    found.item = item
    return found


def list_callable(*, item: Item, words: str, most: int = MOST_NAMES) -> list[User]:
    """People who see the item and whose name fits what somebody types behind an `@`."""
    return find_people(people_who_see(organization_id=item.organization_id, team=item.team), words=words, most=most)


def told(comment: Comment) -> dict[str, Any]:
    """A comment as programs read it."""
    return {
        "number": comment.number,
        "author": comment.author.name if comment.author else None,
        "text": comment.text,
        "mentions": [str(mention.person) for mention in comment.mentions.all()],
        "written_at": comment.written_at,
        "edited_at": comment.edited_at,
        "is_removed": comment.removed_at is not None,
    }
