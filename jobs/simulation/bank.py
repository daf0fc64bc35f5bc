"""The bank: reads the payment files that lie in the folder, and knows which money left."""

from pathlib import Path

from lxml import etree

from app.core.ids import parse_reference

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


class Bank:
    """Transfers by payout id, from the files alone; a second transfer for one payout is kept in `twice`.

    `payees` are the account numbers that the money went to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.transfers: dict[int, int] = {}
        self.payees: dict[int, str] = {}
        self.twice: list[str] = []
        self._read: set[str] = set()

    def read(self) -> dict[int, int]:
        """What the files say that came since the last time: cents by payout id."""
        new: dict[int, int] = {}
        for path in sorted(self.folder.glob("*.xml")):
            if path.name in self._read:
                continue
            self._read.add(path.name)
            for transfer in etree.parse(str(path), _PARSER).iterfind(".//{*}CdtTrfTxInf"):
                number = str(transfer.findtext(".//{*}EndToEndId"))
                whole, _, part = str(transfer.findtext(".//{*}InstdAmt")).partition(".")
                _, payout_id = parse_reference(number)
                if payout_id in self.transfers or payout_id in new:
                    self.twice.append(f"{path.name} pays {number} a second time")
                self.payees[payout_id] = str(transfer.findtext(".//{*}CdtrAcct//{*}IBAN"))
                new[payout_id] = 100 * int(whole) + int(part)
        self.transfers |= new
        return new
