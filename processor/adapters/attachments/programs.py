"""What runs: programs, scripts, shortcuts, disk images and documents with macros (`decisions.md` gate 5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_RUNS = frozenset({
    "ade", "adp", "apk", "app", "appimage", "application", "appref-ms", "appx", "asp", "aspx", "bas", "bat", "chm",
    "class", "cmd", "com", "command", "cpl", "csh", "dll", "dmg", "docm", "dotm", "elf", "exe", "fxp", "gadget",
    "hlp", "hta", "img", "inf", "ins", "iso", "isp", "jar", "jnlp", "js", "jse", "jsp", "ksh", "lnk", "mam", "mde",
    "msc", "msh", "msi", "msix", "msp", "mst", "ocx", "osd", "osx", "pif", "pkg", "pl", "potm", "ppam", "ppsm",
    "pptm", "ps1", "ps1xml", "ps2", "psc1", "psd1", "psdm1", "psm1", "py", "pyc", "pyo", "pyw", "pyz", "pyzw", "rb",
    "reg", "scf", "scpt", "scr", "sct", "settingcontent-ms", "sh", "shb", "shs", "sldm", "swf", "sys", "theme",
    "url", "vb", "vba", "vbe", "vbp", "vbs", "vhd", "vhdx", "vxd", "wbt", "website", "wim", "workflow", "ws", "wsb",
    "wsc", "wsf", "wsh", "xbap", "xlam", "xll", "xlm", "xlsm", "xltm", "xnk", "zsh",
})  # fmt: skip
_TYPES = frozenset({
    "application/x-msdownload", "application/x-msdos-program", "application/x-dosexec", "application/x-executable",
    "application/x-sh", "application/x-shellscript", "application/javascript", "application/x-javascript",
    "text/javascript",
    "application/hta", "application/x-ms-shortcut", "application/vnd.microsoft.portable-executable", "text/vbscript",
    "application/x-bat", "application/java-archive", "application/x-msi", "application/x-iso9660-image",
    "application/vnd.ms-excel.sheet.macroenabled.12", "application/vnd.ms-word.document.macroenabled.12",
    "application/vnd.ms-powerpoint.presentation.macroenabled.12", "application/x-shockwave-flash",
})  # fmt: skip
_MAGIC = (
    b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe", b"L\0\0\0\x01\x14\x02\0", b"\0asm", b"dex\n", b"ITSF\x03", b"CWS", b"FWS", b"ZWS",
    b"@echo off", b"@ECHO OFF",
)  # fmt: skip
_VBA = "_VBA_PROJECT".encode("utf-16-le")
_MACRO_MEMBER = re.compile(r"(?i)(?:^|/)(?:vbaProject[^/]*\.bin|macrosheets/.+|Basic/[^/]+/[^/]+\.xml|Scripts/.+)$")
_PROGRAMS = rb"exe|scr|bat|cmd|vbs|js|jse|hta|lnk|ps1|msi|pif|wsf|iso"
_PACKED_NAME = re.compile(rb"(?i)(?<=[\w.() -]{3})\.(?:" + _PROGRAMS + rb")(?=[^\w.])")
_ARCHIVE_ENDING = re.compile(r"(?i)\.(?:zip|rar|7z|gz|bz2|xz|tar|tgz|ace|arj|cab|z|lzh|zst)$")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]")
_ISO_MARK = 0x8001


def runs(name: str, content_type: str, data: bytes) -> bool:
    """Tell whether a file is something that runs, by its ending, its claimed type or its first bytes."""
    return has_running_name(name) or content_type in _TYPES or _has_running_start(data) or _VBA in data


def has_running_name(name: str) -> bool:
    """Tell by a name's last ending, or the one before an archive's; unseen characters and dots don't count."""
    bare = _ARCHIVE_ENDING.sub("", _UNSEEN.sub("", name).rstrip(" ."))
    return bare.rpartition(".")[2].strip().lower() in _RUNS and "." in bare


def _has_running_start(data: bytes) -> bool:
    if data[:2] == b"MZ":
        return b"\0" in data[:64] or b"This program" in data[:512]
    return data.lstrip(b"\xef\xbb\xbf\r\n\t ")[:16].startswith(_MAGIC) or data[_ISO_MARK : _ISO_MARK + 5] == b"CD001"


def has_running_member(names: Iterable[str]) -> bool:
    """Tell whether an archive's listing names a program, or an office document's listing names macros."""
    return any(has_running_name(name) or _MACRO_MEMBER.search(name) for name in names)


def names_program_inside(data: bytes) -> bool:
    """Tell whether an archive that we can't open shows the name of a program in its plain headers (RAR does)."""
    return bool(_PACKED_NAME.search(data))
