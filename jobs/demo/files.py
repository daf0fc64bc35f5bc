"""The demo insurer's files on disk: JSON Lines or CSV, some packed, each with its header, count and control total."""

import csv
import gzip
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from jobs.demo.model import DemoFile, Record

_AMOUNTS = {"declaration": "awardedCents", "correction": "lines"}


def path_of(folder: Path, file: DemoFile) -> Path:
    """Where a file lies: one folder per risk carrier, the business date in front of the name."""
    return folder / file.carrier / f"{file.day.isoformat()}-{file.name}"


def write_files(folder: Path, files: tuple[DemoFile, ...]) -> None:
    """Write the files that are not there yet; a file under its name is always whole."""
    for file in files:
        path = path_of(folder, file)
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.write_bytes(content(file))
        part.replace(path)


def content(file: DemoFile) -> bytes:
    """The bytes of a file, the same every time."""
    text = _csv(file) if ".csv" in file.name else _json_lines(file)
    return gzip.compress(text, mtime=0) if file.name.endswith(".gz") else text


def control_total(file: DemoFile) -> int:
    """The sum of the amounts in cents, with their signs."""
    return sum(_cents(record) for record in file.records)


def _cents(record: Record) -> int:
    field = _AMOUNTS.get(record.get("type", ""), "amountCents")
    value = record.get(field, 0)  # a provider has no amount
    return sum(line["cents"] for line in value) if isinstance(value, list) else value


def _header(file: DemoFile) -> dict[str, Any]:
    return {
        "kind": file.kind,
        "source": "demo",
        "riskCarrier": file.carrier,
        "cutOffDate": file.day,
        "rows": len(file.records),
        "controlTotalCents": control_total(file),
    }


def _json_lines(file: DemoFile) -> bytes:
    return b"".join(msgspec.json.encode(each) + b"\n" for each in (_header(file), *file.records))


def _csv(file: DemoFile) -> bytes:
    names = list(dict.fromkeys(name for record in file.records for name in record))
    text = io.StringIO()
    text.write("#" + ";".join(f"{name}={value}" for name, value in _header(file).items()) + "\n")
    writer = csv.writer(text, delimiter=";" if file.carrier == "VZ" else ",", lineterminator="\n")
    writer.writerow(names)
    for record in file.records:
        writer.writerow([_cell(record.get(name)) for name in names])
    return text.getvalue().encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return msgspec.json.encode(value).decode()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)
