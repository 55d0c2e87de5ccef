"""The only writer of who follows an item and who looked at it. Both are a person's own: they change nothing for others and leave no event;
what was turned on is turned off by the same key."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import connection

from accounts.models import User
from activity.statements import array, write
from backlog.models import Item, ItemLook, Watcher

VISIT = timedelta(minutes=30)
"""Looks that follow each other within it are one visit: what was new at its start stays marked until it ends."""

_FOLLOW = """
    INSERT INTO backlog_watcher (organization_id, item_id, person_id, is_watching)
    SELECT %s, %s, person, true FROM unnest(%s::bigint[]) AS person ORDER BY person
    ON CONFLICT (item_id, person_id) DO NOTHING
"""
_LOOK = """
    INSERT INTO backlog_itemlook AS look (organization_id, item_id, person_id, at) VALUES (%s, %s, %s, statement_timestamp())
    ON CONFLICT (person_id, item_id) DO UPDATE SET
        before = CASE WHEN look.at < excluded.at - make_interval(secs => %s) THEN look.at ELSE look.before END,
        at = greatest(look.at, excluded.at)
    RETURNING before
"""


def set_watching(*, item: Item, person: User, is_watching: bool) -> None:
    """Follow the item, or no longer: then nothing but the person turns it on again."""
    Watcher.objects.for_organization(item.organization_id).update_or_create(
        item=item,
        person=person,
        defaults={"is_watching": is_watching},
        create_defaults={"organization_id": item.organization_id, "is_watching": is_watching},
    )


def follow(*, item: Item, people: Iterable[User | int | None]) -> None:
    """Let people who take part in the item (its author, who comments, is asked or called) follow it, but those who said no."""
    ids = {person.pk if isinstance(person, User) else person for person in people if person is not None}
    if ids:
        write(_FOLLOW, [item.organization_id, item.pk, array(ids)])


def hand_followers(*, source: Item, target: Item) -> list[int]:
    """Let those who follow one item follow another too; return who is new there."""
    watchers = Watcher.objects.for_organization(source.organization_id)
    known = set(watchers.filter(item=target).values_list("person_id", flat=True))
    fresh = sorted(set(watchers.filter(item=source, is_watching=True).values_list("person_id", flat=True)) - known)
    follow(item=target, people=fresh)
    return fresh


def take_followers(*, target: Item, people: Iterable[int]) -> None:
    """Take back what `hand_followers` returned."""
    Watcher.objects.for_organization(target.organization_id).filter(item=target, person__in=list(people), is_watching=True).delete()


def keep_look(*, item: Item, person: User) -> ItemLook:
    """Remember that the person sees the item now; the look with when the visit before this one ended. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, [item.organization_id, item.pk, person.pk, VISIT.total_seconds()])
        (before,) = cursor.fetchone()
    return ItemLook(organization_id=item.organization_id, item=item, person=person, before=before)
