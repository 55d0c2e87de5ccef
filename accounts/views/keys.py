"""A person's own keys, for the help that lists them."""

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from accounts.http import MemberRequest
from accounts.services.keys import change_key, reset_keys
from activity.errors import DomainError


@require_POST
def key_change(request: MemberRequest) -> HttpResponse:
    """Give `act` the `key`, or put all back (`reset`). Answers with the person's changed keys, or why not, as JSON: the help is drawn by its script."""
    if "reset" in request.POST:
        reset_keys(by=request.user)
        return JsonResponse({"keys": {}})
    try:
        return JsonResponse({"keys": change_key(act=request.POST.get("act", ""), key=request.POST.get("key", ""), by=request.user)})
    except DomainError as error:
        return JsonResponse({"message": error.message}, status=error.status)
