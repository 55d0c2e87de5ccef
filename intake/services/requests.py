"""Requests: sent through a team's form, accepted into its backlog or declined with a sentence."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import Team, User
from activity.errors import ConflictError, GoneError, InvalidError
from activity.services.acts import one_act, touch_topic
from activity.services.events import record
from activity.services.idempotency import run_once
from backlog.kinds import Kind
from backlog.models import Item
from backlog.models.item import Channel
from backlog.services.cleaning import clean_text
from backlog.services.items import create_item
from intake.models import Request, RequestForm
from intake.models.request import MAX_WORDS, new_token

DEFAULT_TITLE = "Tell us what is in your way"
MAX_SENTENCE = 1000
VERDICT = ("status", "item", "sentence", "verdict_by", "verdict_at")


def inbox_topic(team: Team) -> str:
    return f"inbox:{team.slug}"


def status_token(request: Request) -> str:
    """The secret part of the person's status link; made anew from the server's secret, so that the database alone gives no link away."""
    digest = salted_hmac("intake.request.status", request.nonce, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def digest_of_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@one_act()
def open_form(*, team: Team, by: User | None, title: str = DEFAULT_TITLE, intro: str = "") -> RequestForm:
    """The team's public form, made where there is none yet, and open."""
    form, is_new = RequestForm.objects.get_or_create(
        team=team, organization_id=team.organization_id, defaults={"title": title[:120], "intro": intro[:500]}
    )
    if not is_new and form.is_open:
        return form
    if not is_new:
        form.is_open = True
        form.save(update_fields=["is_open"])
    record(subject=form, verb="request_form.opened", by=by, after={"team": team.slug})
    touch_topic(organization_id=team.organization_id, key=inbox_topic(team))
    return form


@one_act()
def close_form(*, form: RequestForm, by: User | None) -> RequestForm:
    """Take no more requests; the link then says so, and those who sent one keep their status page."""
    form = _locked_form(form)
    if form.is_open:
        form.is_open = False
        form.save(update_fields=["is_open"])
        record(subject=form, verb="request_form.closed", by=by, after={"team": form.team.slug})
        touch_topic(organization_id=form.organization_id, key=inbox_topic(form.team))
    return form


@one_act()
def edit_form(*, form: RequestForm, title: str, intro: str, by: User | None) -> RequestForm:
    """Change the words above the questions."""
    form = _locked_form(form)
    title, intro = " ".join(clean_text(title, field="title").split()), clean_text(intro, field="intro").strip()
    if not title or len(title) > 120 or len(intro) > 500:
        raise InvalidError("The heading takes 1 to 120 characters, the words below it at most 500.", field="title")
    before = {"title": form.title, "intro": form.intro}
    if before == {"title": title, "intro": intro}:
        return form
    form.title, form.intro = title, intro
    form.save(update_fields=["title", "intro"])
    record(subject=form, verb="request_form.edited", by=by, before=before, after={"title": title, "intro": intro})
    touch_topic(organization_id=form.organization_id, key=inbox_topic(form.team))
    return form


def _locked_form(form: RequestForm) -> RequestForm:
    forms = RequestForm.objects.for_organization(form.organization_id).select_related("team")
    return forms.select_for_update(of=("self",), no_key=True).get(pk=form.pk)


@one_act()
def send_request(*, form: RequestForm, words: Mapping[str, Any], key: str = "") -> Request:
    """Keep what a visitor sent (`problem`, `affects`, `importance`; optional `workaround`, `contact_name`, `contact_email`).

    The same `key` again is the same request. GoneError where the form is closed, InvalidError where the words cannot be kept.
    """
    body = {name: words.get(name) for name in ("problem", "workaround", "affects", "importance", "contact_name", "contact_email")}

    def act() -> dict[str, Any]:
        return {"request": _created_request(form, words).pk}

    # Visitors share one actor (none), so the form's own secret keeps their keys apart.
    result, _ = run_once(key=f"{form.token}:{key}" if key else "", by=None, body=body, act=act)
    return Request.objects.for_organization(form.organization_id).select_related("form__team").get(pk=result["request"])


def _created_request(form: RequestForm, words: Mapping[str, Any]) -> Request:
    form = _locked_form(form)
    if not form.is_open:
        raise GoneError("This form is closed and takes no more requests. Nothing was sent.")
    problem = clean_text(str(words.get("problem") or "").strip(), field="problem")
    workaround = clean_text(str(words.get("workaround") or "").strip(), field="workaround")
    if not problem:
        raise InvalidError("Tell us what happens.", field="problem")
    if max(len(problem), len(workaround)) > MAX_WORDS:
        raise InvalidError(f"Use at most {MAX_WORDS:,} characters.", field="problem" if len(problem) > MAX_WORDS else "workaround")
    if words.get("affects") not in Request.Affects.values:
        raise InvalidError("Say who it affects.", field="affects")
    if words.get("importance") not in Request.Importance.values:
        raise InvalidError("Say how much it hurts.", field="importance")
    RequestForm.objects.for_organization(form.organization_id).filter(pk=form.pk).update(last_number=F("last_number") + 1)
    form.refresh_from_db(fields=["last_number"])
    request = Request(
        organization_id=form.organization_id,
        form=form,
        number=form.last_number,
        nonce=new_token(),
        problem=problem,
        workaround=workaround,
        affects=words["affects"],
        importance=words["importance"],
        contact_name=str(words.get("contact_name") or "")[:120],
        contact_email=str(words.get("contact_email") or "")[:254],
    )
    request.status_digest = digest_of_token(status_token(request))
    request.save(force_insert=True)
    record(subject=request, verb="request.received", by=None, after={"number": request.number, "importance": request.importance})
    touch_topic(organization_id=form.organization_id, key=inbox_topic(form.team))
    return request


@one_act()
def accept_request(*, request: Request, by: User, title: str = "", kind: str = Kind.USER_REQUEST, sentence: str = "") -> Request:
    """Make the request an item of the team's backlog; its importance is the item's demand. ConflictError where it was answered before."""
    request = _waiting(request)
    sentence = _clean_sentence(sentence)
    item = create_item(
        home=request.form.team,
        kind=kind,
        title=title.strip() or request.headline,
        description=_description(request, with_problem=kind != Kind.USER_REQUEST),
        details={"problem": request.problem} if kind == Kind.USER_REQUEST else None,
        channel=Channel.STAKEHOLDER,
        source_kind="request",
        source_ref=str(request.number),
        demand=request.importance,
        by=by,
    )
    return _answered(request, Request.Status.ACCEPTED, item=item, sentence=sentence, by=by)


@one_act()
def decline_request(*, request: Request, by: User, sentence: str) -> Request:
    """Decline with a sentence that the person reads on their status page. InvalidError without one, ConflictError where it was answered before."""
    request = _waiting(request)
    sentence = _clean_sentence(sentence)
    if not sentence:
        raise InvalidError("Write a sentence for the person who asked: why not, and what would change your mind.", field="sentence")
    return _answered(request, Request.Status.DECLINED, item=None, sentence=sentence, by=by)


@one_act()
def reopen_request(*, request: Request, by: User, cause: str = "") -> Request:
    """Let an accepted request wait for its answer again. Its item is the caller's to take away. ConflictError where it is not accepted."""
    request = _locked(request)
    if request.status != Request.Status.ACCEPTED or request.item is None:
        raise ConflictError(f"Request {request.number} is not accepted any more.")
    before = {"item": request.item.key, "sentence": request.sentence}
    request.status, request.item, request.sentence = Request.Status.NEW, None, ""
    request.verdict_by = request.verdict_at = None
    request.save(update_fields=VERDICT)
    record(subject=request, verb="request.reopened", by=by, before=before, after={"number": request.number}, cause=cause)
    touch_topic(organization_id=request.organization_id, key=inbox_topic(request.form.team))
    return request


@one_act()
def accept_again(*, request: Request, item: Item, sentence: str, by: User, cause: str = "") -> Request:
    """Give a request that waits the item back that it had become. ConflictError where it was answered meanwhile."""
    return _answered(_waiting(request), Request.Status.ACCEPTED, item=item, sentence=sentence, by=by, cause=cause)


def _locked(request: Request) -> Request:
    requests = Request.objects.for_organization(request.organization_id).select_related("form__team__key_series", "verdict_by", "item")
    return requests.select_for_update(of=("self",), no_key=True).get(pk=request.pk)


def _waiting(request: Request) -> Request:
    request = _locked(request)
    if request.status != Request.Status.NEW:
        what = f"accepted as {request.item.key}" if request.item else "declined"
        raise ConflictError(f"{request.verdict_by or 'Somebody'} already answered this request: it was {what}. Nothing was changed.")
    return request


def _clean_sentence(sentence: str) -> str:
    sentence = clean_text(sentence.strip(), field="sentence")
    if len(sentence) > MAX_SENTENCE:
        raise InvalidError(f"Use at most {MAX_SENTENCE:,} characters.", field="sentence")
    return sentence


def _description(request: Request, *, with_problem: bool) -> str:
    parts = [request.problem] if with_problem else []
    if request.workaround:
        parts.append(f"Instead, today: {request.workaround}")
    parts.append(f"Affects: {request.get_affects_display().lower()}.")
    return "\n\n".join(parts)


def _answered(request: Request, status: Request.Status, *, item: Item | None, sentence: str, by: User, cause: str = "") -> Request:
    request.status, request.item, request.sentence = status, item, sentence
    request.verdict_by, request.verdict_at = by, timezone.now()
    request.save(update_fields=VERDICT)
    after = {"number": request.number, "item": item.key if item else "", "sentence": sentence}
    record(subject=request, verb=f"request.{status}", by=by, after=after, cause=cause)
    touch_topic(organization_id=request.organization_id, key=inbox_topic(request.form.team))
    return request
