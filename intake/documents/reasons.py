"""Messages for a refused or an accepted file; a refusal states what to do next."""

from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.web import formats

from .child.refusal import Reason

type Facts = Mapping[str, int | str]


class UploadRefused(Exception):
    """A file is not accepted. `code` is stable; `reason` is a message in the active language, with what to do.

    `facts`: what `explain` needs to say it again, in another language.
    """

    def __init__(self, code: Reason, facts: Facts) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
        self.reason = explain(code, facts)


def explain(code: Reason, facts: Facts) -> str:
    """Return the message of a refusal in the active language, from `max_pages`, `max_bytes` and the child's facts."""
    return _REASONS[code](facts)


def accepted(pages: int, neutralised: Sequence[str] = (), warnings: Sequence[str] = ()) -> str:
    """Return the message of an accepted file: its number of pages, what was removed if that matters, and warnings."""
    sentence = ngettext("Fichier accepté : %(pages)s page.", "Fichier accepté : %(pages)s pages.", pages) % {
        "pages": formats.number(pages)
    }
    return " ".join(part for part in (sentence, removed(neutralised), *warned(warnings)) if part)


def removed(neutralised: Sequence[str]) -> str:
    """Return the sentence that names what was removed from a file; empty if nothing matters to a reader."""
    words = sorted({str(_REMOVED_LABELS[code]()) for code in neutralised if code not in _SILENT})
    if not words:
        return ""
    return _("Par sécurité, nous avons retiré ces éléments : %(words)s. Vérifiez l’aperçu.") % {
        "words": formats.enumeration(words)
    }


def warned(warnings: Sequence[str]) -> list[str]:
    """Return a message for each kind of warning, such as `BLANK_PAGE:2`, with its pages and what to do.

    In the order of the first page of each.
    """
    pages: dict[str, list[int]] = {}
    for code, _colon, number in (warning.partition(":") for warning in warnings):
        pages.setdefault(code, []).append(int(number))
    return [
        _WARNINGS[code](len(numbers)) % {"pages": formats.enumeration([str(number) for number in numbers])}
        for code, numbers in sorted(pages.items(), key=lambda item: item[1])
    ]


def _too_many_pages(facts: Facts) -> str:
    count, limit = int(facts["pages"]), int(facts["max_pages"])
    if facts.get("joined"):
        size = ngettext(
            "Avec ce fichier, le document aurait %(n)s page.",
            "Avec ce fichier, le document aurait %(n)s pages.",
            count,
        ) % {"n": formats.number(count)}
        most = ngettext("%(n)s page", "%(n)s pages", limit) % {"n": formats.number(limit)}
        rest = _(
            "La limite est de %(pages)s : retirez un autre fichier, ou choisissez un fichier plus court."
        ) % {"pages": most}
        return f"{size} {rest}"
    size = ngettext("Ce document a %(n)s page.", "Ce document a %(n)s pages.", count) % {
        "n": formats.number(count)
    }
    most = ngettext("%(n)s page au plus", "%(n)s pages au plus", limit) % {"n": formats.number(limit)}
    shorten = _("Réduisez le document à %(pages)s, puis téléversez-le de nouveau.") % {"pages": most}
    return f"{size} {shorten}"


def _too_large(facts: Facts) -> str:
    size, limit = (formats.file_size(int(facts[key])) for key in ("size", "max_bytes"))
    if size == limit:
        size = _("un peu plus de %(limit)s") % {"limit": limit}
    return _(
        "Ce fichier fait %(size)s ; la limite est de %(limit)s. Réduisez la résolution des "
        "images ou enregistrez-le en PDF de taille réduite."
    ) % {"size": size, "limit": limit}


def _not_accepted_type(facts: Facts) -> str:
    what = {
        "OFFICE": _(
            "C’est un document de traitement de texte, de tableur ou de présentation. Ouvrez-le, choisissez "
            "« Enregistrer sous » ou « Exporter », puis PDF."
        ),
        "ZIP": _("C’est une archive compressée. Extrayez-en le document, puis téléversez-le seul."),
        "IMAGE": _("Cette sorte d’image n’est pas acceptée. Enregistrez-la en JPEG, en PNG ou en PDF."),
        "WEB": _("C’est une page web. Ouvrez-la et imprimez-la en PDF."),
        "PROGRAM": _("C’est une application, pas un document. Vérifiez que vous avez choisi le bon fichier."),
    }.get(str(facts.get("detected")), _("Ce fichier n’est ni un PDF, ni une image JPEG, PNG ou HEIC."))
    return f"{what} {_('Formats acceptés : PDF, JPEG, PNG et HEIC.')}"


def _polyglot(facts: Facts) -> str:
    what = {
        "ZIP": _("Ce fichier contient aussi une archive compressée."),
        "WEB": _("Ce fichier contient aussi une page web."),
        "PDF": _("Cette image contient aussi un PDF."),
    }.get(str(facts.get("detected")), _("Ce fichier contient aussi un fichier d’une autre sorte."))
    remedy = _("Ouvrez-le, imprimez-le vers un nouveau PDF, puis téléversez ce nouveau fichier.")
    return f"{what} {remedy}"


_REASONS: dict[Reason, Callable[[Facts], str]] = {
    Reason.EMPTY: lambda _facts: _(
        "Ce fichier est vide. Ouvrez l’original pour vérifier qu’il contient votre document, puis téléversez-le de "
        "nouveau."
    ),
    Reason.TOO_LARGE: _too_large,
    Reason.TOO_MANY_PAGES: _too_many_pages,
    Reason.NO_PAGES: lambda _facts: _(
        "Ce PDF ne contient aucune page. Enregistrez de nouveau votre document en PDF."
    ),
    Reason.ENCRYPTED: lambda _facts: _(
        "Ce PDF demande un mot de passe. Ouvrez-le, imprimez-le vers un nouveau PDF sans mot de passe, puis "
        "téléversez ce nouveau fichier."
    ),
    Reason.DAMAGED: lambda _facts: _(
        "Ce fichier est endommagé ou incomplet. Enregistrez-le de nouveau à partir de "
        "l’original, ou attendez que sa copie soit terminée."
    ),
    Reason.NOT_ACCEPTED_TYPE: _not_accepted_type,
    Reason.TOO_COMPLEX: lambda _facts: _(
        "Ce fichier est trop complexe pour être vérifié. Imprimez-le vers un nouveau PDF, "
        "ou réduisez la résolution de ses images."
    ),
    Reason.TIMED_OUT: lambda _facts: _(
        "Le portail est très sollicité. Téléversez ce fichier de nouveau dans quelques minutes."
    ),
    Reason.DIMENSIONS: lambda _facts: _(
        "Cette page ou cette image a des dimensions inhabituelles. Mettez-la au format "
        "Lettre ou A4, ou réduisez l’image."
    ),
    Reason.PORTFOLIO: lambda _facts: _(
        "Ce PDF est un porte-documents qui contient d’autres fichiers. Enregistrez le "
        "document voulu dans un PDF ordinaire."
    ),
    Reason.DYNAMIC_FORM: lambda _facts: _(
        "Le comité ne pourrait pas lire ce formulaire, qui s’affiche seulement dans "
        "certains logiciels. Ouvrez-le et imprimez-le vers un nouveau PDF."
    ),
    Reason.POLYGLOT: _polyglot,
    Reason.SELF_REFERENCE: lambda _facts: _(
        "Une partie de ce PDF renvoie à elle-même sans fin. Ouvrez-le, imprimez-le vers un nouveau PDF, puis "
        "téléversez ce nouveau fichier."
    ),
    Reason.VIRUS_FOUND: lambda _facts: _(
        "L’antivirus a reconnu un programme malveillant dans ce fichier. Refaites le document sur un autre appareil, "
        "puis téléversez-le."
    ),
    Reason.SCANNER_UNAVAILABLE: lambda _facts: _(
        "L’antivirus n’a pas pu analyser ce fichier. Téléversez-le de nouveau dans quelques minutes."
    ),
}
TRY_AGAIN = frozenset({Reason.TIMED_OUT, Reason.SCANNER_UNAVAILABLE})
"""Refusals that say nothing of the file: the same file may be accepted later."""

# Almost every file has these, and their removal loses nothing: naming them would only worry the candidate.
_SILENT = {"METADATA", "EXTRA_BYTES", "RESTRICTIONS"}
_REMOVED_LABELS: dict[str, Callable[[], str]] = {
    "JAVASCRIPT": lambda: _("programme JavaScript"),
    "OPEN_ACTION": lambda: _("action à l’ouverture"),
    "TRIGGERED_ACTION": lambda: _("action automatique"),
    "NAMED_ACTION": lambda: _("action automatique"),
    "LAUNCH": lambda: _("lancement d’un programme"),
    "LINK": lambda: _("liens"),
    "REMOTE_FILE": lambda: _("renvoi à un autre fichier"),
    "EMBEDDED_FILE": lambda: _("fichier joint"),
    "FORM": lambda: _("champs de formulaire (leur contenu reste affiché)"),
    "FORM_ACTION": lambda: _("bouton de formulaire"),
    "XFA": lambda: _("formulaire XFA"),
    "SIGNATURE": lambda: _("signature numérique (son image reste affichée)"),
    "RICH_MEDIA": lambda: _("son, vidéo ou objet 3D"),
    "EXTERNAL_STREAM": lambda: _("contenu placé ailleurs"),
    "POSTSCRIPT": lambda: _("programme PostScript"),
    "LAYERS": lambda: _("calques"),
    "ANIMATION": lambda: _("images suivantes d’une animation"),
}

_WARNINGS: dict[str, Callable[[int], str]] = {
    "BLANK_PAGE": lambda count: ngettext(
        "Page %(pages)s : rien n’est visible. Vérifiez que c’est le bon fichier.",
        "Pages %(pages)s : rien n’est visible. Vérifiez que c’est le bon fichier.",
        count,
    ),
    "TOO_DARK": lambda count: ngettext(
        "Page %(pages)s : l’image est très sombre. Reprenez-la avec plus de lumière.",
        "Pages %(pages)s : les images sont très sombres. Reprenez-les avec plus de lumière.",
        count,
    ),
    "CUT": lambda count: ngettext(
        "Page %(pages)s : le contenu touche le bord et semble coupé. Vérifiez le fichier.",
        "Pages %(pages)s : le contenu touche le bord et semble coupé. Vérifiez le fichier.",
        count,
    ),
    "LOW_RESOLUTION": lambda count: ngettext(
        "Page %(pages)s : l’image manque de détails. Numérisez-la à une résolution plus haute.",
        "Pages %(pages)s : les images manquent de détails. Numérisez-les à une résolution plus haute.",
        count,
    ),
    "SMALL_TEXT": lambda count: ngettext(
        "Page %(pages)s : le texte est très petit. Agrandissez-le pour que le comité puisse le lire.",
        "Pages %(pages)s : le texte est très petit. Agrandissez-le pour que le comité puisse le lire.",
        count,
    ),
}
