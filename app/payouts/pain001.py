"""pain.001.001.09, the file of credit transfers that a bank executes. Pure: transfers in, bytes out, in flat memory.

Sources: ISO 20022 pain.001.001.09; EPC132-08 (SEPA credit transfer, customer to bank). No postal addresses: inside the
EEA none is asked, and unstructured ones are refused since November 2026.
"""

from collections.abc import Callable, Iterable
from datetime import UTC
from types import TracebackType
from typing import Any

from lxml import etree

from app.payouts.model import Debtor, PaymentFileHead, Transfer
from app.payouts.rules import decimal_euros, sepa_text

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
NAME_LENGTH = 70  # EPC132-08: a name is at most 70 characters, though the schema lets 140 through


def _element(name: str, *children: Any, text: str | None = None) -> Any:
    # Plain names under a root that declares the namespace: lxml would write it out again on each of 100,000 transfers.
    element = etree.Element(name)
    element.text = text
    element.extend(children)
    return element


def _party(name: str, party_name: str) -> Any:
    return _element(name, _element("Nm", text=sepa_text(party_name, NAME_LENGTH)))


def _account(name: str, iban: str) -> Any:
    return _element(name, _element("Id", _element("IBAN", text=iban)))


def _agent(debtor: Debtor) -> Any:
    if debtor.bic:
        return _element("DbtrAgt", _element("FinInstnId", _element("BICFI", text=debtor.bic)))
    # IBAN only: the schema wants an agent all the same, and this is the word for it
    unknown = _element("Othr", _element("Id", text="NOTPROVIDED"))
    return _element("DbtrAgt", _element("FinInstnId", unknown))


def _transfer(transfer: Transfer) -> Any:
    amount = _element("InstdAmt", text=decimal_euros(transfer.cents))
    amount.set("Ccy", "EUR")
    return _element(
        "CdtTrfTxInf",
        _element("PmtId", _element("EndToEndId", text=transfer.end_to_end_id)),
        _element("Amt", amount),
        _party("Cdtr", transfer.name),
        _account("CdtrAcct", transfer.iban),
        _element("RmtInf", _element("Ustrd", text=sepa_text(transfer.remittance, 140))),
    )


class Pain001Writer:
    """Writes one file to `write` while the transfers come in; a context manager. Equal input gives equal bytes.

    The counts and sums of `head` are written first, so the caller must know them and compare them at the end.
    """

    def __init__(self, write: Callable[[bytes], object], head: PaymentFileHead) -> None:
        self._head = head
        self._file = etree.xmlfile(_Sink(write), encoding="UTF-8")
        self._open: list[Any] = []
        self._xml: Any = None

    def __enter__(self) -> "Pain001Writer":
        self._xml = self._file.__enter__()
        self._xml.write_declaration()
        self._enter("Document", {"xmlns": NAMESPACE})
        self._enter("CstmrCdtTrfInitn")
        self._write_group_header()
        self._enter("PmtInf")
        self._write_payment_header()
        return self

    def add(self, transfers: Iterable[Transfer]) -> None:
        """Write these transfers after the ones before."""
        for transfer in transfers:
            self._xml.write(_transfer(transfer))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            while self._open:
                self._open.pop().__exit__(None, None, None)
            self._file.__exit__(None, None, None)

    def _enter(self, name: str, attributes: dict[str, str] | None = None) -> None:
        context = self._xml.element(name, attributes)
        context.__enter__()
        self._open.append(context)

    def _write_group_header(self) -> None:
        head = self._head
        created = head.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._xml.write(
            _element(
                "GrpHdr",
                _element("MsgId", text=head.message_id),
                _element("CreDtTm", text=created),
                _element("NbOfTxs", text=str(head.transactions)),
                _element("CtrlSum", text=decimal_euros(head.control_sum_cents)),
                _party("InitgPty", head.debtor.name),
            )
        )

    def _write_payment_header(self) -> None:
        head = self._head
        for element in (
            _element("PmtInfId", text=head.message_id),
            _element("PmtMtd", text="TRF"),
            _element("NbOfTxs", text=str(head.transactions)),
            _element("CtrlSum", text=decimal_euros(head.control_sum_cents)),
            _element("PmtTpInf", _element("SvcLvl", _element("Cd", text="SEPA"))),
            _element("ReqdExctnDt", _element("Dt", text=head.execution_date.isoformat())),
            _party("Dbtr", head.debtor.name),
            _account("DbtrAcct", head.debtor.iban),
            _agent(head.debtor),
            _element("ChrgBr", text="SLEV"),
        ):
            self._xml.write(element)


class _Sink:
    """What lxml wants to write to."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write

    def write(self, data: bytes) -> None:
        self._write(data)
