"""Mark running headers and page numbers as artifacts, which screen readers skip (PDF/UA-1, 7.8)."""

import pikepdf
from pikepdf import Array, Dictionary, Name, NumberTree, Operator


def mark_running_headers(pdf: pikepdf.Pdf) -> None:
    """Mark as artifacts the texts whose tag is not in the structure tree: WeasyPrint leaves margin boxes untagged."""
    tree = pdf.Root.StructTreeRoot
    reachable = _reachable(tree)
    parents = NumberTree(tree.ParentTree)
    for page in pdf.pages:
        key = page.obj.get("/StructParents")
        if key is None:
            continue
        loose = {
            mcid
            for mcid, tag in enumerate(parents[int(key)])
            if isinstance(tag, Dictionary) and tag.objgen not in reachable
        }
        if loose:
            _rewrite(pdf, page, loose)


def _reachable(tree: pikepdf.Object) -> set[tuple[int, int]]:
    reached: set[tuple[int, int]] = set()
    pending = list(tree.K)
    while pending:
        tag = pending.pop()
        if not isinstance(tag, Dictionary) or tag.objgen in reached:
            continue
        reached.add(tag.objgen)
        kids = tag.get("/K", Array([]))
        pending.extend(kids if isinstance(kids, Array) else [kids])
    return reached


def _rewrite(pdf: pikepdf.Pdf, page: pikepdf.Page, loose: set[int]) -> None:
    artifact = [Name.Artifact, Dictionary(Type=Name.Pagination)]
    instructions: list[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage] = []
    for instruction in pikepdf.parse_content_stream(page):
        properties = instruction.operands[1] if instruction.operator == Operator("BDC") else None
        if isinstance(properties, Dictionary) and int(properties.get("/MCID", -1)) in loose:
            instructions.append(pikepdf.ContentStreamInstruction(artifact, instruction.operator))
        else:
            instructions.append(instruction)
    page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(instructions))
