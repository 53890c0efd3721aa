"""Which answers are kept when there is no room for all: S3-FIFO, bounded in bytes.

A new answer has a tenth of the room to be asked for again, twice; only then, or when it comes back, is it proven and
gets a place in the rest, which it holds for as long as it is asked for. What nobody asks for again, a million addresses
of a robot for instance, only displaces its like. (Yang et al., "FIFO queues are all you need for cache eviction",
SOSP 2023)
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable

from app.http.kept import Kept

NEW = 0.1  # of the room
LARGEST = 1 / 16  # of the room, for one answer
PROVEN = 2  # times asked for again
MOST_ASKED = 3  # rounds that an answer survives without being asked for
GONE_BYTES = 160  # for each answer that is remembered as gone
GONE = 0.05  # of the room


class Queue:
    """Answers in the order in which they came, and how many bytes they are."""

    def __init__(self) -> None:
        self.bytes = 0
        self._line: deque[Kept] = deque()

    def __len__(self) -> int:
        return len(self._line)

    def append(self, kept: Kept) -> None:
        self._line.append(kept)
        self.bytes += kept.size

    def popleft(self) -> Kept:
        kept = self._line.popleft()
        self.bytes -= kept.size
        return kept


class Store:
    """Answers by key. Their sizes never come to more than `room`."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.largest = int(room * LARGEST)
        self._answers: dict[str, Kept] = {}
        self._new, self._proven = Queue(), Queue()
        self._gone: OrderedDict[int, None] = OrderedDict()
        self._most_gone = int(room * GONE / GONE_BYTES)

    def __len__(self) -> int:
        return len(self._answers)

    @property
    def bytes(self) -> int:
        """The bytes that are taken."""
        return self._new.bytes + self._proven.bytes + len(self._gone) * GONE_BYTES

    def find(self, key: str) -> Kept | None:
        """The answer with this key, which is noted as asked for again."""
        kept = self._answers.get(key)
        if kept is not None and kept.asked < MOST_ASKED:
            kept.asked += 1
        return kept

    def add(self, kept: Kept) -> None:
        """Keeps an answer, unless it is larger than one may be or there is one with its key."""
        if kept.size > self.largest or kept.key in self._answers:
            return
        came_back = hash(kept.key) in self._gone
        self._gone.pop(hash(kept.key), None)
        self._make_room(kept.size)
        self._answers[kept.key] = kept
        (self._proven if came_back else self._new).append(kept)

    def drop(self, condition: Callable[[Kept], bool]) -> None:
        """Forgets every answer that meets the condition."""
        for queue in (self._new, self._proven):
            for _ in range(len(queue)):
                kept = queue.popleft()
                if condition(kept):
                    del self._answers[kept.key]
                else:
                    queue.append(kept)

    def _make_room(self, size: int) -> None:
        while self.bytes + size > self.room:
            if self._new.bytes > self.room * NEW or not self._proven:
                self._take_from_new()
            else:
                self._take_from_proven()

    def _take_from_new(self) -> None:
        kept = self._new.popleft()
        if kept.asked >= PROVEN:
            kept.asked = 0
            self._proven.append(kept)
            return
        del self._answers[kept.key]
        self._gone[hash(kept.key)] = None
        if len(self._gone) > self._most_gone:
            self._gone.popitem(last=False)

    def _take_from_proven(self) -> None:
        kept = self._proven.popleft()
        if kept.asked:
            kept.asked -= 1
            self._proven.append(kept)
        else:
            del self._answers[kept.key]
