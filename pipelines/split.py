"""Which people lie in the locked part: drawn once by household or care home, and for ever."""

from __future__ import annotations

import hmac

import polars as pl

LABEL = b"undring/split/1\x00"


def draw_lock(clusters: pl.Series, *, key: bytes, share: float) -> pl.Series:
    """Return for each person whether their cluster lies in the locked part.

    A cluster's place is its own HMAC-SHA256 under `key`, below `share` of all 64-bit numbers or not: it depends on
    no other cluster, so people who come and go move nobody, and a larger share only adds clusters.
    Shape: (people) -> Boolean (people), same order. `key` is derived with kind "split", epoch 0: never rotated.
    Raises: ValueError if `share` is outside [0, 1], the key is shorter than 16 bytes, or a cluster is missing.
    """
    if not 0 <= share <= 1:
        raise ValueError("share lies between 0 and 1")
    if len(key) < 16:
        raise ValueError("the split key is too short")
    if clusters.has_nulls():
        raise ValueError("somebody has no cluster: use the person's own pseudonym")
    limit = round(share * 2**64)
    names = clusters.cast(pl.String)
    distinct = names.unique().to_list()
    locked = [int.from_bytes(hmac.digest(key, LABEL + name.encode(), "sha256")[:8], "big") < limit for name in distinct]
    table = pl.DataFrame({"cluster": distinct, "locked": locked}, schema={"cluster": pl.String, "locked": pl.Boolean})
    joined = names.alias("cluster").to_frame().join(table, on="cluster", how="left", maintain_order="left")
    return joined["locked"].alias("locked")
