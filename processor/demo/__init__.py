"""The whole journey on one machine: sample mails, real mail servers on loopback, a ledger that lives for one run."""
