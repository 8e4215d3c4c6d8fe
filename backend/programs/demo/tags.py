"""Tags on some goods of the largest stores: they come in, lie on shelves, are bought, and go."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from heapq import heappop, heappush
from random import Random
from typing import Final

from backend.core.identifiers import Epc, Scheme, encode_epc
from backend.programs.demo.goods import Good
from backend.programs.demo.places import STORES, Store
from backend.programs.demo.seasons import poisson
from backend.programs.demo.shelves import Delivery

TAG_DOCK: Final = "TAG-DOCK"
TAG_FLOOR: Final = "TAG-FLOOR"
TAG_TILL: Final = "TAG-TILL"
TAG_DOOR: Final = "TAG-DOOR"
TAG_POINTS: Final = (TAG_DOCK, TAG_FLOOR, TAG_TILL, TAG_DOOR)
TAG_STORES: Final = tuple(store for store in STORES if store.all_night and store.size >= 2)
TAGGED: Final = frozenset({"Electronics", "Toys", "Sports"})
"""Categories whose goods have tags."""

Reading = tuple[str, str, str]
"""Place, read point and what the tag holds."""
_PREFIX_DIGITS: Final = 7
_MOST_PIECES: Final = 40
"""Known of one product at one place: of more, the oldest are forgotten."""
_SEEN_PER_SECOND: Final = 8.0
_LEFT_UNSOLD_PER_SECOND: Final = 1 / 120
_COME_BACK: Final = 0.85
_TO_THE_DOOR: Final = (4.0, 15.0)
_BACK_AFTER: Final = (20.0, 60.0)
_UNLOADING: Final = 0.2
_TAGGED_AT_START: Final = 2


def tag_device(store: Store) -> str:
    """Return the code of the device with a store's tag readers."""
    return f"{store.code}-RFID"


def has_tags(place: str, good: Good) -> bool:
    """Tell whether goods of that kind have tags there."""
    return good.group.category in TAGGED and any(store.code == place for store in TAG_STORES)


class Tags:
    """The pieces that the simulated stores have, and what their readers will see next."""

    def __init__(self, rng: Random, goods: Iterable[Good], speed: float) -> None:
        self._rng = rng
        self._speed = speed
        self._goods = {f"0{good.gtin}": good for good in goods if good.group.category in TAGGED}
        self._pieces: dict[tuple[str, str], deque[str]] = defaultdict(
            lambda: deque(maxlen=_MOST_PIECES)
        )
        self._due: list[tuple[float, int, Reading]] = []
        self._count = 0

    def learn(self, pieces: Iterable[tuple[str, str, str]]) -> None:
        """Take over the pieces that the backend has, by place, GTIN and serial number."""
        for place, gtin, serial in pieces:
            if serial.isdecimal() and (good := self._goods.get(gtin)):
                self._pieces[place, good.sku].append(_tag(good, serial))

    def label(self, levels: Mapping[tuple[str, str], int]) -> None:
        """Put tags on some of the goods in the shops, where there are none yet."""
        for good in self._goods.values():
            for store in TAG_STORES:
                key = (store.code, good.sku)
                if not self._pieces[key]:
                    for _ in range(min(_TAGGED_AT_START, levels.get(key, 0))):
                        self._pieces[key].append(self._new(good))

    def unload(self, delivery: Delivery, clock: float) -> None:
        """Let each unit of a delivery pass the reader at the dock."""
        for number in range(delivery.units):
            piece = self._new(delivery.good)
            self._pieces[delivery.place, delivery.good.sku].append(piece)
            self._plan(clock + number * _UNLOADING, (delivery.place, TAG_DOCK, piece))

    def buy(self, place: str, good: Good, clock: float) -> bool:
        """Take a piece to the till and out of the door; False where none has a tag."""
        pieces = self._pieces.get((place, good.sku))
        if not pieces:
            return False
        piece = pieces.popleft()
        self._plan(clock, (place, TAG_TILL, piece))
        self._plan(clock + self._rng.uniform(*_TO_THE_DOOR), (place, TAG_DOOR, piece))
        return True

    def next(self, clock: float, passed: float) -> Iterator[Reading]:
        """Yield what readers see now."""
        while self._due and self._due[0][0] <= clock:
            yield heappop(self._due)[2]
        for _ in range(poisson(self._rng, _SEEN_PER_SECOND * self._speed * passed)):
            if found := self._any_piece():
                (place, _), piece = found
                yield place, TAG_FLOOR, piece
        for _ in range(poisson(self._rng, _LEFT_UNSOLD_PER_SECOND * self._speed * passed)):
            if found := self._any_piece():
                yield self._leave_unsold(*found, clock)

    def _leave_unsold(self, key: tuple[str, str], piece: str, clock: float) -> Reading:
        """Take a piece out of the door; most come back, or are paid for after all."""
        place = key[0]
        if self._rng.random() < _COME_BACK:
            point = self._rng.choice((TAG_FLOOR, TAG_TILL))
            if point == TAG_TILL:
                self._pieces[key].remove(piece)
            self._plan(clock + self._rng.uniform(*_BACK_AFTER), (place, point, piece))
        else:
            self._pieces[key].remove(piece)
        return place, TAG_DOOR, piece

    def _any_piece(self) -> tuple[tuple[str, str], str] | None:
        held = [key for key, pieces in self._pieces.items() if pieces]
        if not held:
            return None
        key = self._rng.choice(held)
        return key, self._rng.choice(self._pieces[key])

    def _plan(self, moment: float, reading: Reading) -> None:
        self._count += 1
        heappush(self._due, (moment, self._count, reading))

    def _new(self, good: Good) -> str:
        return _tag(good, str(self._rng.randrange(1, 2**38)))


def _tag(good: Good, serial: str) -> str:
    return encode_epc(Epc(Scheme.SGTIN_96, f"0{good.gtin}", serial, _PREFIX_DIGITS))
