"""What forms of many pages let somebody choose from."""

from app.core.db import Connection


async def carriers_seen(connection: Connection) -> list[tuple[str, str]]:
    """Code and name of every risk carrier that the reader may see, by code; inside `reading`."""
    rows = await connection.fetch("select code, name from risk_carrier order by code")
    return [(row["code"], f"{row['code']} · {row['name']}") for row in rows]
