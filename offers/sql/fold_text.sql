CREATE OR REPLACE FUNCTION public.fold_text(given text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN btrim(regexp_replace(replace(replace(replace(replace(translate(lower((regexp_replace(NORMALIZE(given, NFKD), '[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f\u00ad\u200b-\u200f\u2060\ufeff]'::text, ''::text, 'g'::text) COLLATE pg_c_utf8)), 'ıłđðøħŧŋɓɗƙƴɛɔς'::text, 'ilddohtnbdkyeoσ'::text), 'œ'::text, 'oe'::text), 'æ'::text, 'ae'::text), 'ß'::text, 'ss'::text), 'þ'::text, 'th'::text), '[ \t\n\v\f\r''`\u2018\u2019\u201b\u02b9\u02bb\u02bc\u2032\u2010-\u2015\u2212-]+'::text, ' '::text, 'g'::text), ' '::text);
