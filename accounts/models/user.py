"""People. They sign in by e-mail and may belong to several organizations."""

import json
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who signs in with `email`; without a password they cannot sign in until they set one."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(max_length=254, unique=True)  # always lower case
    name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_placeholder = models.BooleanField(default=False)  # a person of an imported file, without sign-in
    last_place = models.CharField(max_length=120, blank=True)  # path that `/` leads to
    key_map = models.JSONField(default=dict, blank=True)  # single keys that the person changed: the one drawn, and theirs
    joined_at = models.DateTimeField(db_default=Now(), editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower_case")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def key_map_text(self) -> str:
        """The changed keys as a page hands them to its script."""
        return json.dumps(self.key_map)

    @property
    def initial(self) -> str:
        return (self.name or self.email)[:1].upper()
