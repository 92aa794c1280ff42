"""Texts that try to make a renderer fetch an address or read a file, for every field of a payload.

`{web}` is an address of the beacon, `{file}` the path of the canary. See `test_payloads_counted.py`.
"""

import json
from dataclasses import replace
from typing import Any, Final

from intake.dossiers.sealed_payload import MovedClosing, Payload, SealedComplement, SealedExtension
from tests.factories.payloads import payload

_WAYS = {
    # Elements of HTML that fetch.
    "img": '<img src="{url}" alt="x">',
    "srcset": '<img srcset="{url} 2x" alt="x">',
    "picture": '<picture><source srcset="{url}"><img src="{url}" alt="x"></picture>',
    "input": '<input type="image" src="{url}">',
    "background": '<table background="{url}"><tr><td background="{url}">x</td></tr></table>',
    "video": '<video poster="{url}" src="{url}"><source src="{url}"><track src="{url}"></video>',
    "audio": '<audio src="{url}"></audio>',
    "iframe": '<iframe src="{url}"></iframe>',
    "frame": '<frameset><frame src="{url}"></frameset>',
    "object": '<object data="{url}"></object>',
    "embed": '<embed src="{url}">',
    "applet": '<applet archive="{url}" code="x"></applet>',
    "script": '<script src="{url}"></script>',
    "meta-refresh": '<meta http-equiv="refresh" content="0; url={url}">',
    "base": '<base href="{url}"><img src="x.png" alt="x">',
    # Links, which WeasyPrint may follow for style sheets and attachments.
    "link-stylesheet": '"><link rel="stylesheet" href="{url}">',
    "link-icon": '<link rel="icon" href="{url}">',
    "link-preload": '<link rel="preload" as="font" href="{url}">',
    "link-attachment": '<link rel="attachment" href="{url}" title="x">',
    "a-attachment": '<a rel="attachment" href="{url}">x</a>',
    "a": '<a href="{url}">x</a>',
    "a-ping": '<a href="#x" ping="{url}">x</a>',
    # CSS.
    "import": "<style>@import url({url});</style>",
    "import-text": "<style>@import '{url}';</style>",
    "font-face": "<style>@font-face{{font-family:x;src:url({url})}}*{{font-family:x}}</style>",
    "font-face-local": "<style>@font-face{{font-family:y;src:local('{url}')}}*{{font-family:y}}</style>",
    "css-background": '<div style="background:url({url})">x</div>',
    "css-list": '<ul><li style="list-style-image:url({url})">x</li></ul>',
    "css-content": "<style>p::before{{content:url({url})}}</style>",
    "css-border": '<div style="border:1px solid;border-image:url({url}) 1">x</div>',
    "css-mask": '<div style="mask-image:url({url});filter:url({url});cursor:url({url})">x</div>',
    "css-attr": '<i data-x="{url}" class="x">x</i><style>.x::after{{content:attr(data-x url)}}</style>',
    "css-page": "<style>@page{{background:url({url});@top-left{{content:url({url})}}}}</style>",
    "css-image-set": '<div style="background:image-set(url({url}) 1x)">x</div>',
    "css-footnote": "<style>@namespace url({url});@counter-style x{{symbols:url({url})}}</style>",
    "css-profile": "<style>@color-profile --x{{src:url({url})}}</style>",
    "css-escape": r"<style>@\69mport url({url});</style>",
    # SVG and XML.
    "svg-image": '<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}"/></svg>',
    "svg-xlink": '<svg xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="{url}"/></svg>',
    "svg-use": '<svg><use href="{url}#x"/></svg>',
    "svg-fe-image": '<svg><filter id="f"><feImage href="{url}"/></filter><rect filter="url({url}#f)"/></svg>',
    "svg-style": "<svg><style>@import url({url});</style><rect style='fill:url({url})'/></svg>",
    "svg-foreign": '<svg><foreignObject><img src="{url}" alt="x"/></foreignObject></svg>',
    "svg-data": "<img alt='x' src=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'%3E"
    "%3Cimage href='{url}'/%3E%3C/svg%3E\">",
    "xml-entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "{url}">]><x>&e;</x>',
    "xml-parameter": '<!DOCTYPE x [<!ENTITY % e SYSTEM "{url}"> %e;]>',
    "xml-stylesheet": '<?xml-stylesheet href="{url}" type="text/css"?>',
    "xinclude": '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{url}" parse="text"/>',
    "mathml": '<math><mglyph src="{url}"/></math>',
    # Languages of templates, which the sealed text passes through.
    "django-include": '{{% include "{url}" %}}{{% load static %}}{{% static "{url}" %}}{{{{ settings.SECRET_KEY }}}}',
    "jinja": "{{{{ ''.__class__.__mro__[1].__subclasses__() }}}}{{% import '{url}' as x %}}",
    "format": "%(url)s {{0.__class__}} ${{jndi:{url}}} #{{7*7}} <%= File.read('{url}') %>",
    # Bare addresses.
    "bare": "{url}",
    "bare-css": "url({url})",
    "line": "x\r\nHost: x\r\n\r\nGET {url}",
}
_ADDRESSES = ("{web}", "file://{file}")
_OTHER_ADDRESSES = (
    "ftp://{host}/x.png",
    "gopher://{host}/_x",
    "//{host}/x.png",
    r"\\{host}\partage\x.png",
    "{file}",
    "../../../../../../../../{file}",
    "asset:../../../../../../..{file}",
    "asset://{host}/x.css",
    "data:text/css,@import url({web});",
    "jar:{web}!/x",
    "FILE://localhost{file}",
    "http:{host}",
)

WAYS: Final = tuple(_WAYS)


def escapes(way: str, *, web: str, file: str) -> list[str]:
    """Return the attacks of one way: each address in it."""
    host = web.removeprefix("http://").partition("/")[0]
    addresses = [*_ADDRESSES, *(_OTHER_ADDRESSES if way in {"img", "import", "css-content"} else ())]
    return [_WAYS[way].format(url=address.format(web=web, file=file, host=host)) for address in addresses]


_NOT_FREE = {
    # Codes and instants that the portal itself writes and reads.
    *("schema", "sequence", "kind", "outcome", "effect", "time_zone"),
    *(
        "closes_at",
        "first_closes_at",
        "decided_at",
        "asked_at",
        "due_at",
        "starts_on",
        "ends_on",
        "birth_date",
    ),
    *("pages", "size"),
}


def in_every_field(attacks: list[str]) -> Payload:
    """Return a payload with every part, whose free texts are the `attacks`, in turn."""
    base = payload(
        review_message="x",
        complement=SealedComplement("2026-10-12T14:30:00Z", "x", "2026-10-23T04:00:00Z"),
        moved=MovedClosing("2026-09-25T04:00:00Z", "2026-09-20T14:30:00Z"),
        extension=SealedExtension("2026-10-05T04:00:00Z"),
    )
    base = replace(base, call=replace(base.call, programme="x", dates_label="x"))
    count = 0

    def attacked(node: Any, key: str = "") -> Any:
        nonlocal count
        if isinstance(node, dict):
            return {name: attacked(child, name) for name, child in node.items()}
        if isinstance(node, list):
            return [attacked(child, key) for child in node]
        if not isinstance(node, str) or key in _NOT_FREE:
            return node
        count += 1
        return attacks[count % len(attacks)]

    return Payload.parse(json.dumps(attacked(json.loads(base.canonical()))))
