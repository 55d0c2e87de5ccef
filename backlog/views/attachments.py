"""Files of an item: a fragment of its page, uploads, and the bytes, handed out by nobody but this view, and never to be shown in the page."""

from collections.abc import Iterable
from typing import IO, Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import get_conditional_response
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError, InvalidError, NotAllowedError
from activity.http import answer, once
from activity.live import topic_version
from activity.services.acts import one_act
from backlog.files import ALLOWED, PICTURES
from backlog.http import HARMLESS, hand_out
from backlog.models import Attachment, Item
from backlog.permissions import may_comment, readable_item, require_comment
from backlog.selectors.attachments import get_attachment, list_attachments
from backlog.services.attachments import TooLargeError, add_attachment, remove_attachment, thumbnail_path_of
from backlog.views.places import item_path, place_of, undo_path

PAGE = "backlog/item_files.html"
BODY_ROOM = 64 * 1024  # what a browser sends around the files
AT_ONCE = 5
"""Files of one upload that may each be as large as one may be."""
ICONS = {"image": "image", "video": "film", "text": "file-text", "application/zip": "file-archive"}


@csrf_exempt  # checked by _files: the guard reads the body, and a body too large must be refused before anybody reads it
@require_http_methods(["GET", "HEAD", "POST"])
def item_files(request: HttpRequest, key: str) -> HttpResponseBase:
    """The files of the item; a POST attaches those it brings. 413 for what is too large, 415 for what is of no type that may be attached."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not str(length).isdigit() or int(length) > AT_ONCE * settings.ATTACHMENT_MAX_BYTES + BODY_ROOM:
        member = cast("MemberRequest", request)
        return _show(member, readable_item(access=member.access, key=key), error=TooLargeError())
    return _files(cast("MemberRequest", request), key)


@csrf_protect
def _files(request: MemberRequest, key: str) -> HttpResponse:
    item = readable_item(access=request.access, key=key)
    if request.method != "POST":
        return _show(request, item)
    require_comment(request.access, item)
    uploads = request.FILES.getlist("file")

    def attach() -> dict[str, Any]:
        if not uploads:
            raise InvalidError("Choose a file first.", field="file")
        return {"numbers": [_attach(request, item, upload).number for upload in uploads]}

    try:
        with one_act() as done:
            once(request, attach)
    except DomainError as error:
        return _show(request, readable_item(access=request.access, key=key), error=error)
    if not request.htmx:
        return redirect(item_path(request, key, "files"))
    said = f"Attached {len(uploads)} file{'' if len(uploads) == 1 else 's'}."
    return _show(request, readable_item(access=request.access, key=key), said=said, undo_url=undo_path(request, done.id))


def _attach(request: MemberRequest, item: Item, upload: "UploadedFile[Any]") -> Attachment:
    file = cast("IO[bytes]", upload.file)
    return add_attachment(item=item, name=upload.name or "", file=file, size=upload.size or 0, by=request.user)


def _show(request: MemberRequest, item: Item, *, error: DomainError | None = None, **more: Any) -> HttpResponse:
    place = place_of(request, item)
    files, version = list_attachments(item), 0
    if _is_waiting(files):
        version = topic_version(organization_id=item.organization_id, topic=f"files:{item.key}")
        files = list_attachments(item)  # read after: the page is never older than it says
    may_edit = request.access.may(Verb.EDIT, place.home)
    rows = [{"file": file, "icon": _icon(file), "may_remove": may_edit or file.added_by_id == request.user.pk} for file in files]
    context = {
        "item": item,
        "item_url": item_path(request, item.key),
        "list_url": place.path("list"),
        "home": place.home,
        "rows": rows,
        "is_waiting": _is_waiting(files),
        "version": version,
        "may_attach": may_comment(request.access, item),
        "accept": ",".join(f".{ending}" for ending in ALLOWED),
        "most": settings.ATTACHMENT_MAX_BYTES // 2**20,
        "error": error,
        **more,
    }
    return answer(request, PAGE, "panel", status=error.status if error else None, **context)


def _is_waiting(files: Iterable[Attachment]) -> bool:
    """Whether a thumbnail of theirs is still to be drawn."""
    return any(file.media_type in PICTURES and file.thumbnail_width is None for file in files)


def _icon(file: Attachment) -> str:
    return ICONS.get(file.media_type) or ICONS.get(file.media_type.partition("/")[0], "file")


@require_POST
def file_remove(request: MemberRequest, key: str, number: int) -> HttpResponse:
    """Take a file away; an undo brings it back."""
    item = readable_item(access=request.access, key=key)
    attachment = get_attachment(item=item, number=number)
    if attachment.added_by_id != request.user.pk and not request.access.may(Verb.EDIT, item.team or item.train):
        raise NotAllowedError("Only who attached a file, or who edits the item, removes it.")
    try:
        with one_act() as done:
            remove_attachment(attachment=attachment, by=request.user)
    except DomainError as error:
        return _show(request, readable_item(access=request.access, key=key), error=error)
    if not request.htmx:
        return redirect(item_path(request, key, "files"))
    fresh = readable_item(access=request.access, key=key)
    return _show(request, fresh, said=f"“{attachment.name}” is gone.", undo_url=undo_path(request, done.id))


@require_safe
def file_download(request: MemberRequest, key: str, number: int) -> HttpResponseBase:
    """The bytes, as a file to be saved: of the type that their content has, never guessed, and without any right in a browser."""
    item = readable_item(access=request.access, key=key)
    attachment = get_attachment(item=item, number=number)
    return hand_out(attachment, is_head=request.method == "HEAD", is_async=isinstance(request, ASGIRequest))


@require_safe
def file_thumbnail(request: MemberRequest, key: str, number: int) -> HttpResponseBase:
    """A small picture that we drew of an attached one; 404 where there is none. A browser keeps it and asks each time whether it may show it."""
    item = readable_item(access=request.access, key=key)
    attachment = get_attachment(item=item, number=number)
    etag = f'"{attachment.ref.hex}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        try:
            content = thumbnail_path_of(attachment).read_bytes()
        except FileNotFoundError as error:
            raise Http404("No thumbnail of this file.") from error
        response = HttpResponse(content, content_type="image/webp", headers=HARMLESS)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response
