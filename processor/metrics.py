"""The figures as Prometheus reads them (text format 0.0.4). No label holds text of a mail, a partner or a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from processor import events
from processor.adapters.figures_sql import Figures, Queue
from processor.adapters.pulse_sql import RECONCILED
from processor.watch import Look

_PREFIX = "allocation_processor_"


class _Figures(Collector):
    """One look, as metrics."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def collect(self) -> Iterator[Metric]:
        look = self._look
        yield _gauge("up", "1 when the database answers", {"": float(look.figures is not None)})
        alerts = GaugeMetricFamily(f"{_PREFIX}alert", "1 while something is wrong", labels=["alert"])
        for check in look.checks:
            alerts.add_metric([check.name], float(bool(check.wrong)))
        yield alerts
        counter = CounterMetricFamily(f"{_PREFIX}events", "Business events of this process", labels=["event"])
        for name, count in sorted(events.counted().items()):
            counter.add_metric([name], count)
        yield counter
        if look.figures is not None:
            yield from _waiting(look.figures)
            yield from _signs(look.figures)
            yield _by("pauses", "Pauses that stand", "action", _counted(look))


def metrics_text(look: Look) -> bytes:
    """Return a look as Prometheus reads it."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(look))
    return generate_latest(registry)


def _waiting(figures: Figures) -> Iterator[Metric]:
    queues: tuple[tuple[str, str, Queue], ...] = (
        ("undecided_mails", "Mails without a decision", figures.undecided),
        ("review_items", "Items that wait for a person", figures.review),
        ("waiting_requests", "Requests that wait for their partner", figures.waiting),
        ("outbox_letters", "Letters on their way out", figures.outbox),
        ("uncertain_letters", "Letters of which nobody knows whether they arrived", figures.uncertain),
        ("unwritten_feeds", "Files for the billing page that are not written", figures.feeds),
    )
    for name, words, queue in queues:
        age = (figures.at - queue.since).total_seconds() if queue.since else 0.0
        yield _gauge(name, words, {"": queue.count})
        yield _gauge(f"{name}_oldest_seconds", f"{words}: age of the oldest", {"": max(0.0, age)})
    yield _by("review_items_by_reason", "Items that wait for a person, by reason", "reason", figures.reviews_by_kind)
    yield _by("mails_decided_last_day", "Mails decided in 24 hours, by outcome", "outcome", figures.outcomes)


def _signs(figures: Figures) -> Iterator[Metric]:
    """A mailbox's address is no secret of a partner's, yet no label needs it."""
    ages: dict[str, float] = {}
    for name, sign in figures.pulses.items():
        bare = name.partition(" ")[0] if "@" in name else name.replace(" ", "_")
        ages[bare] = max(ages.get(bare, 0.0), (figures.at - sign.at).total_seconds())
    yield _by("sign_of_life_age_seconds", "How long ago something was seen to work", "what", ages)
    lost = sum(sign.value for name, sign in figures.pulses.items() if name.startswith(RECONCILED))
    yield _gauge("reconcile_difference", "Mails in the mailbox that the database doesn't know: must be 0", {"": lost})


def _counted(look: Look) -> dict[str, int]:
    actions = [one.action for one in look.pauses]
    return {action: actions.count(action) for action in ("applying", "replying")}


def _gauge(name: str, words: str, values: dict[str, float] | dict[str, int]) -> GaugeMetricFamily:
    made = GaugeMetricFamily(_PREFIX + name, words)
    made.add_metric([], values[""])
    return made


def _by(name: str, words: str, label: str, values: Mapping[str, float] | Mapping[str, int]) -> GaugeMetricFamily:
    made = GaugeMetricFamily(_PREFIX + name, words, labels=[label])
    for key, value in sorted(values.items()):
        made.add_metric([key], value)
    return made
