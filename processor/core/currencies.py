"""How many decimals a currency has (ISO 4217), and decimal amounts as minor units: exactly, or not at all."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

DIGITS = 18  # of an amount in minor units: what every database keeps in eight bytes, with room for a sum of nine

# The active codes of ISO 4217 that are money, by number of decimals; the last line of the twos holds codes withdrawn
# since 2022, which ledgers still carry. What is no money (metals, XDR, XSU, XUA, XTS, XXX) is left out.
_CODES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
        CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD
        HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK
        MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD
        RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
        USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
        ANG BGN CUC HRK SLL ZWL
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_EXPONENTS = {code: exponent for exponent, codes in _CODES.items() for code in codes.split()}


def codes() -> frozenset[str]:
    """Return every currency code that can be money here."""
    return frozenset(_EXPONENTS)


def exponent(code: str) -> int | None:
    """Return how many decimals a currency has (EUR 2, JPY 0, KWD 3), or None for a code that is no currency."""
    return _EXPONENTS.get(code)


def to_minor(amount: Decimal, code: str) -> int | None:
    """Return an amount in minor units, never rounded.

    None for an unknown code, for more decimals than the currency has, and for what is no finite number of at most
    eighteen digits.
    """
    decimals = exponent(code)
    if decimals is None or not amount.is_finite():
        return None
    if amount and abs(amount.adjusted()) > DIGITS:  # "1E+999999999" is short, its power of ten is not
        return None
    minor = Fraction(amount) * 10**decimals
    return minor.numerator if minor.denominator == 1 and abs(minor.numerator) < 10**DIGITS else None


def to_text(minor: int, code: str) -> str:
    """Return minor units as the ledger's files write them: decimal point, no grouping, all decimals (`contracts.md`).

    Raises `KeyError` for a code that is no currency.
    """
    decimals = _EXPONENTS[code]
    whole, part = divmod(abs(minor), 10**decimals)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole}.{part:0{decimals}d}" if decimals else f"{sign}{whole}"
