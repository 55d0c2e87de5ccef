import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models


# Letters and digits stay, so that what is searched and what is typed are cut into the same words and no operator is ever read.
CLEANED = r"""
    CREATE FUNCTION backlog_search_text(given text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT translate(public.unaccent(normalize(given)), '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32))
    $$
"""
WORDS = """
    CREATE FUNCTION backlog_search_words(organization_id bigint, team_id bigint, train_id bigint, title text, description text, criteria text)
    RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT array_to_tsvector(ARRAY['@o' || organization_id, coalesce('@t' || team_id, '@r' || train_id)])
            || setweight(to_tsvector('pg_catalog.simple', public.backlog_search_text(title)), 'A')
            || setweight(to_tsvector('pg_catalog.simple', public.backlog_search_text(description)), 'B')
            || setweight(to_tsvector('pg_catalog.simple', public.backlog_search_text(left(criteria, 65536))), 'C')
    $$
"""
# What is typed, as a query within `home`: all of the words, the last of which may only begin one; nothing where there is no word.
QUERY = """
    CREATE FUNCTION backlog_search_query(given text, home text, weights text) RETURNS tsquery LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT home::tsquery && to_tsquery('pg_catalog.simple', string_agg(
            '''' || word || ''':' || CASE WHEN number = last THEN '*' ELSE '' END || weights, ' & '))
        FROM (
            SELECT word, number, max(number) OVER () AS last
            FROM regexp_split_to_table(public.backlog_search_text(given), '\\s+') WITH ORDINALITY AS parts (word, number)
            WHERE word <> ''
        ) AS words
    $$
"""
REWRITTEN = """
    UPDATE backlog_searchtext s SET words = backlog_search_words(
        i.organization_id, i.team_id, i.train_id, i.title, i.description,
        coalesce((SELECT string_agg(c.text, ' ') FROM backlog_criterion c WHERE c.item_id = i.id), '')
    ) FROM backlog_item i WHERE i.id = s.item_id AND i.id
"""


def trigger(table, name, event, act, rows="", condition=""):
    """What makes and drops a trigger: once a statement that sees its `rows`, or else once a row on a condition."""
    each = f"REFERENCING {rows} FOR EACH STATEMENT" if rows else f"FOR EACH ROW WHEN ({condition})"
    return migrations.RunSQL(
        f"""
        CREATE FUNCTION {table}_{name}() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$ BEGIN {act}; RETURN NULL; END $$;
        CREATE TRIGGER {name} AFTER {event} ON {table} {each} EXECUTE FUNCTION {table}_{name}()
        """,
        f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {table}_{name}()",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('backlog', '0008_fewer_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchText',
            fields=[
                ('item_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('words', django.contrib.postgres.search.SearchVectorField()),
                ('organization', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.organization')),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['words'], name='search_text_by_words')],
            },
        ),
        migrations.RunSQL(CLEANED, 'DROP FUNCTION backlog_search_text'),
        migrations.RunSQL(WORDS, 'DROP FUNCTION backlog_search_words'),
        migrations.RunSQL(QUERY, 'DROP FUNCTION backlog_search_query'),
        trigger('backlog_item', 'find_entered', 'INSERT', """
            INSERT INTO backlog_searchtext (item_id, organization_id, words)
            SELECT i.id, i.organization_id, backlog_search_words(i.organization_id, i.team_id, i.train_id, i.title, i.description, '') FROM new_rows i
        """, rows='NEW TABLE AS new_rows'),
        trigger('backlog_item', 'find_rewritten', 'UPDATE OF title, description', f'{REWRITTEN} = NEW.id',
            condition='OLD.title IS DISTINCT FROM NEW.title OR OLD.description IS DISTINCT FROM NEW.description'),
        trigger('backlog_item', 'find_no_more', 'DELETE', 'DELETE FROM backlog_searchtext s USING old_rows o WHERE s.item_id = o.id',
            rows='OLD TABLE AS old_rows'),
        trigger('backlog_criterion', 'find_entered', 'INSERT', f'{REWRITTEN} IN (SELECT item_id FROM new_rows)', rows='NEW TABLE AS new_rows'),
        trigger('backlog_criterion', 'find_rewritten', 'UPDATE OF text', f'{REWRITTEN} = NEW.item_id',
            condition='OLD.text IS DISTINCT FROM NEW.text'),
        trigger('backlog_criterion', 'find_no_more', 'DELETE', f'{REWRITTEN} IN (SELECT item_id FROM old_rows)', rows='OLD TABLE AS old_rows'),
    ]
