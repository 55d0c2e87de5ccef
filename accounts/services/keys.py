"""The only writer of a person's own keys. No event: they belong to a person and to no organization, and change nothing that anybody else sees."""

from django.db import transaction

from accounts.keys import ACTS, FREE, key_name, taken_by
from accounts.models import User
from activity.errors import ConflictError, InvalidError


@transaction.atomic
def change_key(*, act: str, key: str, by: User) -> dict[str, str]:
    """Give an act (the key it is drawn with) another key, for this person; the changed keys, by act.

    InvalidError for an unknown act or a key that cannot be one, ConflictError where it does something else on the same screen.
    """
    key = key.lower()
    if act not in ACTS:
        raise InvalidError("There is no such key.", field="act")
    if key not in FREE:
        raise InvalidError("A key is a letter or a sign: digits are votes, Enter and Escape are for forms.", field="key")
    person = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    other = taken_by(act, key, person.key_map)
    if other is not None:
        raise ConflictError(f"{key_name(key)} is taken: {other.label}. Give that another key first.")
    changed = {name: kept for name, kept in person.key_map.items() if name in ACTS and name != act}
    if key != act:
        changed[act] = key
    person.key_map = changed
    person.save(update_fields=["key_map"])
    return changed


def reset_keys(*, by: User) -> None:
    """All keys as they are drawn."""
    User.objects.filter(pk=by.pk).update(key_map={})
