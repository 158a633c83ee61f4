"""Hello in Python: the path chooses what Spin is asked for."""

from spin_sdk import http, key_value, variables
from spin_sdk.http import Request, Response


class IncomingHandler(http.IncomingHandler):
    def handle_request(self, request: Request) -> Response:
        path = request.uri.partition("?")[0]
        if path == "/visits":
            return text(f"You are visitor number {count()}.")
        if path == "/":
            return text(f"{variables.get('greeting')} from Python!")
        return text(f"Nothing at {path}. Try / or /visits.", status=404)


def text(line: str, status: int = 200) -> Response:
    return Response(status, {"content-type": "text/plain"}, f"{line}\n".encode())


def count() -> int:
    # Two requests at once may read the same number: the store has no transactions.
    with key_value.open_default() as store:
        visits = int(store.get("visits") or b"0") + 1
        store.set("visits", str(visits).encode())
        return visits
