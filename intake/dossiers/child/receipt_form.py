"""Add to a receipt's PDF its statement, as XMP metadata, and an empty signature field."""

import io
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, NumberTree, String

from .receipt_format import FIELD, NAMESPACE

_LOCKED_AND_PRINTED = 132


def add_signature_field(path: Path, *, facts: str, words: str) -> None:
    """Add the statement `facts` and an invisible signature field, described by `words`, to the PDF at `path`."""
    pikepdf.models.metadata.PdfMetadata.register_xml_namespace(NAMESPACE, "receipt")
    completed = io.BytesIO()
    with pikepdf.open(path) as pdf:
        _add_field(pdf, words)
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            metadata[f"{{{NAMESPACE}}}facts"] = facts
        pdf.save(
            completed,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            deterministic_id=True,
            min_version="1.7",
        )
    path.write_bytes(completed.getvalue())


def _add_field(pdf: pikepdf.Pdf, words: str) -> None:
    """Add the signature field. PDF/UA-1 requires its widget in a Form tag (ISO 14289-1, 7.18)."""
    page = pdf.pages[0]
    tree = pdf.Root.StructTreeRoot
    parents = NumberTree(tree.ParentTree)
    key = max((rank for rank, _owner in parents.items()), default=-1) + 1
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=String(FIELD),
            TU=String(words),
            Contents=String(words),
            Rect=Array([0, 0, 0, 0]),
            F=_LOCKED_AND_PRINTED,
            P=page.obj,
            StructParent=key,
        )
    )
    document = tree.K[0] if isinstance(tree.K, Array) else tree.K
    tag = pdf.make_indirect(
        Dictionary(
            Type=Name.StructElem,
            S=Name.Form,
            P=document,
            Pg=page.obj,
            Alt=String(words),
            K=Array([Dictionary(Type=Name.OBJR, Obj=field, Pg=page.obj)]),
        )
    )
    document.K.append(tag)
    parents[key] = tag
    tree.ParentTreeNextKey = key + 1
    annotations = page.obj.get("/Annots", Array([]))
    annotations.append(field)
    page.obj.Annots = annotations
    page.obj.Tabs = Name.S
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=0)
