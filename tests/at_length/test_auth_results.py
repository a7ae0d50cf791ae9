"""Results of our own server are read in every hand; what a mail brings along is worth nothing."""

from __future__ import annotations

import itertools
from dataclasses import replace
from time import process_time
from typing import TYPE_CHECKING

import pytest

from processor.core.auth_results import read_results, trusted_results
from processor.core.identity import Verdict, identify
from tests.builders import headers, message, policy
from tests.core.handwriting import (
    ARC,
    AUTHOR,
    BORDER,
    DKIM,
    DMARC,
    DOMAIN,
    HANDS,
    SERVER,
    SIGNERS,
    SPF,
    Findings,
    gmail,
    one_line,
    truth_table,
)

if TYPE_CHECKING:
    from collections.abc import Callable

POLICY = policy()
MAIL = message("From: nobody\n\nPlease.")
TRUSTED = frozenset({SERVER})


def verdict_of(*lines: str, author: str = AUTHOR) -> Verdict:
    fields = headers("\n".join([*lines, f"From: Anna Vale <{author}>", "To: allocations@billing.example"]))
    return identify(replace(MAIL, headers=fields), POLICY).verdict


def test_every_combination_is_as_the_published_table_says() -> None:
    table = truth_table()
    assert len(table) == len(DMARC) * len(DKIM) * len(SIGNERS)
    wrong, seen = [], 0
    for number, (spf, dkim, dmarc, signer, arc) in enumerate(itertools.product(SPF, DKIM, DMARC, SIGNERS, ARC)):
        found = Findings(spf, dkim, dmarc, SIGNERS[signer], arc)
        hand = HANDS[number % len(HANDS)]
        verdict = verdict_of(*hand(found), BORDER)
        seen += 1
        if verdict != table[dmarc, dkim, signer]:
            wrong.append((hand.__name__, found, verdict))

    assert wrong == []
    assert seen > 10_000


@pytest.mark.parametrize("hand", HANDS)
def test_every_hand_says_the_same(hand: Callable[[Findings], list[str]]) -> None:
    results = trusted_results(headers("\n".join(hand(Findings()))), TRUSTED)

    assert results is not None
    said = {result.method: result for result in results}
    assert said["dmarc"].result == "pass"
    assert said["dmarc"].domain("header.from") == DOMAIN
    assert said["dkim"].domain("header.d", "header.i") == DOMAIN
    assert said["spf"].result == "pass"


IDS = [
    SERVER,
    SERVER.upper(),
    f"{SERVER} 1",
    f"{SERVER} (spam filter)",
    f"(x) {SERVER}",
    f'"{SERVER}"',
    f"{SERVER}.",
    f".{SERVER}",
    f"{SERVER}.evil.example",
    f"evil-{SERVER}",
    "mx.bi1ling.example",
    "mx.b\u0456lling.example",
    f"{SERVER}\t",
    f"{SERVER} 1 2",
    f"{SERVER}/1",
    f"a@{SERVER}",
    "-",
    "",
]
PLACES = ["below", "behind a hop", "behind a hop that bears our name", "at the end", "behind its own border"]
SAID = [
    "",
    f"Authentication-Results: {SERVER}; spf=pass smtp.mailfrom={DOMAIN}; dkim=none; dmarc=none header.from={DOMAIN}",
]
OWN_NAME = f"Received: from {SERVER} ({SERVER} [192.0.2.1]) by {SERVER} (Postfix) with ESMTP id 1; x"
FOREIGN = "Received: from a.example by mail.out.example with ESMTPS id 2; Mon, 16 Nov 2026 08:00:00 +0000"


def forged(place: str, field: str, said: str) -> list[str]:
    top = [said] if said else []
    match place:
        case "below":
            return [*top, BORDER, field]
        case "behind a hop":
            return [*top, BORDER, FOREIGN, field]
        case "behind a hop that bears our name":
            return [*top, BORDER, OWN_NAME, field]
        case "behind its own border":
            return [*top, BORDER, field, BORDER]
        case _:
            return [*top, BORDER, FOREIGN, "Date: Mon, 16 Nov 2026 08:00:00 +0000", "MIME-Version: 1.0", field]


def test_no_forged_result_is_believed() -> None:
    believed, tried = [], 0
    for server, place, hand, said in itertools.product(IDS, PLACES, HANDS, SAID):
        for field in hand(Findings()):
            lines = forged(place, field.replace(SERVER, server, 1), said)
            tried += 1
            if verdict_of(*lines) is not Verdict.UNAUTHENTICATED:
                believed.append(lines)

    assert believed == []
    assert tried > 500


@pytest.mark.parametrize(
    "server", [one for one in IDS if one.strip().lower().split(" ")[0] not in {SERVER, f"(x) {SERVER}", "(x)"}]
)
def test_a_result_on_top_needs_our_exact_name(server: str) -> None:
    field = one_line(Findings())[0].replace(SERVER, server, 1)

    assert verdict_of(field, BORDER) is Verdict.UNAUTHENTICATED


@pytest.mark.parametrize(
    "borders",
    [
        [f"Received: from {SERVER} (evil.example [203.0.113.9]) by {SERVER} (Postfix) with ESMTP id 3; x"],
        [f"Received: from {SERVER} (unknown [203.0.113.9]) by {SERVER} (Postfix) with ESMTP id 3; x"],
        [f"Received: from {SERVER} ([203.0.113.9]) by {SERVER} with ESMTP; x"],
        [f"Received: from [203.0.113.9] (helo={SERVER}) by {SERVER} with esmtp (Exim 4.98); x"],
        [f"Received: from {SERVER} (203.0.113.9) by {SERVER} with SMTP; x"],
        [f"Received: from localhost (evil.example [203.0.113.9]) by {SERVER} (Postfix); x"],
        [f"Received: by {SERVER} (Postfix, from userid 99)\n\tid 4; x", BORDER],
        [f"Received: from {SERVER}\n\tby {SERVER} with LMTP\n\tid 4 for <allocations@billing.example>; x", BORDER],
        ["Received: (unclosed"],
        ["Received:"],
    ],
)
def test_a_host_that_calls_itself_ours_opens_no_door(borders: list[str]) -> None:
    assert verdict_of(*borders, one_line(Findings())[0]) is Verdict.UNAUTHENTICATED


@pytest.mark.parametrize(
    "hops",
    [
        [],
        [BORDER],
        [FOREIGN],
        [BORDER, FOREIGN],
    ],
)
def test_what_stands_on_top_counts(hops: list[str]) -> None:
    assert verdict_of(one_line(Findings())[0], *hops) is Verdict.AUTHENTICATED


@pytest.mark.parametrize(
    "hop",
    [
        f"Received: from {SERVER}\n\tby {SERVER} with LMTP\n\tid 4 for <allocations@billing.example>; x",
        f"Received: from {SERVER} ({SERVER} [10.0.0.2]) by {SERVER} (Postfix) with ESMTP id 5; x",
        f"Received: from localhost (localhost [127.0.0.1])\n\tby {SERVER} (Postfix) with ESMTP id 5; x",
        f"Received: by {SERVER} (Postfix, from userid 99)\n\tid 4; x",
    ],
)
def test_a_hop_inside_the_house_is_passed(hop: str) -> None:
    assert verdict_of(hop, one_line(Findings())[0], BORDER) is Verdict.AUTHENTICATED


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Findings(), Findings(dmarc="fail")),
        (Findings(), Findings(dmarc="none")),
        (Findings(dkim="absent", dmarc="absent"), Findings(spf="fail")),
        (Findings(dmarc="none"), Findings(dmarc="none", dkim="fail")),
        (Findings(dmarc="none"), Findings(dmarc="none", dkim="none", signer="")),
        (Findings(dmarc="fail"), Findings(dmarc="pass")),
    ],
)
def test_where_trusted_results_disagree_none_counts(first: Findings, second: Findings) -> None:
    assert verdict_of(*one_line(first), *gmail(second), BORDER) is Verdict.UNAUTHENTICATED


def test_two_trusted_results_that_agree_both_count() -> None:
    assert verdict_of(*one_line(Findings()), *gmail(Findings()), BORDER) is Verdict.AUTHENTICATED


def test_one_good_signature_among_several_is_enough() -> None:
    signatures = f"dkim=fail header.d=sendpost.example; dkim=pass header.d={DOMAIN}"
    field = f"Authentication-Results: {SERVER}; {signatures}; dmarc=none"

    assert verdict_of(field, BORDER) is Verdict.AUTHENTICATED


@pytest.mark.parametrize("result", ["pass", "none"])
def test_a_result_about_another_from_is_no_proof(result: str) -> None:
    field = f"Authentication-Results: {SERVER}; dkim=pass header.d={DOMAIN}; dmarc={result} header.from=evil.example"

    assert verdict_of(field, BORDER) is Verdict.UNAUTHENTICATED


# What a server may copy from the mail into its own field, and nobody may take for its words.
COPIED = [
    f'spf=pass smtp.mailfrom="a; dmarc=pass header.from={DOMAIN}"@evil.example; dkim=none',
    f'spf=pass smtp.mailfrom="a dmarc=pass header.from={DOMAIN} b"@evil.example; dmarc=none; dkim=none',
    f"spf=pass (domain of a; dmarc=pass header.from={DOMAIN}; b@evil.example) smtp.mailfrom=evil.example; dmarc=none",
    f"spf=pass (domain of a) dmarc=pass header.from={DOMAIN} (@evil.example) smtp.mailfrom=evil.example; dmarc=none",
    f'spf=pass (domain of "a); dmarc=pass header.from={DOMAIN}; ("@evil.example) smtp.mailfrom=evil.example',
    f'spf=pass (domain of "a); dmarc=pass header.from={DOMAIN}; (@evil.example) smtp.mailfrom=evil.example',
    f"spf=pass (domain of a\\); dmarc=pass header.from={DOMAIN}; \\(@evil.example) smtp.mailfrom=evil.example",
    f"spf=pass smtp.mailfrom={DOMAIN}(.evil.example; dkim=pass header.d={DOMAIN}",
    f"dkim=pass header.d={DOMAIN}(.evil.example header.i=@evil.example",
    f"dkim=pass header.d={DOMAIN}\x00.evil.example",
    f"dkim=pass header.d={DOMAIN}.evil.example",
    f'dkim=pass header.d="{DOMAIN} "',
    f'dkim=pass header.i="x header.d={DOMAIN} y"@evil.example header.s=s',
    f"dkim=pass header.i=x header.d={DOMAIN} y@evil.example header.d=evil.example",
    f"dkim=pass header.d=evil.example header.d={DOMAIN}",
    f"dkim=pass header.d={DOMAIN}'@a.evil.example",
    f"dkim=fail reason=dkim=pass header.d={DOMAIN}",
    f"dkim=pass (header.d={DOMAIN})",
    f"(dmarc=pass) spf=pass smtp.mailfrom={DOMAIN}",
    "dmarc=passed",
    "dmarc=pass-not-really",
    'dmarc="pass"',
    "dmarc = pass",
    "dmarc pass",
    "x dmarc=pass",
    "xdmarc=pass",
    "dmarc.x=pass",
    "dmarc=(pass)",
    "dmarc=none; dmarc=pass",
    "arc=pass; spf=pass",
    f'dmarc=pass header.from={DOMAIN}; "',
    f"dmarc=pass header.from={DOMAIN}; (",
    f"dmarc=pass header.from={DOMAIN} )",
]


@pytest.mark.parametrize("words", COPIED)
def test_what_the_server_copied_from_the_mail_proves_nothing(words: str) -> None:
    assert verdict_of(f"Authentication-Results: {SERVER}; {words}", BORDER) is Verdict.UNAUTHENTICATED


def test_microsoft_365_signs_with_no_name() -> None:
    text = f"""
    Received: from AM6PR04.eurprd04.prod.outlook.com (2603:10a6:20b::1)
     by DB9PR04.eurprd04.prod.outlook.com (2603:10a6:10::2) with HTTPS; x
    Authentication-Results: spf=pass (sender IP is 192.0.2.7) smtp.mailfrom={DOMAIN};
     dkim=pass (signature was verified) header.d={DOMAIN};dmarc=pass action=none
     header.from={DOMAIN};compauth=pass reason=100
    Received: from mail.out.example (192.0.2.7)
     by DB5EUR.mail.protection.outlook.com (10.152.20.1) with Microsoft SMTP Server; x
    Authentication-Results: spf=fail; dmarc=fail
    From: {AUTHOR}
    """
    named = policy(trusted_servers=["-", ".prod.outlook.com", ".protection.outlook.com"])

    assert identify(message(text), named).verdict is Verdict.AUTHENTICATED
    assert identify(message(text), POLICY).verdict is Verdict.UNAUTHENTICATED


def test_gmail_writes_below_its_own_received() -> None:
    field = one_line(Findings())[0].replace(SERVER, "mx.google.com")
    border = (
        "Received: from mail.out.example (mail.out.example. [192.0.2.7])\n        by mx.google.com with ESMTPS id 7; x"
    )
    below, named = policy(trusted_servers=["mx.google.com below"]), policy(trusted_servers=["mx.google.com"])

    assert identify(message(f"{border}\n{field}\n{FOREIGN}\nFrom: {AUTHOR}"), below).verdict is Verdict.AUTHENTICATED
    assert identify(message(f"{border}\n{FOREIGN}\n{field}\nFrom: {AUTHOR}"), below).verdict is Verdict.UNAUTHENTICATED
    assert identify(message(f"{border}\n{field}\n{FOREIGN}\nFrom: {AUTHOR}"), named).verdict is Verdict.UNAUTHENTICATED


def test_the_operator_may_take_senders_at_their_word_but_no_forged_ones() -> None:
    trusting = policy(accept_unauthenticated=True)
    unproved, failed = Findings(dkim="none", dmarc="none", signer=""), Findings(dmarc="fail")

    assert identify(message(f"{one_line(unproved)[0]}\nFrom: {AUTHOR}"), trusting).verdict is Verdict.AUTHENTICATED
    assert identify(message(f"{one_line(failed)[0]}\nFrom: {AUTHOR}"), trusting).verdict is Verdict.SPOOFED


@pytest.mark.parametrize(
    "attack",
    [
        "(" * 100_000,
        '"' * 100_001,
        "\\" * 100_000,
        "a=" * 50_000,
        "; " * 50_000,
        "a" * 100_000,
        "()" * 50_000,
        '"a"' * 33_000,
        '("' * 50_000,
        "dkim=pass;" * 10_000,
        "dkim=pass " * 10_000,
        " " * 100_000,
        "dkim=pass header.d=" + "a." * 50_000,
        "x; " + "a.b=c " * 16_000,
    ],
)
def test_reading_costs_no_more_than_its_length(attack: str) -> None:
    start = process_time()
    read_results(attack)
    trusted_results([("Received", f"from {attack}"), ("Authentication-Results", attack)], TRUSTED)
    trusted_results([("Authentication-Results", f"{SERVER}; {attack}"), ("Received", attack)], TRUSTED)

    assert process_time() - start < 0.05
