"""Forms of receipt verification: a code, with or without the number, or a file."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from intake.dossiers.receipts.receipt_file import MAX_BYTES
from intake.dossiers.receipts.statement import parse_code

from .receipt_number import InvalidNumberError, format_number, parse_number


class CodeForm(forms.Form):
    """Verification code and number. The number is optional once the PDF is generated."""

    code = forms.CharField(
        label=_("Code de vérification"),
        help_text=_("Douze lettres et chiffres, près du code QR de l’accusé de réception"),
        max_length=40,
        error_messages={"required": _("Inscrivez le code de vérification.")},
    )
    numero = forms.CharField(
        label=_("Numéro de dépôt (facultatif)"),
        help_text=_("Nécessaire tant que l’accusé de réception n’est pas prêt en PDF"),
        max_length=80,
        required=False,
    )

    use_required_attribute = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            field.widget.attrs |= {
                "class": "form-control",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "aria-describedby": f"{name}-hint",
            }

    def clean_code(self) -> str:
        """Return the code, grouped."""
        code = parse_code(self.cleaned_data["code"])
        if code is None:
            raise ValidationError(
                _("Ce code doit avoir douze lettres et chiffres, par exemple 7K3M-9QXD-2TBC. Vérifiez-le.")
            )
        return code

    def clean_numero(self) -> str:
        """Return the number in its canonical form; empty if it was not given."""
        typed: str = self.cleaned_data["numero"]
        if not typed.strip():
            return ""
        try:
            return format_number(*parse_number(typed))
        except InvalidNumberError as error:
            raise ValidationError(
                _("Ce numéro de dépôt contient une erreur : sa dernière lettre ne correspond pas au reste.")
            ) from error


class FileForm(forms.Form):
    """A receipt file, PDF or JSON, as downloaded."""

    fichier = forms.FileField(
        label=_("Accusé de réception, en PDF ou en JSON"),
        help_text=_("Le fichier original, de 1 Mo au plus ; nous ne le conservons pas"),
        error_messages={
            "required": _("Choisissez un fichier."),
            "empty": _("Ce fichier est vide."),
            "missing": _("Choisissez un fichier."),
            "invalid": _("Choisissez un fichier."),
        },
        widget=forms.FileInput(
            attrs={"class": "form-control", "accept": ".pdf,.json", "aria-describedby": "fichier-hint"}
        ),
    )

    use_required_attribute = False

    def clean_fichier(self) -> UploadedFile[Any]:
        """Raise if the file is larger than any receipt. The file is not read."""
        file: UploadedFile[Any] = self.cleaned_data["fichier"]
        if file.size is None or file.size > MAX_BYTES:
            raise ValidationError(_("Ce fichier dépasse 1 Mo : aucun accusé de réception n’a cette taille."))
        return file
