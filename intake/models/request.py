"""What people without an account ask for: a team's public form, and each request that was sent through it."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Team
from accounts.tenancy import SameOrganization, TenantModel
from backlog.models import Item

MAX_WORDS = 5000


def new_token() -> str:
    """128 bits that nobody guesses, as 22 characters of an address."""
    return secrets.token_urlsafe(16)


class RequestForm(TenantModel):
    """A team's public form. Whoever has its link may send a request while it is open."""

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="request_form")
    token = models.CharField(max_length=32, unique=True, default=new_token)
    title = models.CharField(max_length=120)
    intro = models.CharField(max_length=500, blank=True)
    is_open = models.BooleanField(default=True)
    last_number = models.PositiveIntegerField(default=0)  # its row lock gives each request its number
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [SameOrganization(field="team", name="request_form_team_same_organization")]

    def __str__(self) -> str:
        return self.title


class Request(TenantModel):
    """What one person sent. Accepted it becomes an item, and from then on the item tells how it goes on."""

    class Status(models.TextChoices):
        NEW = "new", "New"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"

    class Affects(models.TextChoices):
        ME = "me", "Only me"
        TEAM = "team", "My team"
        CUSTOMERS = "customers", "Customers"

    class Importance(models.IntegerChoices):
        LITTLE = 0, "A little"
        SOME = 1, "Some"
        MUCH = 2, "A lot"
        STUCK = 3, "I am stuck"

    form = models.ForeignKey(RequestForm, on_delete=models.PROTECT, related_name="requests")
    number = models.PositiveIntegerField()
    nonce = models.CharField(max_length=32, default=new_token)  # the status link is made of it and the server's secret
    status_digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the link's token, which is stored nowhere
    problem = models.TextField()
    workaround = models.TextField(blank=True)
    affects = models.CharField(max_length=10, choices=Affects)
    importance = models.PositiveSmallIntegerField(choices=Importance)
    contact_name = models.CharField(max_length=120, blank=True)
    contact_email = models.EmailField(max_length=254, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.NEW)
    sentence = models.CharField(max_length=1000, blank=True)  # the team's words to the person
    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, blank=True, related_name="requests")
    verdict_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    verdict_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["form", "number"], name="request_number_once_a_form"),
            models.CheckConstraint(condition=Q(importance__lte=3), name="request_importance_known"),
            models.CheckConstraint(
                condition=Q(status="new", item__isnull=True, verdict_at__isnull=True)
                | Q(status="accepted", item__isnull=False, verdict_at__isnull=False)
                | (Q(status="declined", item__isnull=True, verdict_at__isnull=False) & ~Q(sentence="")),
                name="request_verdict_whole",
            ),
            SameOrganization(field="form", name="request_form_same_organization"),
            SameOrganization(field="item", name="request_item_same_organization"),
        ]
        indexes = [
            models.Index(F("form"), F("id").desc(), condition=Q(status="new"), name="request_waiting"),
        ]

    def __str__(self) -> str:
        return f"Request {self.number}"

    @property
    def weight(self) -> str:
        """Whom it affects and how much, inside a sentence."""
        how_much = self.get_importance_display()
        return f"{self.get_affects_display().lower()}, {how_much if how_much.startswith('I ') else how_much.lower()}"

    @property
    def headline(self) -> str:
        """The request in one line: its first sentence, cut at a word."""
        line = " ".join(self.problem.split())
        for mark in (". ", "? ", "! "):
            line = line.split(mark, 1)[0]
        line = line.rstrip(".")
        return line if len(line) <= 120 else f"{line[:119].rsplit(' ', 1)[0]}…"
