"""The question whether somebody who asked for an item still needs it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.tenancy import SameOrganization, TenantModel
from intake.models.request import Request


class NeedQuestion(TenantModel):
    """Asked of the person behind one request, answered once on their status page."""

    class Answer(models.TextChoices):
        YES = "yes", "Yes, I still need it"
        NO = "no", "No, not any more"

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="need_questions")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    answer = models.CharField(max_length=3, choices=Answer, blank=True)
    words = models.CharField(max_length=1000, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request"], condition=Q(answer=""), name="need_question_open_once_a_request"),
            models.CheckConstraint(condition=Q(answer__in=["", "yes", "no"]), name="need_question_answer_known"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, words="") | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="need_question_answered_whole",
            ),
            SameOrganization(field="request", name="need_question_request_same_organization"),
        ]

    def __str__(self) -> str:
        return self.answer or "open"
