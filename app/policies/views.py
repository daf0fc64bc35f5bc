"""A policy in plain sentences, in the language at hand. Pure."""

from app.policies.model import Agency, Allocation, Change, DunningStep, OffsetSetting, Reason
from app.web.words import euros, gettext, language, marked

_PASSES = {
    "exact_reference": marked("eerst wat de declaratie zelf noemt"),
    "exact_amount": marked("vorderingen van precies hetzelfde bedrag"),
    "own_agb": marked("vorderingen op dezelfde AGB-code"),
    "same_entity": marked("vorderingen op een andere AGB-code van dezelfde rechtspersoon"),
}
_AGAINST = {
    "exact_reference": marked("de declaratie die haar noemt"),
    "exact_amount": marked("een declaratie van precies hetzelfde bedrag"),
    "own_agb": marked("declaraties op dezelfde AGB-code"),
    "same_entity": marked("declaraties van dezelfde rechtspersoon"),
}
_ORDERS = {
    "priority": marked("op voorrang van de reden, dan op vervaldag"),
    "due_date": marked("op vervaldag"),
}
_STARTS = {
    "never": marked("nooit"),
    "at_once": marked("meteen"),
    "after_due": marked("na de vervaldag"),
    "on_request": marked("alleen als de zorgaanbieder erom vraagt"),
}
_SETTINGS = {
    "name": marked("naam"),
    "valid_from": marked("geldig vanaf"),
    "passes": marked("rondes, in volgorde"),
    "order": marked("volgorde van de vorderingen"),
    "cap_basis_points": marked("hoogste deel van een declaratie, in honderdsten van een procent"),
    "cap_cents": marked("hoogste bedrag per uitbetaling, in centen"),
    "floor_cents": marked("wat er altijd uitbetaald wordt, in centen"),
    "title_nl": marked("titel"),
    "title_en": marked("titel in het Engels"),
    "priority": marked("voorrang"),
    "owning_team": marked("team"),
    "appeal_days": marked("dagen voor bezwaar"),
    "interest_regime": marked("renteregeling"),
    "quiet": marked("zonder brief"),
    "matures_days": marked("wordt een vordering met brief na, in dagen"),
    "matures_to": marked("wordt dan"),
    "payment_term_days": marked("betaaltermijn in dagen"),
    "start": marked("verrekenen begint"),
    "reminder": marked("na herinnering"),
    "mode": marked("hoeveel"),
    "basis_points": marked("deel, in honderdsten van een procent"),
    "fixed_cents": marked("vast bedrag, in centen"),
    "charges": marked("ook kosten en rente"),
    "days_after_due": marked("dagen na de vervaldag"),
    "on_the_day": marked("op de dag zelf"),
    "term_days": marked("termijn in dagen"),
    "minimum_cents": marked("vanaf, in centen"),
    "after_step": marked("na herinnering"),
    "idle_days": marked("dagen zonder declaratie of betaling"),
}
_PARTS = {
    "allocation": marked("Verdelen"),
    "gate": marked("Aanlevering"),
    "offset": marked("verrekenen"),
    "dunning": marked("herinnering"),
    "agency": marked("incassobureau"),
}


def percent(basis_points: int) -> str:
    """`12,50%` of 1250."""
    point = "." if language() == "en" else ","
    whole, rest = divmod(basis_points, 100)
    return f"{whole}{point}{rest:02d}%" if rest else f"{whole}%"


def title(reason: Reason) -> str:
    """What the reason is called."""
    return reason.title_en if language() == "en" else reason.title_nl


def passes(allocation: Allocation) -> list[str]:
    """The rounds in order."""
    return [gettext(_PASSES[name]) for name in allocation.passes]


def reason_passes(reason: Reason, allocation: Allocation) -> str:
    """What the claims of a reason are offset against, where it leaves out rounds of the policy; else empty."""
    if reason.passes is None or reason.passes == allocation.passes:
        return ""
    return gettext("alleen met %(what)s", what=", ".join(gettext(_AGAINST[name]) for name in reason.passes))


def limits(allocation: Allocation) -> list[str]:
    """Within a round, and at most and at least how much."""
    found = [gettext("Binnen een ronde gaat het %(order)s.", order=gettext(_ORDERS[allocation.order]))]
    if allocation.cap_basis_points is not None:
        found.append(
            gettext(
                "Van een declaratie wordt hoogstens %(share)s verrekend.", share=percent(allocation.cap_basis_points)
            )
        )
    if allocation.cap_cents is not None:
        found.append(gettext("Per nacht wordt hoogstens %(amount)s verrekend.", amount=euros(allocation.cap_cents)))
    if allocation.floor_cents:
        found.append(
            gettext("Er blijft altijd %(amount)s over om uit te betalen.", amount=euros(allocation.floor_cents))
        )
    return found


def offset(setting: OffsetSetting) -> str:
    """When offset starts and how much it takes."""
    if setting.start == "after_reminder":
        start = gettext("als de termijn van herinnering %(number)s voorbij is", number=setting.reminder)
    else:
        start = gettext(_STARTS[setting.start])
    if setting.start == "never" or setting.mode == "none":
        return gettext("nooit")
    if setting.mode == "percentage" and setting.basis_points is not None:
        start = gettext(
            "%(start)s, tot %(share)s van elke declaratie", start=start, share=percent(setting.basis_points)
        )
    elif setting.mode == "fixed":
        start = gettext("%(start)s, tot %(amount)s per nacht", start=start, amount=euros(setting.fixed_cents))
    return gettext("%(start)s, ook kosten en rente", start=start) if setting.charges else start


def step(number: int, each: DunningStep) -> str:
    """One reminder."""
    when = (
        gettext("op dag %(days)s na de vervaldag", days=each.days_after_due)
        if each.on_the_day
        else gettext("meer dan %(days)s dagen na de vervaldag", days=each.days_after_due)
    )
    text = gettext(
        "herinnering %(number)s: %(when)s, termijn %(term)s dagen", number=number, when=when, term=each.term_days
    )
    if each.minimum_cents:
        text = gettext("%(said)s, vanaf %(amount)s", said=text, amount=euros(each.minimum_cents))
    return text


def agency(setting: Agency | None) -> str:
    """When a claim is ready for the agency."""
    if setting is None:
        return gettext("nooit")
    text = gettext("na de termijn van herinnering %(number)s", number=setting.after_step)
    if setting.idle_days:
        text = gettext("%(said)s en %(days)s dagen zonder declaratie of betaling", said=text, days=setting.idle_days)
    if setting.minimum_cents:
        text = gettext("%(said)s, vanaf %(amount)s", said=text, amount=euros(setting.minimum_cents))
    return text


def setting(change: Change) -> str:
    """The name of a setting by its path: `reasons.CM98.dunning[1].term_days` as words."""
    parts = change.path.split(".")
    words = []
    for part in parts[:-1]:
        if part == "reasons":
            continue
        name, bracket, number = part.partition("[")
        known = _PARTS.get(name)
        words.append((gettext(known) if known else name) + (f" {number[:-1]}" if bracket else ""))
    last = parts[-1]
    words.append(gettext(_SETTINGS[last]) if last in _SETTINGS else gettext(_PARTS[last]) if last in _PARTS else last)
    return " · ".join(words)
