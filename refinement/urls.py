"""Pages of refinement, below `/<organization>/`."""

from django.urls import URLPattern, URLResolver, include, path

from refinement.views import agenda, ballots, criteria, questions, rounds, sessions

app_name = "refinement"

_round: list[URLPattern | URLResolver] = [
    path("vote/", rounds.round_vote, name="round-vote"),
    path("withdraw/", rounds.round_withdraw, name="round-withdraw"),
    path("reveal/", rounds.round_reveal, name="round-reveal"),
    path("again/", rounds.round_again, name="round-again"),
    path("agree/", rounds.round_agree, name="round-agree"),
]

_session: list[URLPattern | URLResolver] = [
    path("", sessions.session_detail, name="session-detail"),
    path("board/", sessions.session_board, name="session-board"),
    path("presence/", sessions.session_presence, name="session-presence"),
    path("start/", sessions.session_start, name="session-start"),
    path("end/", sessions.session_end, name="session-end"),
    path("lead/", sessions.session_lead, name="session-lead"),
    path("agenda/", agenda.entry_new, name="entry-new"),
    path("<key:key>/go/", agenda.entry_go, name="entry-go"),
    path("<key:key>/skip/", agenda.entry_skip, name="entry-skip"),
    path("<key:key>/criteria/", criteria.session_criteria, name="session-criteria"),
    path("<key:key>/criteria/add/", criteria.session_criterion_add, name="session-criterion-add"),
    path("<key:key>/questions/", questions.session_questions, name="session-questions"),
    path("<key:key>/questions/ask/", questions.session_ask, name="session-ask"),
    path("<key:key>/questions/<int:question>/", questions.session_answer, name="session-answer"),
    path("<key:key>/rounds/<int:round_number>/", include(_round)),
]

urlpatterns = [
    path("sessions/<int:number>/", include(_session)),
    path("<short:team>/ballots/", ballots.ballot_list, name="ballot-list"),
    path("<short:team>/ballots/new/", ballots.ballot_new, name="ballot-new"),
    path("<short:team>/ballots/<int:number>/", ballots.ballot_detail, name="ballot-detail"),
    path("<short:team>/ballots/<int:number>/close/", ballots.ballot_close, name="ballot-close"),
    path("<short:team>/ballots/<int:number>/<key:key>/", ballots.ballot_vote, name="ballot-vote"),
    path("<short:team>/sessions/", sessions.session_list, name="session-list"),
]
