"""The author is the one plain address in From, exactly; whatever could be read in two ways is nobody's."""

from __future__ import annotations

import base64
import itertools
from dataclasses import replace
from time import process_time

import pytest

from processor.core.addresses import one_address
from processor.core.domains import aligns, is_domain
from processor.core.identity import Identity, Verdict, identify
from processor.core.look_alike import look_alike
from tests.builders import headers, message, policy
from tests.core.handwriting import BORDER, HANDS, Findings, one_line

POLICY = policy()
MAIL = message("From: nobody\n\nPlease.")
VICTIM = "ap@harbourlane.example"
THIEF = "x@evil.example"


def identity_of(from_lines: str, *, proved: str = "harbourlane.example", hand: int = 0) -> Identity:
    """Identify the author of a mail whose From lines are these, and for whose domain the trusted server vouches."""
    found = Findings(author=proved, signer=proved)
    text = "\n".join([*HANDS[hand % len(HANDS)](found), BORDER, from_lines, "To: allocations@billing.example"])
    return identify(replace(MAIL, headers=headers(text)), POLICY)


GENUINE = {
    "{}": "",
    "<{}>": "",
    " \t{} ": "",
    "Anna Vale <{}>": "Anna Vale",
    "Anna Vale<{}>": "Anna Vale",
    '"Vale, Anna" <{}>': "Vale, Anna",
    '"Vale, Anna"\n\t<{}>': "Vale, Anna",
    '"Anna \\"Nan\\" Vale" <{}>': 'Anna "Nan" Vale',
    "A. B. Vale <{}>": "A. B. Vale",
    "O'Brien & Sons <{}>": "O'Brien & Sons",
    "=?utf-8?q?Andr=C3=A9s_Giraldo?= <{}>": "Andrés Giraldo",
    "=?iso-8859-2?Q?Zieli=F1ska=2C_Katarzyna?=\n <{}>": "Zielińska, Katarzyna",
    "=?utf-8?b?6L+R6JekIOS6rg==?= <{}>": "近藤 亮",
    "=?utf-8?q?Anna?=\n =?utf-8?q?_Vale?= <{}>": "Anna Vale",
    '"=?utf-8?q?Anna?=" <{}>': "Anna",
    "=?x-unknown?q?Anna?= <{}>": "=?x-unknown?q?Anna?=",
    "=?utf-8?b?!?= <{}>": "",
    "Andr\u00c3\u00a9s <{}>": "Andrés",
    "Andr\u00e9s <{}>": "Andrés",
    "{} (Anna Vale)": "Anna Vale",
    "Anna Vale (Accounts) <{}>": "Anna Vale (Accounts)",
    "<{}> (Accounts)": "",
    '"ap@other.example" <{}>': "ap@other.example",
}
ADDRESSES = [VICTIM, "A.P+july@HarbourLane.Example", "o'brien_1@a-b.xn--bcher-kva.example", "1@2.nl"]


@pytest.mark.parametrize(("form", "name"), GENUINE.items())
def test_every_common_form_is_read(form: str, name: str) -> None:
    for address, hand in itertools.product(ADDRESSES, range(len(HANDS))):
        identity = identity_of("From:" + form.format(address), proved=address.partition("@")[2].lower(), hand=hand)

        assert identity.address == address.lower()
        assert identity.verdict is Verdict.AUTHENTICATED
        assert identity.display == name


ENCODED = base64.b64encode(VICTIM.encode()).decode()
# `{v}` is the partner's address, `{t}` the thief's, `{l}` and `{d}` the partner's two halves, `{w}` white space.
NASTY = [
    "From: <{v}>\nFrom:{w}<{t}>",
    "From: <{t}>\nX-Other: 1\nfrom:{w}<{v}>",
    "From : <{v}>\nFrom:{w}<{t}>",
    "FROM: <{t}>\nSubject: a\rFrom:{w}<{v}>",
    "From\u00a0: <{v}>\nFrom:{w}<{t}>",
    "From\x00: <{t}>\nFrom:{w}<{v}>",
    "From:{w}<{v}>, <{t}>",
    "From:{w}{t},{v}",
    "From:{w}{v},<{t}>",
    "From: Partners:{w}{v};",
    "From: Partners:{w}{v}, {t};",
    "From:{w}<@evil.example,@a.example:{v}>",
    "From:{w}<{v}><{t}>",
    "From:{w}<{v}> <{t}>",
    "From:{w}{v} <{t}>",
    "From:{w}<{v}>{t}",
    "From:{w}{l}({t})@{d}",
    "From:{w}{v}(<{t}>)",
    "From:{w}({v}) (<{t}>) {t}",
    'From:{w}"{l}"@{d}',
    'From:{w}"{v}"@evil.example',
    'From:{w}<"{v}\\" <x"@evil.example>',
    "From:{w}{l}\\@{d}@evil.example",
    "From:{w}{v}@evil.example",
    "From:{w}<{l} @{d}>",
    "From:{w}<{l}@\n {d}>",
    "From:{w}<{v}\x00>",
    "From:{w}<{v}\n>",
    "From:{w}<{v}",
    "From:{w}{v}>",
    "From:{w}<{v}.>",
    "From:{w}<.{v}>",
    "From:{w}<{l}@>",
    "From:{w}<{l}>",
    "From:{w}<{l}@[192.0.2.1]>",
    "From:{w}<=?utf-8?b?{b}?=>",
    "From:{w}=?utf-8?b?{b}?=",
    "From:{w}=?utf-8?q?{l}=40{d}?=@evil.example",
    "From:{w}<{l}@harbourlan\u00c3\u00a9.example>",
    "From:{w}<{l}\u00c2\u00ad@{d}>",
    "From:{w}<{l}\u00e2\u0080\u008b@{d}>",
    "From:{w}<{v}>;",
    "From:{w}<<{v}>>",
    "From:{w}[{v}]",
    "From:{w}",
    "X-From:{w}<{v}>",
]
SPACES = ["", " ", "\t", "  ", "\n ", "\n\t ", " Anna Vale ", ' "Vale, Anna" ', " =?utf-8?q?Anna?= ", " \n "]
LOCALS = ["ap", "a.p", "billing+x", "a_b-c", "finance"]


def test_no_nasty_from_passes_for_the_partner() -> None:
    passed, tried = [], 0
    for shape, white, local in itertools.product(NASTY, SPACES, LOCALS):
        domain = "harbourlane.example"
        line = shape.format(v=f"{local}@{domain}", t=THIEF, l=local, d=domain, w=white, b=ENCODED)
        tried += 1
        if identity_of(line).verdict is not Verdict.SPOOFED:
            passed.append(line)

    assert passed == []
    assert tried > 2_000


@pytest.mark.parametrize("name", ['"{v}"', "=?utf-8?b?{b}?=", '"{v} <"', '"<{v}>, "', '"=?utf-8?b?{b}?="', '"{v}\\""'])
def test_an_address_in_the_display_name_is_no_identity(name: str) -> None:
    identity = identity_of(f"From: {name.format(v=VICTIM, b=ENCODED)} <{THIEF}>", proved="evil.example")

    assert identity.address == THIEF
    assert identity.look_alike_of == VICTIM


@pytest.mark.parametrize("field", ["Sender", "Reply-To", "Resent-From", "Return-Path", "X-Original-From", "X-Sender"])
def test_no_other_field_is_identity(field: str) -> None:
    assert identity_of(f"{field}: <{VICTIM}>\nFrom: {THIEF}", proved="evil.example").address == THIEF
    assert identity_of(f"{field}: <{VICTIM}>").verdict is Verdict.SPOOFED


def look_alikes(address: str) -> set[str]:
    """Two hundred addresses and more that pass for this one: slips, other letters, hyphens, endings, longer names."""
    local, _, domain = address.partition("@")
    name, _, ending = domain.rpartition(".")
    swaps = {
        "a": "\u0430",
        "e": "\u0435",
        "o": "0",
        "l": "1",
        "i": "l",
        "m": "rn",
        "w": "vv",
        "d": "cl",
        "s": "5",
        "c": "\u0441",
    }
    names = {name.replace(old, new, 1) for old, new in swaps.items() if old in name}
    names |= {name[:at] + name[at + 1 :] for at in range(len(name))}
    names |= {name[:at] + name[at] + name[at:] for at in range(len(name))}
    names |= {name[:at] + name[at + 1] + name[at] + name[at + 2 :] for at in range(len(name) - 1)}
    names |= {name[:at] + "-" + name[at:] for at in range(1, len(name))}
    names |= {name[:at] + char + name[at + 1 :] for at in range(len(name)) for char in "xqnkzvhu"}
    endings = [
        "com",
        "net",
        "org",
        "nl",
        "co",
        "io",
        "biz",
        "example.com",
        f"{ending}.evil.example",
        "exarnple",
        "examp1e",
    ]
    domains = {f"{one}.{last}" for one in names for last in (ending, "com")} | {f"{name}.{one}" for one in endings}
    domains |= {f"{name}-{word}.{ending}" for word in ("billing", "pay", "it", "group")} | {
        f"mail.{domain}",
        f"{name}{ending}.com",
    }
    locals_ = {f"{local}1", f"{local}.", f"{local}+x", f"{local}-{local}", local[::-1] + "x"}
    return ({f"{local}@{one}" for one in domains} | {f"{one}@{domain}" for one in locals_}) - {address}


PARTNERS = [
    VICTIM,
    "accounts.payable@northwindcloud.example",
    "facturatie@waalkade.example",
    "m.rossi@brentainformatica.example",
]


@pytest.mark.parametrize("address", PARTNERS)
def test_a_near_address_is_another_address(address: str) -> None:
    near = sorted(look_alikes(address))
    for one in near:
        domain = one.partition("@")[2]
        encoded = ".".join(
            f"xn--{label.encode('punycode').decode()}" if not label.isascii() else label for label in domain.split(".")
        )
        for form in (one.encode().decode("latin-1"), f"{one.partition('@')[0]}@{encoded}"):
            identity = identity_of(f'From: "{address}" <{form}>', proved=encoded)
            assert identity.address != address
            assert identity.address is None or identity.look_alike_of == address

    assert len(near) >= 200


def test_near_addresses_are_seen_by_people() -> None:
    for address in PARTNERS:
        domains = [one for one in look_alikes(address) if one.partition("@")[2] != address.partition("@")[2]]
        unseen = [one for one in domains if not look_alike(one, [address])]

        assert len(unseen) / len(domains) < 0.05, unseen


def test_ordinary_neighbours_are_no_look_alikes() -> None:
    known = [*PARTNERS, "@billing.example"]

    assert [
        look_alike(one, known) for one in [*PARTNERS, "x@larkfield.example", "y@ospreypoint.example", "z@a.nl"]
    ] == [""] * 7


@pytest.mark.parametrize(
    ("address", "known", "seen"),
    [
        ("anna.va1e@harbourlane.example", "anna.vale@harbourlane.example", True),
        ("anna.vael@harbourlane.example", "anna.vale@harbourlane.example", True),
        ("finance@harbourlane.example", "anna.vale@harbourlane.example", False),
        ("anna.vale@harbourlane.example", "@harbourlane.example", False),
        ("anna@xn--billing\u00e9.example", "@billing.example", False),
        ("anna@xn--bi11ing-.example", "@billing.example", True),
    ],
)
def test_names_of_one_domain_and_labels_that_decode_to_nothing(address: str, known: str, seen: bool) -> None:
    assert look_alike(address, [known]) == (known if seen else "")


def test_a_domain_that_is_nearly_ours_is_named() -> None:
    assert identity_of("From: ap@bi11ing.example", proved="bi11ing.example").look_alike_of == "billing.example"
    assert identity_of("From: ap@billing.example", proved="billing.example").look_alike_of == ""


@pytest.mark.parametrize(
    ("signer", "author", "speaks"),
    [
        ("harbourlane.example", "harbourlane.example", True),
        ("HarbourLane.example", "harbourlane.EXAMPLE", True),
        ("harbourlane.example", "mail.harbourlane.example", True),
        ("mail.harbourlane.example", "harbourlane.example", False),
        ("lane.example", "harbourlane.example", False),
        ("example", "harbourlane.example", False),
        ("co.uk", "harbourlane.co.uk", False),
        ("com.br", "a.com.br", False),
        ("onmicrosoft.com", "harbourlane.onmicrosoft.com", False),
        ("harbourlane.co.uk", "mail.harbourlane.co.uk", True),
        ("", "", False),
        (".example", "a.example", False),
    ],
)
def test_a_signature_speaks_for_its_own_domain_and_below(signer: str, author: str, speaks: bool) -> None:
    assert aligns(signer, author) is speaks


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a.",
        ".a",
        "a..b",
        "-a.nl",
        "a-.nl",
        "a_b.nl",
        "a.1",
        "a b.nl",
        "\u00e9.nl",
        "a." * 130 + "nl",
        "a" * 64 + ".nl",
    ],
)
def test_what_is_no_host_name(text: str) -> None:
    assert not is_domain(text)


@pytest.mark.parametrize(
    "attack",
    [
        '"' * 100_001,
        "(" * 100_000,
        '"\\' * 50_000,
        "a." * 50_000,
        "a@" * 50_000,
        "\n " * 50_000,
        "<" * 100_000,
        "=?" * 50_000,
        "(a)" * 33_000,
        '"a"' * 600,
        "a " * 990,
        "a" * 1_999,
        "()" * 999,
    ],
)
def test_reading_from_costs_little(attack: str) -> None:
    start = process_time()

    assert one_address(attack) is None
    assert process_time() - start < 0.05


def test_the_trail_says_why() -> None:
    assert identity_of(f"From: {VICTIM}").why == "DMARC pass"
    assert one_line(Findings())[0].startswith("Authentication-Results: mx.billing.example;")
