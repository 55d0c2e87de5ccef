"""Who may do what: one table of role and verb, used by pages, by the API and by tests."""

from django.db import models


class Role(models.TextChoices):
    PRODUCT_OWNER = "product_owner", "Product owner"
    DEVELOPER = "developer", "Developer"
    SCRUM_MASTER = "scrum_master", "Scrum master"
    PRODUCT_MANAGER = "product_manager", "Product manager"
    RELEASE_TRAIN_ENGINEER = "release_train_engineer", "Release train engineer"
    BUSINESS_OWNER = "business_owner", "Business owner"
    STAKEHOLDER = "stakeholder", "Stakeholder"
    ADMINISTRATOR = "administrator", "Administrator"
    OBSERVER = "observer", "Observer"


class Verb(models.TextChoices):
    READ = "read"
    COMMENT = "comment"
    REQUEST = "request"
    SCORE_VALUE = "score_value"
    EDIT = "edit"  # create and change items, criteria, tasks, sizes, dependencies
    VOTE = "vote"
    FACILITATE = "facilitate"
    ORDER = "order"  # overrides, scores as the decision, statuses planned and removed
    TRIAGE = "triage"
    IMPORT = "import"
    MANAGE = "manage"  # people and settings


_READER = frozenset({Verb.READ})
_VOICE = _READER | {Verb.COMMENT, Verb.REQUEST, Verb.SCORE_VALUE}
_TEAM = _READER | {Verb.COMMENT, Verb.REQUEST, Verb.EDIT, Verb.VOTE, Verb.FACILITATE}
_OWNER = _TEAM | {Verb.SCORE_VALUE, Verb.ORDER, Verb.TRIAGE, Verb.IMPORT}

VERBS_OF: dict[Role, frozenset[Verb]] = {
    Role.PRODUCT_OWNER: _OWNER,
    Role.DEVELOPER: _TEAM,
    Role.SCRUM_MASTER: _TEAM,
    Role.PRODUCT_MANAGER: _OWNER,
    Role.RELEASE_TRAIN_ENGINEER: _TEAM | {Verb.IMPORT},
    Role.BUSINESS_OWNER: _VOICE,
    Role.STAKEHOLDER: _VOICE,
    Role.ADMINISTRATOR: _READER | {Verb.COMMENT, Verb.REQUEST, Verb.IMPORT, Verb.MANAGE},
    Role.OBSERVER: _READER,
}

# Where a role acts: product managers and release train engineers on their train and its teams, administrators everywhere, the others in their team.
TRAIN_ROLES = frozenset({Role.PRODUCT_MANAGER, Role.RELEASE_TRAIN_ENGINEER, Role.BUSINESS_OWNER})
