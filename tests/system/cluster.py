"""Services and workers that share a Redis."""

from __future__ import annotations

import itertools
import pathlib
from collections.abc import Callable

from redis_server import RedisServer
from service import Service

LEASE_S = 1  # the shortest


class Cluster:
    def __init__(self, redis: RedisServer, start: Callable[..., Service], folder: pathlib.Path):
        self.redis = redis
        self._start = start
        self._folder = folder
        self._numbers = itertools.count(1)

    def front(self, changes: dict | None = None) -> Service:
        """A service that only takes requests and answers them, ready."""
        return self.start("service", {"infer": {"workers": 0}} | (changes or {}))

    def worker(self, changes: dict | None = None) -> Service:
        """One with a single lane, ready."""
        return self.start("worker", {"infer": {"workers": 1}} | (changes or {}))

    def start(self, subcommand: str, changes: dict) -> Service:
        folder = self._folder / f"{subcommand}-{next(self._numbers)}"
        folder.mkdir()
        config = {"store": {"url": self.redis.url, "lease_s": LEASE_S}, "http": {"worker_listen": "127.0.0.1:0"}}
        for section, keys in changes.items():
            config[section] = config.get(section, {}) | keys
        return self._start(folder, config, None, subcommand).ready()
