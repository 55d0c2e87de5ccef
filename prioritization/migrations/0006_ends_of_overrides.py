"""Placements say until when what people decided stands, behind a colon in the code of their reason."""

from django.db import migrations

# The soonest, where an item is kept above several.
ADD = """
UPDATE backlog_placement p SET reason = p.reason || ':' || made.until
FROM (SELECT item_id, kind, min(expires_on)::text AS until FROM prioritization_override WHERE ended_at IS NULL GROUP BY item_id, kind) AS made
WHERE made.item_id = p.item_id
  AND (p.reason, made.kind) IN (('pinned', 'pin'), ('kept_above', 'keep_above'), ('frozen', 'freeze'), ('boosted', 'boost'))
"""
REMOVE = """
UPDATE backlog_placement SET reason = split_part(reason, ':', 1)
WHERE split_part(reason, ':', 1) IN ('pinned', 'kept_above', 'frozen', 'boosted') AND reason LIKE '%:%'
"""


class Migration(migrations.Migration):
    dependencies = [("prioritization", "0005_fewer_indexes"), ("backlog", "0015_search_at_once")]

    operations = [migrations.RunSQL(ADD, REMOVE)]
