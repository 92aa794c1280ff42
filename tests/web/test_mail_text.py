"""Plain text of a mail, from its HTML."""

import pytest
from django.template import Context, Engine

from intake.web.mail_text import text_of_html
from intake.web.mails import wrap_text

ADDRESS = "https://stages.exemple.invalid/verifier/?numero=2027-020&code=AB"
LINK = '<a href="https://stages.exemple.invalid/verifier/?numero=2027-020&amp;code=AB">'
ROW = '<tr><th scope="row">Numéro</th>\n  <td><strong>2027-020</strong></td></tr>'
LIST = "<ul>\n  <li>un</li>\n  <li><span>deux</span> (2\u00a0p.)</li>\n</ul>"


def _text(source: str, language: str = "fr") -> str:
    html = f'<html lang="{language}"><title>Sujet</title><body><div>Portail</div><main>{source}</main></body>'
    return wrap_text(text_of_html(html))[:-1]


@pytest.mark.parametrize(
    "source, text",
    [
        ("<h1>Déposée</h1>\n<p>Bonjour,</p><p>Oui.</p>", "Déposée\n\nBonjour,\n\nOui."),
        ("<p>\n  une\n  ligne\n</p>", "une ligne"),
        ("<p>un<br>\n  deux</p>", "un\ndeux"),
        ("<p>le 1<sup>er</sup>\u00a0mai, <strong>déposé</strong>.</p>", "le 1er\u00a0mai, déposé."),
        ("<p>l&#x27;Île &lt;b&gt; &amp;amp; *</p>", "l'Île <b> &amp; *"),
        (f"<p>Documents</p>{LIST}<p>Fin</p>", "Documents\n\n• un\n• deux (2\u00a0p.)\n\nFin"),
        (f"<ul><li>{'lire ' * 20}</li></ul>", "• " + "lire " * 10 + "lire\n  " + "lire " * 8 + "lire"),
        (f'<table class="facts">{ROW}{ROW}</table>', "\n".join(["Numéro\u00a0: 2027-020"] * 2)),
        (
            f"<table>{ROW}<tr><th>Documents</th> <td>{LIST}</td></tr>{ROW}</table><p>Fin</p>",
            "Numéro\u00a0: 2027-020\nDocuments\u00a0:\n• un\n• deux (2\u00a0p.)\nNuméro\u00a0: 2027-020\n\nFin",
        ),
        (f"<p>\n {LINK}Voir</a>\n</p>", f"Voir\u00a0:\n{ADDRESS}"),
        (
            f"<p>Vous pouvez {LINK}vérifier</a> ici. Merci.</p>",
            f"Vous pouvez vérifier ici. Merci.\n{ADDRESS}",
        ),
        (f"<p>{LINK}Voir</a><br>Puis écrivez.</p>", f"Voir\u00a0:\n{ADDRESS}\nPuis écrivez."),
        ('<p>À\u00a0:<br><a href="mailto:a@b.c">a@b.c</a></p>', "À\u00a0:\na@b.c"),
        (
            f"<p>Oui</p><hr><div lang='en'><h2>Yes</h2><p>{LINK}See</a></p></div>",
            f"Oui\n\n----\n\nYes\n\nSee:\n{ADDRESS}",
        ),
        ("<p>un</p></main><div role='contentinfo'><p>deux</p></div><main>", "un\n\n--\ndeux"),
    ],
)
def test_each_element_has_its_form_in_the_text(source: str, text: str) -> None:
    assert _text(source) == text


def test_a_colon_follows_an_english_label_without_a_space() -> None:
    assert _text(f"<table>{ROW}</table><p>{LINK}See</a></p>", "en") == f"Numéro: 2027-020\n\nSee:\n{ADDRESS}"


@pytest.mark.parametrize(
    "typed",
    [
        "<b>gras</b> & « A  B » *x* _y_ # &amp; &nbsp; <!-- z -->",
        "Première ligne\nDeuxième\n\n  • en retrait\n- tiret",
        "x" * 200,
        "a\n----\nb\n--\nc",
        "</main></p><a href='https://piege.invalid'>ici</a>",
        "\tTabulation\u00a0insécable\u202ffine",
    ],
)
@pytest.mark.parametrize("lines", ["linebreaks", "linebreaksbr"])
def test_what_a_person_typed_stays_as_typed(typed: str, lines: str) -> None:
    template = Engine.get_default().from_string(
        f"<html lang='fr'><main><p>{{{{ typed|{lines} }}}}</p></main>"
    )
    assert text_of_html(template.render(Context({"typed": typed}))).strip("\n") == typed
