"""The stream that tells a page what changed."""

from django.db import connection
from django.http import Http404, StreamingHttpResponse
from django.views.decorators.http import require_GET

from accounts.http import MemberRequest
from accounts.topics import issue_pass
from activity.live import may_hear, parse_topics
from activity.streams import Stream


@require_GET
def live(request: MemberRequest) -> StreamingHttpResponse:
    """Tell newer versions of `?t=topic=shown&t=...` as they come. 400 for what is no topic, 404 for one that is not theirs.

    The permission check is synchronous, in the request's thread; the answer streams without thread and without connection.
    """
    shown = parse_topics(request.GET.getlist("t"))
    if not all(may_hear(request.access, topic) for topic in shown):
        raise Http404("No such topic.")
    stream = Stream(organization_id=request.organization.pk, shown=shown, pass_=issue_pass(request, request.access))
    if not connection.in_atomic_block:  # as it is in a test's transaction
        connection.close()  # else it would be held until the stream ends
    return StreamingHttpResponse(
        stream.lines(), content_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
