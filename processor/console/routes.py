"""Every address of the console, what it needs, and whether it changes anything. There is no route beside these."""

from __future__ import annotations

from processor.console import (
    acts,
    conversation,
    entrance,
    letters,
    mail_parts,
    overview,
    partners,
    queue,
    records,
    reports,
    tokens,
)
from processor.console.guard import Page
from processor.console.permissions import Permission

PAGES = (
    Page("/signin", entrance.signin, needs=None),
    Page("/signin", entrance.enter, needs=None, acts=True),
    Page("/signout", entrance.leave, acts=True),
    Page("/", overview.today),
    Page("/queue", queue.queue),
    Page("/find", queue.search),
    Page("/request/{key}", conversation.conversation),
    Page("/mail/{mail:int}/page", mail_parts.frame),
    Page("/mail/{mail:int}/original", mail_parts.original),
    Page("/mail/{mail:int}/part/{part}", mail_parts.attachment),
    Page("/partner/{partner}", partners.partner),
    Page("/partner/{partner}/statement.csv", partners.statement),
    Page("/reports", reports.reports),
    Page("/reports.csv", reports.as_csv),
    Page("/reports.json", reports.as_json),
    Page("/letters", letters.letters),
    Page("/health", overview.health),
    Page("/item/{item:int}/assign", acts.assign, Permission.ACT, acts=True),
    Page("/item/{item:int}/note", acts.note, Permission.ACT, acts=True),
    Page("/item/{item:int}/close", acts.close, Permission.ACT, acts=True),
    Page("/item/{item:int}/reopen", acts.reopen, Permission.ACT, acts=True),
    Page("/item/{item:int}/decide/{act}", acts.decide, Permission.ACT, acts=True),
    Page("/partner/{partner}/pause", acts.pause, Permission.ACT, acts=True),
    Page("/approval/{approval:int}", acts.approve, Permission.APPROVE, acts=True),
    Page("/allocation/{name}/reverse", acts.take_back, Permission.APPROVE, acts=True),
    Page("/audit", records.audit, Permission.AUDIT),
    Page("/audit.csv", records.export, Permission.AUDIT),
    Page("/settings", records.settings, Permission.AUDIT),
    Page("/accounts", entrance.people, Permission.ADMINISTER),
    Page("/accounts", entrance.add, Permission.ADMINISTER, acts=True),
    Page("/accounts/change", entrance.change, Permission.ADMINISTER, acts=True),
    Page("/tokens", tokens.overview, Permission.ADMINISTER),
    Page("/tokens", tokens.give, Permission.ADMINISTER, acts=True),
    Page("/tokens/{token:int}/revoke", tokens.revoke, Permission.ADMINISTER, acts=True),
)
