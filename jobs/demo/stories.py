"""The examples that the demo is sure to hold: one provider each, with its own claims, declarations and commands.

What a story is to show is in its function; `jobs/demo/examples.py` finds it back in the books.
"""

from datetime import date, timedelta

from jobs.demo.claims import Letters, new_claim, quiet_credit
from jobs.demo.declarations import advance, declaration
from jobs.demo.model import CARRIERS, LAST_DAY, Order, Provider, Record, Story
from jobs.demo.names import iban

VZ, ZK = CARRIERS
_SINCE = date(2015, 1, 1)


def _day(number: int) -> date:
    return date(2026, 9, number)


def provider(
    serial: int, name: str, form: str, agbs: tuple[str, ...], *, carrier: str, until: date | None = None
) -> Provider:
    """The provider of a story: it declares only what the story says (weight 0). `until`: its IBAN ends."""
    record: Record = {
        "number": f"R9{serial:05d}",
        "name": name,
        "legalForm": form,
        "naturalPerson": form == "eenmanszaak",
        "kvk": f"9910{serial:04d}",
        "agbCodes": [{"agb": agb, "from": _SINCE} for agb in agbs],
        "ibans": [_iban(serial, name, _SINCE, until)],
    }
    return Provider(record=record, carriers=(carrier,), weight=0, low_cents=1, high_cents=2)


def _iban(serial: int, holder: str, since: date, until: date | None = None) -> Record:
    row: Record = {"iban": iban(800_000_000 + serial), "holder": holder, "from": since}
    return row if until is None else {**row, "until": until}


def net_zero(letters: Letters) -> Story:
    """A claim takes two whole declarations, so that nothing is paid out; the next payout is offset in part."""
    agb = "01090001"
    return Story(
        carrier="VZ",
        provider=provider(1, "Huisartsenpraktijk Ravelkamp & Duinhoven", "maatschap", (agb,), carrier="VZ"),
        opening=(letters.opening(VZ, "VZ-V9001", agb, "CM98", 240_000, date(2026, 6, 15)),),
        declarations=(
            (_day(1), declaration("VZ-D90011", agb, 60_000, _day(1))),
            (_day(1), declaration("VZ-D90012", agb, 30_000, _day(1))),
            (_day(3), declaration("VZ-D90013", agb, 100_000, _day(3))),
            (_day(8), declaration("VZ-D90014", agb, 200_000, _day(8))),
        ),
    )


def part_offset(letters: Letters) -> Story:
    """Zilveren Kruis' order: a claim takes a part of the first declaration that comes, before any reminder."""
    agb = "04090002"
    return Story(
        carrier="ZK",
        provider=provider(2, "Fysiotherapie B. Lommerweide", "eenmanszaak", (agb,), carrier="ZK"),
        opening=(letters.opening(ZK, "ZK-V9002", agb, "FC", 30_000, date(2026, 8, 10)),),
        declarations=((_day(2), declaration("ZK-D90021", agb, 80_000, _day(2))),),
    )


def matured_credit(letters: Letters) -> Story:
    """A credit and a correction of a practice that declares no more: after 90 days they become DS93 and CM93."""
    agb = "04090003"
    return Story(
        carrier="VZ",
        provider=provider(3, "Fysiotherapie De Wilgen Hoogevennen", "bv", (agb,), carrier="VZ"),
        opening=(
            quiet_credit("VZ-K9003", agb, 90_000, date(2026, 6, 5)),
            quiet_credit("VZ-K9103", agb, 31_250, date(2026, 6, 8), correction=True),
        ),
    )


def withdrawn_declaration(letters: Letters) -> Story:
    """A declaration loaded in error: its offset is turned back, what was paid of it is claimed and offset at once."""
    agb = "42090004"
    return Story(
        carrier="VZ",
        provider=provider(4, "Thuiszorg Het Veer Elzerbrink", "stichting", (agb,), carrier="VZ"),
        opening=(letters.opening(VZ, "VZ-V9004", agb, "CM98", 100_000, date(2026, 6, 22)),),
        declarations=(
            (_day(1), declaration("VZ-D90041", agb, 250_000, _day(1))),
            (_day(4), declaration("VZ-D90042", agb, 60_000, _day(4))),
        ),
        orders=(
            Order(
                carrier="VZ",
                day=_day(2),
                key="demo-withdrawal",
                kind="withdraw-declaration",
                body={"declaration": "VZ-D90041", "reason": "Ten onrechte ingelezen: hoort bij een ander jaar"},
            ),
        ),
    )


def other_agb_code(letters: Letters) -> Story:
    """The claim is on one AGB code, all declarations come on another one of the same legal entity."""
    first, second = "22090005", "22090105"
    return Story(
        carrier="ZK",
        provider=provider(5, "Kliniek De Toren Berkenoever", "bv", (first, second), carrier="ZK"),
        opening=(letters.opening(ZK, "ZK-V9005", first, "MC", 45_000, date(2026, 8, 3)),),
        declarations=((_day(1), declaration("ZK-D90051", second, 120_000, _day(1))),),
    )


def insolvent_provider(letters: Letters) -> Story:
    """A bankruptcy is recorded after the first night: from then on nothing is offset automatically (art. 53 Fw)."""
    agb = "42090006"
    return Story(
        carrier="VZ",
        provider=provider(6, "Thuiszorg De Akker Vlashorst", "bv", (agb,), carrier="VZ"),
        opening=(letters.opening(VZ, "VZ-V9006", agb, "CM89", 875_000, date(2026, 5, 18)),),
        declarations=tuple(
            (_day(n), declaration(f"VZ-D9006{n}", agb, 41_000 + 125 * n, _day(n))) for n in (2, 3, 4, 7, 8)
        ),
        orders=(
            Order(
                carrier="VZ",
                day=_day(1),
                key="demo-insolvency",
                kind="hold",
                body={"kind": "insolvency", "reason": "Faillissement uitgesproken", "owner": "juridische zaken"},
                provider="R900006",
            ),
        ),
    )


def ready_for_agency_vz(letters: Letters) -> Story:
    """VGZ's order: one reminder, then 90 days without declarations or payment."""
    agb = "94090007"
    return Story(
        carrier="VZ",
        provider=provider(7, "Psychologenpraktijk K. Winterstede", "eenmanszaak", (agb,), carrier="VZ"),
        opening=(letters.opening(VZ, "VZ-V9007", agb, "CM96", 318_040, date(2026, 3, 10)),),
    )


def ready_for_agency_zk(letters: Letters) -> Story:
    """Zilveren Kruis' order: on the day on which the term of the third letter ends."""
    agb = "12090008"
    return Story(
        carrier="ZK",
        provider=provider(8, "Tandartspraktijk Molenlaar & Kastelhorst", "maatschap", (agb,), carrier="ZK"),
        opening=(letters.opening(ZK, "ZK-V9008", agb, "SZ", 512_300, date(2026, 5, 5)),),
    )


def third_letter_due(letters: Letters) -> Story:
    """Two letters have lapsed: the third one is due in the night of 3 September."""
    agb = "12090009"
    return Story(
        carrier="ZK",
        provider=provider(9, "Tandartspraktijk P. Zilverbroek", "eenmanszaak", (agb,), carrier="ZK"),
        opening=(letters.opening(ZK, "ZK-V9009", agb, "COPE", 88_015, date(2026, 6, 5)),),
    )


def reminder_due(letters: Letters) -> Story:
    """The claim letter lapses during the nights: the reminder is due on 5 September, the day after its due date."""
    agb = "01090017"
    return Story(
        carrier="VZ",
        provider=provider(17, "Huisartsenpraktijk N. Bremmerlaar", "eenmanszaak", (agb,), carrier="VZ"),
        opening=(letters.opening(VZ, "VZ-V9017", agb, "DS93", 27_510, date(2026, 8, 5)),),
    )


def payment_with_old_reference(letters: Letters) -> Story:
    """The provider pays in part, on the reference of the first letter, after a reminder with a newer one."""
    agb = "13090010"
    claim = letters.opening(VZ, "VZ-V9010", agb, "CM93", 64_000, date(2026, 7, 1))
    return Story(
        carrier="VZ",
        provider=provider(10, "Verloskundigenpraktijk Eikenveen & Dalenkamp", "vof", (agb,), carrier="VZ"),
        opening=(claim,),
        orders=(
            Order(
                carrier="VZ",
                day=_day(3),
                key="demo-payment",
                kind="payment",
                body={"reference": claim["steps"][0]["paymentReference"], "cents": 24_000},
            ),
        ),
    )


def reversed_offset(letters: Letters) -> Story:
    """The provider disputes a claim after it was offset: the claim is held, and the money goes back next night."""
    agb = "22090011"
    return Story(
        carrier="VZ",
        provider=provider(11, "Kliniek De Boomgaard Dinkerdonk", "stichting", (agb,), carrier="VZ"),
        opening=(letters.opening(VZ, "VZ-V9011", agb, "DS98", 150_000, date(2026, 7, 6)),),
        declarations=(
            (_day(1), declaration("VZ-D90111", agb, 400_000, _day(1))),
            (_day(8), declaration("VZ-D90112", agb, 52_075, _day(8))),
        ),
        orders=(
            Order(
                carrier="VZ",
                day=_day(4),
                key="demo-dispute",
                kind="hold",
                body={"claim": "VZ-V9011", "kind": "dispute", "reason": "Bezwaar ontvangen", "owner": "controle"},
            ),
            Order(
                carrier="VZ",
                day=_day(4),
                key="demo-reversal",
                kind="reverse-offset",
                body={
                    "declaration": "VZ-D90111",
                    "claim": "VZ-V9011",
                    "effectiveDate": _day(1),
                    "reason": "Verrekend voordat op het bezwaar was beslist",
                },
            ),
        ),
    )


def no_iban(letters: Letters) -> Story:
    """The bank account ended: the running account is parked until the provider's new one comes in."""
    agb = "02090012"
    without = provider(12, "Apotheek Het Anker Rieterbeek", "bv", (agb,), carrier="ZK", until=_day(3))
    new_row = {**_iban(112, "Apotheek Het Anker Rieterbeek", LAST_DAY - timedelta(days=1))}
    with_iban = {**without.record, "ibans": [*without.record["ibans"], new_row]}
    return Story(
        carrier="ZK",
        provider=without,
        declarations=tuple((_day(n), declaration(f"ZK-D9012{n}", agb, 23_000 + 75 * n, _day(n))) for n in (2, 4, 8)),
        later=((LAST_DAY - timedelta(days=1), with_iban),),
    )


def ceiling_lowered(letters: Letters) -> Story:
    """An interim settlement is offset in full; the final one is lower, so the difference goes back."""
    agb = "42090013"
    interim = new_claim("ZK-V9013", agb, "EINDAFREKENING", 300_000, _day(1), kind="ceiling-interim")
    final = new_claim("ZK-V9113", agb, "EINDAFREKENING", 240_000, _day(4), kind="ceiling-final")
    return Story(
        carrier="ZK",
        provider=provider(13, "Thuiszorg De Sluis Oosterwaard", "stichting", (agb,), carrier="ZK"),
        claims=((_day(1), interim), (_day(4), {**final, "settles": "ZK-V9013"})),
        declarations=(
            (_day(1), declaration("ZK-D90131", agb, 200_000, _day(1))),
            (_day(2), declaration("ZK-D90132", agb, 150_000, _day(2))),
        ),
    )


def ceiling_raised(letters: Letters) -> Story:
    """The final settlement of a ceiling is higher than the interim one."""
    agb = "22090014"
    interim = new_claim("VZ-V9014", agb, "CM96", 500_000, _day(1), kind="ceiling-interim")
    final = new_claim("VZ-V9114", agb, "CM96", 560_000, _day(8), kind="ceiling-final")
    return Story(
        carrier="VZ",
        provider=provider(14, "Kliniek Het Klaverblad Westerhout", "bv", (agb,), carrier="VZ"),
        claims=((_day(1), interim), (_day(8), {**final, "settles": "VZ-V9014"})),
        declarations=((_day(2), declaration("VZ-D90141", agb, 310_500, _day(2))),),
    )


def advance_requested(letters: Letters) -> Story:
    """An advance is asked for, paid by the first night, and settled with the declarations that follow."""
    agb = "42090015"
    return Story(
        carrier="VZ",
        provider=provider(15, "Thuiszorg De Linde Kraaiensloot", "stichting", (agb,), carrier="VZ"),
        declarations=(
            (_day(1), advance("VZ-A9015", agb, 500_000, "ADVANCE", paid="request")),
            (_day(3), declaration("VZ-D90151", agb, 300_000, _day(3))),
            (_day(8), declaration("VZ-D90152", agb, 260_000, _day(8))),
        ),
    )


def advance_paid_elsewhere(letters: Letters) -> Story:
    """96 % of a pharmacy's month was paid in advance by hand; the declarations that follow are offset with it."""
    agb = "02090016"
    return Story(
        carrier="ZK",
        provider=provider(16, "Apotheek Hazelgaarde & Korteveen", "vof", (agb,), carrier="ZK"),
        declarations=(
            (_day(2), advance("ZK-A9016", agb, 192_000, "VOORSCHOT", paid="elsewhere")),
            (_day(3), declaration("ZK-D90161", agb, 200_000, _day(3))),
        ),
    )


_STORIES = (
    net_zero, part_offset, matured_credit, withdrawn_declaration, other_agb_code, insolvent_provider,
    ready_for_agency_vz, ready_for_agency_zk, third_letter_due, reminder_due, payment_with_old_reference,
    reversed_offset, no_iban, ceiling_lowered, ceiling_raised, advance_requested, advance_paid_elsewhere,
)  # fmt: skip


def stories(letters: Letters) -> list[Story]:
    """Every story, in an order that never changes."""
    return [tell(letters) for tell in _STORIES]
