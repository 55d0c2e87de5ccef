"""What every view of the API asks first: does the caller belong to the organization of the path, and may the token write."""

from django.http import Http404
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import ApiToken
from accounts.permissions import find_access


class IsMember(BasePermission):
    """Puts `organization` and `access` on the request; 404 for an organization that is not the caller's, or not the token's."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not request.user.is_authenticated:
            return False  # 401 by the authentication's header
        slug = view.kwargs["organization"]
        if isinstance(request.auth, ApiToken) and request.auth.organization.slug != slug:
            raise Http404("No such organization.")
        access = find_access(user=request.user, slug=slug)
        if access is None:
            raise Http404("No such organization.")
        request.organization = access.organization  # type: ignore[attr-defined]  # see accounts.api.http.MemberApiRequest
        request.access = access  # type: ignore[attr-defined]
        return True


class TokenMayWrite(BasePermission):
    """A token without the scope `write` reads only: 403."""

    message = "This token may read only."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE_METHODS or not isinstance(request.auth, ApiToken) or request.auth.can_write
