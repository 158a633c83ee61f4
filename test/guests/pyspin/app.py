# Spin's Python SDK 5, which imports all of Spin's world and both WASI 0.2 and 0.3: `/` a greeting, `/echo` gives the body back,
# `/kv` sets and gets in the default store, `/get?URL` fetches, `/var?NAME` reads a variable, `/fail` raises.

from urllib.parse import urlparse

from spin_sdk import http, key_value, variables
from spin_sdk.http import Request, Response, send


class HttpHandler(http.Handler):
    async def handle_request(self, request: Request) -> Response:
        uri = urlparse(request.uri)
        if uri.path == "/kv":
            with await key_value.open_default() as store:
                await store.set("a", b"one")
                return Response(200, {}, await store.get("a"))
        if uri.path == "/get":
            answer = await send(Request("GET", uri.query, {}, None))
            return Response(200, {}, f"{answer.status} ".encode() + (answer.body or b""))
        if uri.path == "/var":
            return Response(200, {}, (await variables.get(uri.query)).encode())
        if uri.path == "/echo":
            return Response(200, {}, request.body)
        if uri.path == "/fail":
            raise RuntimeError("as asked")
        return Response(200, {"content-type": "text/plain"}, b"Hello from Python!\n")
