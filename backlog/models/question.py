"""What somebody wants to know before the item is built."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.tenancy import SameOrganization, TenantModel, TenantQuerySet
from backlog.models.item import Item

MAX_QUESTION = 2_000


class QuestionQuerySet(TenantQuerySet["Question"]):
    def open(self) -> "QuestionQuerySet":
        """Those without an answer."""
        return self.filter(answered_at__isnull=True)


class Question(TenantModel):
    """Asked by somebody, waits for its owner until the due day, and is open until it is answered."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="questions")
    number = models.PositiveIntegerField()  # its name inside the item
    text = models.CharField(max_length=MAX_QUESTION)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    due_on = models.DateField(null=True, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = QuestionQuerySet.as_manager()  # type: ignore[misc]  # the stubs take an inherited manager for a class variable

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="question_number_once"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="question_answered_with_words",
            ),
            SameOrganization(field="item", name="question_item_same_organization"),
        ]
        indexes = [
            models.Index(fields=["item"], condition=Q(answered_at__isnull=True), name="question_open_of_item"),
            models.Index(fields=["owner", "organization"], condition=Q(answered_at__isnull=True), name="question_open_of_owner"),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def is_open(self) -> bool:
        return self.answered_at is None

    @property
    def number_text(self) -> str:
        """The number as paths write it, whatever the reader's language does to numbers."""
        return str(self.number)
