"""One function folds what every search looks in: full decomposition, and separators alike.

It has its own list of letters: the rules of PostgreSQL's unaccent are a file of the server, which a function that
indexes rest on must not read.
"""

import django.contrib.postgres.indexes
from django.db import migrations, models
from django.db.models.functions import Coalesce, Concat

# The collation is PostgreSQL's own: it folds case alike on every machine, whatever its C library.
FOLD_TEXT = r"""
CREATE FUNCTION fold_text(given text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN btrim(regexp_replace(
    replace(replace(replace(replace(translate(
        lower(regexp_replace(
            normalize(given, NFKD),
            '[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f'
            '\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f\u00ad\u200b-\u200f\u2060\ufeff]',
            '', 'g'
        ) COLLATE pg_c_utf8),
        'ıłđðøħŧŋɓɗƙƴɛɔς', 'ilddohtnbdkyeoσ'
    ), 'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss'), 'þ', 'th'),
    '[ \t\n\v\f\r''`\u2018\u2019\u201b\u02b9\u02bb\u02bc\u2032\u2010-\u2015\u2212-]+', ' ', 'g'
), ' ');
"""


class Migration(migrations.Migration):
    dependencies = [("offers", "0011_an_extension_moves_the_closing")]

    operations = [
        migrations.RunSQL(FOLD_TEXT, "DROP FUNCTION fold_text(text);"),
        migrations.RemoveIndex(model_name="offer", name="offers_by_trigrams"),
        migrations.RemoveField(model_name="offer", name="search_text"),
        migrations.AddField(
            model_name="offer",
            name="search_text",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    Concat(
                        Coalesce(models.F("number"), models.Value("")),
                        models.Value(" "),
                        models.F("organisation"),
                        models.Value(" "),
                        models.F("organisation_short"),
                        models.Value(" "),
                        models.F("domain"),
                        models.Value(" "),
                        models.F("place"),
                    ),
                    function="fold_text",
                    output_field=models.TextField(),
                ),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name="offer",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_text"], name="offers_by_trigrams", opclasses=["gin_trgm_ops"]
            ),
        ),
    ]
