"""Dutch for the codes that the books use, where a person reads them (docs/glossary.md has the terms)."""

import re

JOBS = {"night": "nacht", "import": "bestand", "preview": "voorvertoning", "checks": "controles"}
JOB_STATES = {"waiting": "wacht", "running": "loopt", "done": "klaar", "failed": "mislukt"}
STATUS = {
    "requested": "aangevraagd",
    "withdrawn": "ingetrokken",
    "written off": "afgeboekt",
    "offset": "verrekend",
    "settled": "voldaan",
    "at agency": "bij het incassobureau",
    "disputed": "in bezwaar",
    "plan": "betalingsregeling",
    "on hold": "geblokkeerd",
    "reminded": "herinnerd",
    "matured": "gerijpt tot vordering",
    "open": "open",
}
FACTS = {
    "registered": "geregistreerd",
    "became a claim with a letter": "werd een vordering met brief",
    "due date changed": "vervaldatum gewijzigd",
    "notice": "vorderingsbrief",
    "reminder": "herinnering",
    "last notice": "laatste aanmaning",
    "advance paid": "voorschot uitbetaald",
    "advance paid elsewhere": "voorschot elders uitbetaald",
    "offset": "verrekend",
    "offset reversed": "verrekening teruggedraaid",
    "payment": "betaling",
    "money on account given": "tegoed toegekend",
    "adjusted": "aangepast",
    "withdrawn": "ingetrokken",
    "written off": "afgeboekt",
    "costs charged": "kosten berekend",
    "interest charged": "rente berekend",
    "hold started": "blokkade begonnen",
    "hold ended": "blokkade beëindigd",
    "offset instruction": "verrekeninstructie",
    "offset requested": "verrekening gevraagd",
    "offset under an agreement": "verrekend onder een overeenkomst",
    "came back from an agreement": "terug van een overeenkomst",
}
REFERENCES = {"claim": "vordering", "payment reference": "betalingskenmerk", "payout": "uitbetaling"}
_DOCUMENTS = {
    "opening": "beginstand",
    "claim letter": "vorderingsbrief",
    "notice": "vorderingsbrief",
    "reminder": "herinnering",
    "last notice": "laatste aanmaning",
    "last-notice": "laatste aanmaning",
}
# Only what the program itself wrote: a ground or a reason is somebody's own words, and stays as it is.
_CAUSES = (
    (("notice", "reminder", "last notice"), r"term until (\S+), reference (\S+)", r"termijn tot en met \1, kenmerk \2"),
    (("notice", "reminder", "last notice"), r"term until (\S+)", r"termijn tot en met \1"),
    (("became a claim with a letter",), r"open too long; due (\S+)", r"te lang open; vervalt op \1"),
    (("offset",), r"declaration (.+)", r"declaratie \1"),
    (("offset under an agreement",), r"agreement (.+)", r"overeenkomst \1"),
    (("payment",), r"reference (.+)", r"kenmerk \1"),
    (("payment",), r"no reference", r"zonder kenmerk"),
)


def status_words(text: str) -> str:
    """A status as `status_text` gives it: `reminded 2` is `herinnerd 2`."""
    word, number = _numbered(text)
    return " ".join(filter(None, (STATUS[word], number)))


def fact_words(what: str, cause: str) -> tuple[str, str]:
    """A fact of a claim's timeline and what caused it."""
    word, number = _numbered(what)
    for words, pattern, text in _CAUSES:
        if word in words and (match := re.fullmatch(pattern, cause)):
            cause = match.expand(text)
            break
    return " ".join(filter(None, (FACTS[word], number))), cause


def document_words(text: str) -> str:
    """What a payment reference stands on: `reminder 2` is `herinnering 2`."""
    word, number = _numbered(text)
    return " ".join(filter(None, (_DOCUMENTS[word], number)))


def _numbered(text: str) -> tuple[str, str]:
    word, _, number = text.rpartition(" ")
    return (word, number) if number.isdigit() else (text, "")
