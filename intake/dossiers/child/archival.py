"""Declare a rendered PDF as PDF/A-2a (ISO 19005-2) beside PDF/UA-1: WeasyPrint declares one of the two.

For PDFs of the portal's own pages only. Fonts are embedded and nothing is active already; the colours get an output
intent, and the metadata say what the properties of PDF/UA and of receipts are, as PDF/A requires.
"""

from importlib.resources import files
from typing import Any

import pikepdf
import pydyf
import weasyprint.pdf

_PROFILE = "sRGB2014.icc"
_PROPERTY = """<rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>{about}</pdfaSchema:schema>
<pdfaSchema:namespaceURI>{namespace}</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>{prefix}</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>{name}</pdfaProperty:name>
<pdfaProperty:valueType>{type}</pdfaProperty:valueType>
<pdfaProperty:category>{category}</pdfaProperty:category>
<pdfaProperty:description>{description}</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li>"""
_PDF_UA = _PROPERTY.format(
    about="PDF/UA identification",
    namespace="http://www.aiim.org/pdfua/ns/id/",
    prefix="pdfuaid",
    name="part",
    type="Integer",
    category="internal",
    description="Part of ISO 14289 to which the file conforms",
)


def declare_archival(pdf: Any, *, receipts: str) -> None:
    """Declare `pdf`, generated and not written yet.

    `receipts` is the namespace of the statements of receipts.
    """
    profile = pydyf.Stream([(files(weasyprint.pdf) / _PROFILE).read_bytes()], {"N": 3}, compress=True)
    pdf.add_object(profile)
    intent = {
        "Type": "/OutputIntent",
        "S": "/GTS_PDFA1",
        "OutputConditionIdentifier": pydyf.String("sRGB"),
        "Info": pydyf.String(_PROFILE),
        "DestOutputProfile": profile.reference,
    }
    pdf.catalog["OutputIntents"] = pydyf.Array([pydyf.Dictionary(intent)])
    statement = _PROPERTY.format(
        about="Statement of a receipt",
        namespace=receipts,
        prefix="receipt",
        name="facts",
        type="Text",
        category="internal",
        description="What was filed, when, and the digests of the files, as JSON",
    )
    added = f"""<rdf:Description xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" rdf:about=""
 pdfaid:part="2" pdfaid:conformance="A"/>
<rdf:Description xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"
 rdf:about=""><pdfaExtension:schemas><rdf:Bag>{_PDF_UA}{statement}</rdf:Bag></pdfaExtension:schemas></rdf:Description>
</rdf:RDF>"""
    metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    metadata.stream = [metadata.stream[0].replace(b"</rdf:RDF>", added.encode())]


def end_streams(pdf: pikepdf.Pdf) -> None:
    """Lengthen each stream of `pdf` that ends with a carriage return, before it is saved without object streams.

    Followed by the line feed before `endstream`, that byte would be taken for a part of the end of line.
    """
    for node in pdf.objects:
        if isinstance(node, pikepdf.Stream) and node.read_raw_bytes().endswith(b"\r"):
            content = node.read_bytes() + b"\n"  # a program of a font may be longer than its tables
            node.write(content)
            if "/Length1" in node:
                node.Length1 = len(content)
