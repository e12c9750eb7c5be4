"""Slack's end of Socket Mode: says hello, sends envelopes, wants each acknowledged, renews connections."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

_numbers = itertools.count(1)


@dataclass
class Sockets:
    """The open connections, and what came back over them."""

    open: list[web.WebSocketResponse] = field(default_factory=list)
    accepted: int = 0
    acknowledged: dict[str, Any] = field(default_factory=dict)
    answers_pings: bool = True

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.accepted += 1
        self.open.append(socket)
        await socket.send_json({"type": "hello", "num_connections": len(self.open)})
        async for message in socket:
            if message.type is WSMsgType.PING and self.answers_pings:
                await socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                answer = json.loads(message.data)
                self.acknowledged[answer["envelope_id"]] = answer.get("payload")
        self.open.remove(socket)
        return socket

    async def send(self, kind: str, payload: dict[str, Any], envelope: str = "", **more: Any) -> str:
        """One envelope to one of the connections, as Slack picks them."""
        envelope = envelope or f"env-{next(_numbers)}"
        body = {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": True} | more
        await self.open[-1].send_json(body)
        return envelope

    async def renew(self, reason: str = "refresh_requested") -> None:
        """Ask each connection to be renewed."""
        for socket in list(self.open):
            await socket.send_json({"type": "disconnect", "reason": reason})


@asynccontextmanager
async def socket_server() -> AsyncIterator[tuple[Sockets, str]]:
    made = Sockets()
    routes = web.Application()
    routes.router.add_get("/socket", made.connect)
    async with TestServer(routes) as server:
        yield made, str(server.make_url("/socket")).replace("http", "ws")
        for socket in list(made.open):
            await socket.close()
