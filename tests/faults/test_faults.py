"""Whatever call outside fails, and however: once it is mended, no promise is broken."""

from tests.faults.loop import faults, trial

STEP = 97  # a prime, so that every error meets every kind of call in time; `make faults` takes them all


def test_no_fault_breaks_a_promise() -> None:
    met = set[str]()
    for fault in faults(STEP):
        gauge, broken = trial(fault)
        assert broken == [], (fault, gauge.met)
        assert gauge.met, fault
        met |= set(gauge.met)

    assert len(met) > 8
