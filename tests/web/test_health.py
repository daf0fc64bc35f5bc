"""Alive, ready, figures: what the ones that watch over the service see."""

from tests.api.client import Api


async def test_a_live_process_says_so_without_a_token(api: Api) -> None:
    answer = await api.with_token(None).get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


async def test_a_service_with_all_migrations_is_ready(api: Api) -> None:
    answer = await api.with_token(None).get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


async def test_a_database_that_lacks_a_migration_is_not_ready(api: Api) -> None:
    await api.db.execute("delete from schema_migration where name = (select max(name) from schema_migration)")
    answer = await api.with_token(None).get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "migrations_missing")


async def test_a_standby_is_not_ready(api: Api) -> None:
    name = await api.db.fetchval("select current_database()")
    await api.db.execute(f"alter database {name} set default_transaction_read_only = on")
    await api.pool.expire_connections()
    answer = await api.with_token(None).get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_read_only")


async def test_the_figures_count_requests_by_route_and_status(api: Api) -> None:
    client = await api.as_(["metrics:read"])
    await client.get("/health/live")
    text = (await client.get("/metrics")).text
    assert 'vereffen_request_seconds_count{method="GET",route="/health/live",status="200"} 1' in text
    assert "vereffen_job_oldest_seconds 0" in text
