"""Routes of the API that belong to items."""

from django.urls import path

from backlog.api import advice, attachments, bulk, comments, criteria, goals, items, links, questions, stale, watching

app_name = "backlog-api"
urlpatterns = [
    path("goals/", goals.goals, name="goals"),
    path("goals/<int:number>/", goals.goal_detail, name="goal-detail"),
    path("items/", items.items, name="items"),
    path("items/bulk/", bulk.items_bulk, name="items-bulk"),
    path("items/<key:key>/", items.item_detail, name="item-detail"),
    path("items/<key:key>/advice/", advice.advice, name="advice"),
    path("items/<key:key>/criteria/", criteria.criteria, name="criteria"),
    path("items/<key:key>/criteria/<int:number>/", criteria.criterion_detail, name="criterion-detail"),
    path("items/<key:key>/links/", links.links, name="links"),
    path("items/<key:key>/links/<slug:relation>/<key:other>/", links.link_detail, name="link-detail"),
    path("items/<key:key>/feature/", criteria.feature, name="feature"),
    path("items/<key:key>/comments/", comments.comments, name="comments"),
    path("items/<key:key>/comments/<int:number>/", comments.comment_detail, name="comment-detail"),
    path("items/<key:key>/files/", attachments.files, name="files"),
    path("items/<key:key>/files/<int:number>/", attachments.file_detail, name="file-detail"),
    path("items/<key:key>/questions/", questions.questions, name="questions"),
    path("items/<key:key>/questions/<int:number>/", questions.question_detail, name="question-detail"),
    path("items/<key:key>/stale/", stale.item_stale, name="item-stale"),
    path("items/<key:key>/restore/", stale.item_restore, name="item-restore"),
    path("items/<key:key>/watching/", watching.watching, name="watching"),
    path("stale/", stale.stale_items, name="stale-items"),
]
