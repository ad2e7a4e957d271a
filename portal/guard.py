"""Who is asking: sessions in signed cookies, one-time form tokens, and how often one may try a passphrase."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

__all__ = ["COOKIE", "VISITOR_COOKIE", "Guard", "Session"]

COOKIE, VISITOR_COOKIE = "undring", "besog"  # somebody logged in, somebody who is not
IDLE_S, LONGEST_S = 30 * 60, 10 * 3600
TOKEN_S = 2 * 3600
MOST_SESSIONS, MOST_TOKENS = 2_000, 50_000
FAILURES, FAILURES_S = 5, 15 * 60  # of one account
TRIES, TRIES_S = 30, 5 * 60  # from one address


@dataclass(slots=True)
class Session:
    """One person in one browser."""

    id: str
    person: str
    begun: float
    seen: float


@dataclass(slots=True)
class Guard:
    """Sessions live in this process: a restart logs everybody out. `clock` is monotonic seconds."""

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    clock: Callable[[], float] = time.monotonic
    sessions: dict[str, Session] = field(default_factory=dict)
    used: dict[str, float] = field(default_factory=dict)
    tries: dict[str, deque[float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, person: str) -> str:
        """Begin a session of its own for somebody who has just shown a passphrase, and return its cookie."""
        now = self.clock()
        with self.lock:
            self._forget()
            made = Session(secrets.token_urlsafe(32), person, now, now)
            self.sessions[made.id] = made
        return self.cookie_of(made.id)

    def end(self, session_id: str) -> None:
        """End a session: its cookie is worth nothing from now on."""
        with self.lock:
            self.sessions.pop(session_id, None)

    def session_of(self, cookie: str | None) -> Session | None:
        """Return the session of a cookie that we signed, if it is still on."""
        session_id = self.opened(cookie)
        with self.lock:
            found = self.sessions.get(session_id or "")
            now = self.clock()
            if found is None or now - found.seen > IDLE_S or now - found.begun > LONGEST_S:
                self.sessions.pop(session_id or "", None)
                return None
            found.seen = now
            return found

    def cookie_of(self, name: str) -> str:
        """Return a value that only we can have made."""
        return f"{name}.{self._mac('cookie', name)}"

    def opened(self, cookie: str | None) -> str | None:
        """Return what a signed value holds, or None."""
        name, dot, mac = (cookie or "").rpartition(".")
        return name if dot and hmac.compare_digest(mac, self._mac("cookie", name)) else None

    def token(self, owner: str) -> str:
        """Return a token for one form on one page of one session (or of one visitor who has none yet)."""
        nonce = secrets.token_urlsafe(16)
        until = str(int(self.clock() + TOKEN_S))
        return f"{until}.{nonce}.{self._mac('token', owner, until, nonce)}"

    def spend(self, token: str, owner: str) -> bool:
        """Return whether a token is this owner's, in time, and not used before; it is used now."""
        until, _, rest = token.partition(".")
        nonce, _, mac = rest.partition(".")
        if not until.isdecimal() or not hmac.compare_digest(
            mac.encode(), self._mac("token", owner, until, nonce).encode()
        ):
            return False
        now = self.clock()
        with self.lock:
            if len(self.used) > MOST_TOKENS:
                self.used = {name: end for name, end in self.used.items() if end > now}
            if int(until) < now or nonce in self.used:
                return False
            self.used[nonce] = float(until)
        return True

    def may_try(self, person: str, address: str) -> bool:
        """Return whether somebody may try a passphrase now; it counts as a try from that address."""
        now = self.clock()
        with self.lock:
            failed = self._recent(f"person {person}", now, FAILURES_S)
            tried = self._recent(f"address {address}", now, TRIES_S)
            if len(failed) >= FAILURES or len(tried) >= TRIES:
                return False
            tried.append(now)
            return True

    def failed(self, person: str) -> None:
        """Count a wrong passphrase."""
        now = self.clock()
        with self.lock:
            self._recent(f"person {person}", now, FAILURES_S).append(now)

    def succeeded(self, address: str) -> None:
        """Take back the last try of an address: it was the right one."""
        with self.lock:
            tried = self.tries.get(f"address {address}")
            if tried:
                tried.pop()

    def _recent(self, name: str, now: float, span: float) -> deque[float]:
        if len(self.tries) > MOST_SESSIONS:
            longest = max(FAILURES_S, TRIES_S)
            self.tries = {key: times for key, times in self.tries.items() if times and now - times[-1] < longest}
        times = self.tries.setdefault(name, deque(maxlen=64))
        while times and now - times[0] > span:
            times.popleft()
        return times

    def _forget(self) -> None:
        if len(self.sessions) >= MOST_SESSIONS:
            kept = sorted(self.sessions.values(), key=lambda one: one.seen)[MOST_SESSIONS // 2 :]
            self.sessions = {one.id: one for one in kept}

    def _mac(self, *parts: str) -> str:
        return hmac.new(self.secret, "\n".join(parts).encode(), sha256).hexdigest()
