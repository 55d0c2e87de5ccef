"""The scenarios of an item as a `.feature` file, out and in."""

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError, InvalidError
from activity.services.acts import one_act
from backlog.gherkin import MAX_CHARACTERS, decode
from backlog.permissions import readable_item
from backlog.selectors.features import feature_of
from backlog.services.features import import_feature
from backlog.views.items import show
from backlog.views.places import item_path, undo_path


class FeatureTooLargeError(InvalidError):
    """The file is larger than one is read: 413."""

    status = 413
    code = "too_large"


@require_GET
def feature_download(request: MemberRequest, key: str) -> HttpResponse:
    """The item's scenarios as a file, with their ids in tags."""
    item = readable_item(access=request.access, key=key)
    headers = {"Content-Disposition": f'attachment; filename="{item.key}.feature"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(feature_of(item), content_type="text/plain; charset=utf-8", headers=headers)


@require_POST
def feature_import(request: MemberRequest, key: str) -> HttpResponse:
    """Take a file, or the text of one, into the item's criteria; where it does not read, its text is shown to be mended."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    upload = request.FILES.get("file")
    is_large = isinstance(upload, UploadedFile) and (upload.size or 0) > MAX_CHARACTERS
    text = request.POST.get("text", "") if is_large or not isinstance(upload, UploadedFile) else decode(upload.read())
    try:
        if is_large:
            message = f"At most {MAX_CHARACTERS // 1_000_000} MB are read. Split the file. Nothing was changed."
            raise FeatureTooLargeError(message, field="file")
        with one_act() as done:
            result = import_feature(item=item, text=text, by=request.user)
    except DomainError as error:
        return show(request, readable_item(access=request.access, key=key), edit="feature", typed={"text": text}, error=error)
    if not request.htmx:
        return redirect(item_path(request, item.key))
    undo_url = undo_path(request, done.id) if result.added or result.updated else ""
    return show(request, readable_item(access=request.access, key=key), said=f"Imported: {result}.", undo_url=undo_url)
