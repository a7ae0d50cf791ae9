"""A decision held back: what it would have applied is not applied, and a person looks at it."""

from __future__ import annotations

from dataclasses import replace

from processor.core.decision import Decision, RequestState, ReviewItem, RuleTrace
from processor.core.letter import Letter, LetterKind
from processor.core.outcomes import Outcome, Reason


def held_over_limit(decision: Decision, why: str) -> Decision:
    """Return a decision that applies nothing because a limit was reached (`decisions.md` row 45); the partner gets the
    neutral "under review". `why` is for people.
    """
    return replace(
        decision,
        outcome=Outcome.REJECTED,
        missing=(),
        reasons=(Reason.OVER_LIMIT,),
        applications=(),
        letter=_neutral(decision.letter),
        state=RequestState.IN_REVIEW,
        reviews=(ReviewItem(Reason.OVER_LIMIT.value, why),),
        trail=(*decision.trail, RuleTrace("limits_are_kept", hit=True, note=why)),
    )


def _neutral(letter: Letter | None) -> Letter | None:
    if letter is None:
        return None
    return Letter(LetterKind.ACKNOWLEDGEMENT, letter.language, letter.to, letter.name, letter.subject, letter.reference)
