"""What the program stored or refused in English, in Dutch on Dutch pages: by its code, else by its form.

In English the sentence itself is shown, which has the values; what people typed never comes through here.
"""

import re
from collections.abc import Callable
from datetime import date

from app.web.told_checks import GUARDS
from app.web.told_files import FAULTS
from app.web.words import day, language

REFUSALS = {
    "agreement_ended": "Deze overeenkomst geldt al niet meer; er valt niets meer te beëindigen.",
    "agreement_overlaps": "Op die dagen geldt er al een overeenkomst van deze twee; beëindig die eerst.",
    "agreement_past": "Een eerdere nacht kan haar al gebruikt hebben; kies vandaag of een latere dag.",
    "agreement_reason": "Deze redencode past niet: kies een die stil is en direct en geheel verrekend wordt.",
    "batch_empty": "Het bestand is leeg; kies een ander bestand.",
    "before_first_night": "Die dag ligt voor de laatste nacht; hij kan niet meer gedraaid worden.",
    "body_invalid": "Er klopt iets niet in wat u stuurde; kijk het na en stuur het opnieuw.",
    "busy": "Er wordt nu te veel tegelijk gevraagd; er is niets begonnen. Probeer het zo opnieuw.",
    "dates_swapped": "De laatste dag ligt voor de eerste; wissel ze om.",
    "dates": "De laatste dag ligt voor de eerste; kies een latere.",
    "day_missing": "Kies een dag.",
    "debtor_iban": "Het rekeningnummer van de risicodrager klopt niet; laat het eerst verbeteren.",
    "debtor_unknown": "Deze zorgaanbieder heeft daar geen rekening-courant die u mag zien; controleer het nummer.",
    "died": "De werker stopte telkens zonder een woord; kijk in zijn logboek en naar het geheugen.",
    "earlier_night_open": "Een eerdere nacht is nog niet vrijgegeven; nachten gaan op volgorde.",
    "effective_date": "Zo'n ingangsdag kan niet; kies een dag tot en met de boekdag.",
    "field_invalid": "Een veld past niet; kijk het na en stuur het opnieuw.",
    "file_missing": "Kies een bestand en een risicodrager.",
    "filters": "Vraag een overzicht van een vordering of van een AGB-code, niet van allebei.",
    "iban_same": "Deze uitbetaling gaat al naar dat rekeningnummer.",
    "iban_unregistered": "Dat rekeningnummer staat die dag niet op naam van deze zorgaanbieder; lees het eerst in.",
    "incident_resolved": "Deze melding is al opgelost; lees op haar pagina hoe.",
    "job_done": "Deze taak is al klaar; er valt niets meer te doen.",
    "key_used_otherwise": "Dit is al eens gestuurd met een andere inhoud. Open de pagina opnieuw en begin daar.",
    "kind_unknown": "Zo'n feit is er niet; kies een van de soorten.",
    "later_night_exists": "Er is al een latere nacht; deze dag is voorbij.",
    "limit": "Vraag minder regels in een keer.",
    "login_invalid": "Gebruik 1 tot 80 tekens: a-z, 0-9 en . @ _ -, met een letter of cijfer vooraan.",
    "login_taken": "Deze inlognaam bestaat al. Kies een andere.",
    "lost_lease": "Een andere werker nam deze nacht over; hij gaat daar verder.",
    "many_nights": "Er staan meer nachten open. Is dat juist, vraag dan ook om de gemiste nachten in te halen.",
    "name_invalid": "Schrijf een naam van 1 tot 100 tekens.",
    "night_failed": "De taak van deze nacht is mislukt. Neem de oorzaak weg en probeer die taak opnieuw.",
    "night_has_findings": "Er staan meldingen open over de hele risicodrager; los die eerst op.",
    "night_released": "Deze nacht is al vrijgegeven; er valt niets meer te doen.",
    "night_running": "Deze nacht loopt al bij een andere werker.",
    "night_to_come": "Die dag moet nog komen; een nacht sluit zijn dag af en kan pas daarna gevraagd worden.",
    "night_year": "De betaalkalender kent dat jaar niet; kies een dag dichterbij.",
    "no_policy": "Op die dag geldt er geen beleid; laat een beheerder er een vastleggen.",
    "not_failed": "Alleen een taak die mislukt is kan opnieuw geprobeerd worden.",
    "nothing_asked": "Geef een naam, rekeningnummer, KvK-nummer of AGB-code om te zoeken.",
    "password_length": "Het wachtwoord is te kort of te lang.",
    "payment_file_changed": "Het bestand kan niet opnieuw gemaakt worden zoals het verstuurd is: een rekeningnummer of "
    "naam is sindsdien op zijn plaats veranderd. Geef het oude een einddag en lees het nieuwe apart in.",
    "payout_state": "Deze uitbetaling is daar niet (meer) in de juiste toestand voor.",
    "payouts_changed": "De uitbetalingen veranderden terwijl het betaalbestand gemaakt werd; probeer het opnieuw.",
    "person_enabled": "Deze persoon kan al inloggen.",
    "policy_invalid": "Het beleid klopt niet; de opdrachtregel zegt welke regels.",
    "reason_code_lost": "Het beleid laat een redencode weg die een eerdere versie heeft; houd die erin.",
    "reference_check_digit": "Het controlecijfer van dit kenmerk klopt niet, dus een cijfer is verkeerd overgenomen.",
    "reference_form": "Dit is geen kenmerk. Schrijf VOR-… voor een vordering of AFR-… voor een uitbetaling.",
    "role_unknown": "Kies een van de rollen.",
    "run_not_proven": "De controles van deze nacht zijn nog niet klaar; betalen kan pas daarna.",
    "same_account": "Betaler en schuldenaar zijn dezelfde rekening-courant; die verrekent zonder overeenkomst.",
}
"""Dutch sentences of refusals by code, for the errors of pages and for what a job ended with."""
FAILED = "Er ging iets mis in het programma zelf; het logboek van de werker zegt wat."
PARKED = {
    "no IBAN": "Geen geldig rekeningnummer op de boekdag; voeg er een toe, dan gaat het mee met de volgende nacht.",
    "failed": "Een fout in deze rekening-courant; de melding en het logboek zeggen welke.",
}
FEEDS = {"providers": "zorgaanbieders", "claims": "vorderingen", "declarations": "declaraties"}
STATES = {
    "waiting": "wacht",
    "stopped": "is gestopt",
    "planned": "staat klaar",
    "matching": "loopt",
    "proven": "is gecontroleerd",
    "released": "is vrijgegeven",
}
_FORMS: list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = [
    (
        re.compile(r"feed (\S+) is stale: newest cut-off (\S+), at most (\d+) days old"),
        lambda m: (
            f"het bestand met {FEEDS.get(m[1], m[1])} is te oud: "
            f"{'het nieuwste is van ' + _day(m[2]) if m[2] != 'none' else 'er is er nog geen'}, het mag {m[3]} "
            f"{'dag' if m[3] == '1' else 'dagen'} oud zijn"
        ),
    ),
    (
        re.compile(r"unresolved difference (\w+): .*", re.S),
        lambda m: f"controle {m[1]} vond een verschil dat niemand nog oploste; de meldingen zeggen welk",
    ),
    (re.compile(r"another attempt"), lambda _: "een nieuwe poging"),
    (re.compile(r"the database was away"), lambda _: "de database was even weg"),
    (re.compile(r"the worker that did it was stopped"), lambda _: "de werker werd gestopt; een andere gaat verder"),
    (
        re.compile(r"The night of (\d{4}-\d\d-\d\d) is (?:not released yet|being run).*", re.S),
        lambda m: f"de nacht van {_day(m[1])}, die nog niet klaar is",
    ),
    (
        re.compile(r"([a-z]\w+_\w+|[a-z]+): .+", re.S),  # what a check wrote, in the sentence of a stopped night
        lambda m: f"controle {m[1]} vond een verschil; de meldingen zeggen welk",
    ),
]
_NIGHT = re.compile(r"the night of (\d{4}-\d\d-\d\d) (\w+): (.*)", re.S)


def _day(text: str) -> str:
    return day(date.fromisoformat(text))


def told(text: str | None) -> str:
    """A stored sentence of the program in the language at hand: why a night waits, what a job waits for."""
    if not text or language() != "nl":
        return text or ""
    if night := _NIGHT.fullmatch(text):
        return f"de nacht van {_day(night[1])} {STATES.get(night[2], night[2])}: {told(night[3])}"
    found = [_one(part) for part in text.split("; ")]
    known = dict.fromkeys(each for each in found if each)  # a part without a form is the rest of the one before it
    return "; ".join(known) or text


def _one(part: str) -> str:
    for pattern, write in _FORMS:
        if match := pattern.fullmatch(part):
            return write(match)
    return ""


def refused(code: str | None, text: str | None) -> str:
    """What a refusal or a failed job says: in Dutch by its code; a fault of the program has one sentence."""
    if language() != "nl":
        return text or ""
    return REFUSALS.get(code or "", FAILED) if code else told(text)


def fault(code: str, message: str) -> str:
    """Why a record or a file is refused, in the language at hand."""
    return FAULTS.get(code, message) if language() == "nl" else message


def guarded(check: str) -> str:
    """What a check guards, in Dutch on Dutch pages; nothing in English, where the check's own words follow."""
    return GUARDS.get(check, "") if language() == "nl" else ""


def who(actor: str | None) -> str:
    """Who did it, as the audit rows name it, without the word that says that it was a person."""
    return (actor or "").removeprefix("person:")


def parked(reason: str, detail: str = "") -> str:
    """Why a running account stayed out of a night, in the language at hand."""
    return (
        PARKED.get(reason, reason)
        if language() == "nl"
        else {"no IBAN": "No valid IBAN on the booking date"}.get(reason, detail or reason)
    )
