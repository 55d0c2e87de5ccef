"""What a train decided of all kinds was about its own list: its teams follow it from here on. So it is said of epics and features by name, and what
started keeps the number of its version, now that the train's are counted too.
"""

from django.db import migrations

OWN_KINDS = """
INSERT INTO backlog_readyrule (organization_id, about, train_id, kind, code, is_asked, text, ceiling)
SELECT r.organization_id, r.about, r.train_id, k.kind, r.code, r.is_asked, r.text, r.ceiling
FROM backlog_readyrule r CROSS JOIN (VALUES ('epic'), ('feature')) k (kind) WHERE r.train_id IS NOT NULL AND r.kind = ''
ON CONFLICT DO NOTHING;
DELETE FROM backlog_readyrule WHERE train_id IS NOT NULL AND kind = '';
"""
# The version that a number meant is the row before which as many stand: the same row, counted with those of the train.
NUMBERS = """
UPDATE backlog_definitionsnapshot s SET number = s.number + (
    SELECT count(*) FROM backlog_definitionversion v WHERE v.train_id = t.train_id AND v.about = s.about AND v.id < (
        SELECT w.id FROM backlog_definitionversion w
        WHERE w.organization_id = s.organization_id AND w.about = s.about AND w.train_id IS NULL AND (w.team_id IS NULL OR w.team_id = t.id)
        ORDER BY w.id OFFSET s.number - 2 LIMIT 1))
FROM backlog_item i JOIN accounts_team t ON t.id = i.team_id WHERE i.id = s.item_id AND s.number > 1
"""
NUMBERS_BACK = """
UPDATE backlog_definitionsnapshot s SET number = s.number - (
    SELECT count(*) FROM backlog_definitionversion v WHERE v.train_id = t.train_id AND v.about = s.about AND v.id <= (
        SELECT w.id FROM backlog_definitionversion w
        WHERE w.organization_id = s.organization_id AND w.about = s.about
              AND (w.train_id IS NULL OR w.train_id = t.train_id) AND (w.team_id IS NULL OR w.team_id = t.id)
        ORDER BY w.id OFFSET s.number - 2 LIMIT 1))
FROM backlog_item i JOIN accounts_team t ON t.id = i.team_id WHERE i.id = s.item_id AND s.number > 1
"""


class Migration(migrations.Migration):
    dependencies = [("backlog", "0015_search_at_once")]

    operations = [
        migrations.RunSQL(OWN_KINDS, migrations.RunSQL.noop),  # lines of each kind mean the same before
        migrations.RunSQL(NUMBERS, NUMBERS_BACK),
    ]
