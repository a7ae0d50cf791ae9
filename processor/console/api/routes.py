"""Every address of the API, what it needs, and how it may fail. There is no route beside these and the document."""

from __future__ import annotations

from processor.console import drafts
from processor.console.api import acts, items, mails, partners, people, queue, records, replays, requests, standing
from processor.console.api.endpoint import Endpoint
from processor.console.api.problems import Code
from processor.console.permissions import Permission

_ACT, _AUDIT = Permission.ACT, Permission.AUDIT
_MISSING = (Code.NOT_FOUND,)
_BOUND = (Code.NOT_FOUND, Code.CHANGED, Code.HELD_BACK, Code.REFUSED)
_HELD = (Code.NOT_FOUND, Code.CONFLICT, Code.REFUSED)

ENDPOINTS = (
    Endpoint("GET", "/whoami", standing.whoami, needs=None),
    Endpoint("GET", "/status", standing.show_status),
    Endpoint("GET", "/health", standing.show_health),
    Endpoint("GET", "/reports", standing.show_report),
    Endpoint("GET", "/letters", standing.preview_letters),
    Endpoint("GET", "/queue", queue.list_queue),
    Endpoint("GET", "/requests", queue.list_requests),
    Endpoint("GET", "/requests/{key}", requests.show_request, may=_MISSING),
    Endpoint("GET", "/mails/{mail}/original", mails.download_mail, may=_MISSING),
    Endpoint("GET", "/mails/{mail}/parts/{part}", mails.download_part, may=_MISSING),
    Endpoint("GET", "/items/{item}", items.show_item, may=_MISSING),
    Endpoint("POST", "/items/{item}/apply", acts.apply_item, _ACT, _BOUND),
    Endpoint("POST", "/items/{item}/ask", acts.ask_partner, _ACT, _BOUND),
    Endpoint("POST", "/items/{item}/reject", acts.reject_item, _ACT, _BOUND),
    Endpoint("POST", "/items/{item}/release", acts.release_item, _ACT, _BOUND),
    Endpoint("POST", "/items/{item}/assign", items.assign_item, _ACT, _HELD),
    Endpoint("POST", "/items/{item}/note", items.note_item, _ACT, _HELD),
    Endpoint("POST", "/items/{item}/close", items.close_item, _ACT, _HELD),
    Endpoint("POST", "/items/{item}/reopen", items.reopen_item, _ACT, _HELD),
    Endpoint("POST", "/approvals/{approval}", acts.approve_proposal, Permission.APPROVE, _BOUND),
    Endpoint("POST", "/allocations/{name}/reverse", acts.reverse_allocation, Permission.APPROVE, _BOUND),
    Endpoint("GET", "/find", partners.find_anything),
    Endpoint("GET", "/partners/{partner}", partners.show_partner, may=_MISSING),
    Endpoint("GET", "/partners/{partner}/statement", partners.show_statement, may=_MISSING),
    Endpoint("POST", "/partners/{partner}/pause", partners.pause_partner, _ACT, (*_MISSING, Code.REFUSED)),
    Endpoint("POST", "/partners/{partner}/resume", partners.resume_partner, _ACT, _MISSING),
    Endpoint("GET", "/audit", records.list_audit, _AUDIT),
    Endpoint("GET", "/audit/verify", records.verify_audit, _AUDIT),
    Endpoint("GET", "/words", replays.show_words, _AUDIT, _MISSING),
    Endpoint("GET", "/replays", replays.list_replays, _AUDIT),
    Endpoint("POST", "/replays", replays.begin_replay, _AUDIT, (Code.CONFLICT, Code.REFUSED), drafts.LONGEST),
    Endpoint("GET", "/replays/{replay}", replays.show_replay, _AUDIT, _MISSING),
    Endpoint("POST", "/replays/{replay}/cancel", replays.cancel_replay, _AUDIT, _MISSING),
    Endpoint("GET", "/settings", records.show_settings, _AUDIT),
    Endpoint("GET", "/accounts", people.list_accounts, Permission.ADMINISTER),
    Endpoint("GET", "/tokens", people.list_tokens, Permission.ADMINISTER),
    Endpoint("POST", "/tokens/{token}/revoke", people.revoke_token, Permission.ADMINISTER, _MISSING),
)
