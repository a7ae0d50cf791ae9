"""All commands in one place, in the order in which a newcomer meets them."""

from __future__ import annotations

import typer

from processor.cli import (
    console,
    deciding,
    keeping,
    ledger,
    privacy,
    reporting,
    review_acts,
    reviewing,
    running,
    safety,
    upkeep,
)


def _group(words: str) -> typer.Typer:
    """Make a group of commands: help instead of a complaint, and tracebacks that show no values."""
    return typer.Typer(
        help=words, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
    )


app = _group("Reads partners' payment allocation requests from a mailbox, applies what matches, and answers every one.")
app.command(short_help="Sample mails through real mail servers.")(running.demo)
app.command(short_help="Work the mailbox on schedule, or once.")(running.run)
app.command(short_help="What would become of one mail, and why.")(deciding.explain)
app.command(short_help="Decide stored mails without a mailbox.")(deciding.replay)

_ledger = _group("The ledger: import, export, check.")
_ledger.command("import")(ledger.import_files)
_ledger.command("export")(ledger.export_files)
_ledger.command("check")(ledger.check)
app.add_typer(_ledger, name="ledger")
app.command(short_help="What a partner has open.")(ledger.statement)

_review = _group("Messages that wait for a person.")
_review.command("list")(reviewing.list_items)
_review.command("show")(reviewing.show)
_review.command("quarantined")(reviewing.list_quarantined)
_review.command("open", short_help="Make an item of a mail, such as one in quarantine.")(review_acts.open_about)
_review.command("apply", short_help="Apply payments to invoices.")(review_acts.apply)
_review.command("ask", short_help="Ask the partner.")(review_acts.ask)
_review.command("reject", short_help="End it without an allocation.")(review_acts.reject)
_review.command("release", short_help="Decide the mail again, on your word.")(review_acts.release)
_review.command("approve", short_help="Do it as the second person.")(review_acts.approve)
_review.command("approvals", short_help="What waits for a second person.")(review_acts.approvals)
_review.command("close", short_help="End an item that asks for no decision.")(review_acts.close)
_review.command("reopen", short_help="Open an item again.")(review_acts.reopen)
_review.command("assign", short_help="Give an item to somebody.")(review_acts.assign)
_review.command("note", short_help="Add words to an item.")(review_acts.note)
app.add_typer(_review, name="review")

app.command(short_help="Take an allocation back.")(review_acts.reverse)
app.command(short_help="How the work went.")(reporting.report)
app.command(short_help="Stop applying, or sending letters.")(safety.pause)
app.command(short_help="Go on.")(safety.resume)
app.command(short_help="What was decided in rehearsal.")(safety.rehearsals)

_database = _group("The database: its schema, and safety copies.")
_database.command("upgrade")(upkeep.upgrade)
_database.command("backup")(keeping.backup)
_database.command("restore")(keeping.restore)
_database.command("verify")(keeping.verify)
app.add_typer(_database, name="database")

_audit = _group("The audit log: that it is whole.")
_audit.command("verify")(keeping.verify_audit)
_audit.command("anchor")(keeping.keep_anchor)
app.add_typer(_audit, name="audit")

_privacy = _group("What is kept about a partner: hand it out, erase it, hold it.")
_privacy.command("export", short_help="Everything about a partner, as files.")(privacy.export)
_privacy.command("erase", short_help="Erase a partner's words and people.")(privacy.erase)
_privacy.command("hold", short_help="Keep a partner from being erased.")(privacy.hold)
_privacy.command("unhold", short_help="End a hold.")(privacy.unhold)
_privacy.command("holds", short_help="Who is held.")(privacy.holds)
app.add_typer(_privacy, name="privacy")

app.command(short_help="What waits, since when, and what is wrong.")(keeping.status)
app.command(short_help="What is well, and what is to mend.")(upkeep.doctor)
app.command("settings", short_help="A settings file with every key.")(upkeep.settings)

_console = typer.Typer(
    help="The web console for operations.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
_console.callback()(console.serve)
_user = _group("Who may sign in to the console.")
_user.command("add")(console.add)
_user.command("change")(console.change)
_user.command("list")(console.people)
_console.add_typer(_user, name="user")
_token = _group("Tokens by which programs call the API.")
_token.command("add")(console.add_token)
_token.command("list")(console.list_tokens)
_token.command("revoke")(console.revoke_token)
_console.add_typer(_token, name="token")
app.add_typer(_console, name="console")
