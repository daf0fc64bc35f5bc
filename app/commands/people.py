"""Commands around people who sign in to the pages: person; and the people of the demo."""

from pathlib import Path

import msgspec

from app.commands.context import ACTOR, Context
from app.console import complain, say, table
from app.core.db import Connection, transaction
from app.core.errors import Refusal
from app.web import people, people_passwords

_DEMO = {
    "finance": "Fenna Financiën",
    "supervisor": "Sam Supervisor",
    "auditor": "Aukje Auditor",
    "administrator": "Bas Beheerder",
}


async def person(context: Context) -> int:
    """Make or list people, disable one, or give one a new password."""
    args = context.args
    if args.action == "list":
        return await _list(context)
    if args.action == "create":
        return await _create(context)
    if args.login is None:
        raise Refusal("person_login", f"Say who: vereffen person {args.action} LOGIN", status=422, field="LOGIN")
    if args.action == "disable":
        await people.disable(context.connection, args.login, actor=ACTOR)
        say(f"{args.login} komt er niet meer in; lopende sessies zijn beëindigd.")
        return 0
    password = await people.set_password(context.connection, args.login, actor=ACTOR)
    complain("Dit wachtwoord staat hier deze ene keer; lopende sessies zijn beëindigd.")
    say(password)
    return 0


async def _create(context: Context) -> int:
    args = context.args
    if not args.login or not args.name or not args.role:
        raise Refusal("person_arguments", "Say LOGIN, --name and --role.", status=422)
    known = {code: number for number, code in (await context.codes()).items()}
    if unknown := [code for code in args.risk_carrier or () if code not in known]:
        raise Refusal(
            "unknown_risk_carrier",
            f"There is no risk carrier {unknown[0]!r}; there are: {', '.join(sorted(known)) or 'none yet'}.",
            status=404,
            field="--risk-carrier",
        )
    carriers = [known[code] for code in args.risk_carrier or ()]
    password = await people.create(
        context.connection, login=args.login, name=args.name, role=args.role, carriers=carriers, actor=ACTOR
    )
    complain(f"{args.login} kan inloggen. Het wachtwoord staat hier deze ene keer.")
    say(password)
    return 0


async def _list(context: Context) -> int:
    codes = await context.codes()
    table(
        ["login", "naam", "rol", "risicodragers", "laatst ingelogd", "uitgeschakeld"],
        [
            (
                each.login,
                each.name,
                each.role,
                " ".join(codes.get(carrier, str(carrier)) for carrier in each.carriers),
                f"{each.last_seen_at:%Y-%m-%d}" if each.last_seen_at else "",
                f"{each.disabled_at:%Y-%m-%d %H:%M}" if each.disabled_at else "",
            )
            for each in await people.every(context.connection)
        ],
    )
    return 0


async def demo_people(connection: Connection, folder: Path) -> list[tuple[str, str, str]]:
    """Login, name and password of a person of each role, made when they are not there.

    The passwords are kept in `folder`/people.json for the next start, readable by its owner only: they open the books
    of an insurer that does not exist.
    """
    path = folder / "people.json"
    kept: dict[str, str] = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
    async with transaction(connection, role="worker", actor=ACTOR, readonly=True):
        stored = {row["login"]: row for row in await connection.fetch(_STORED, list(_DEMO))}
        carriers = [
            row["risk_carrier_id"] for row in await connection.fetch("select risk_carrier_id from risk_carrier")
        ]
    for login, name in _DEMO.items():
        known = stored.get(login)
        if known is None:
            own = [] if login == "administrator" else carriers  # who lets people in sees no money
            kept[login] = await people.create(
                connection, login=login, name=name, role=login, carriers=own, actor=ACTOR, password=kept.get(login, "")
            )
        elif not await people_passwords.matches(kept.get(login, ""), known["password_hash"]):
            kept[login] = await people.set_password(connection, login, actor=ACTOR)
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(kept))
    disabled = {login for login, row in stored.items() if row["disabled"]}
    return [(login, name, kept[login]) for login, name in _DEMO.items() if login not in disabled]


_STORED = "select login, password_hash, disabled_at is not null as disabled from person where login = any ($1::text[])"
