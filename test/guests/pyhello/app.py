"""Python on plain WASI. What it does is in the path:
/            a greeting
/echo        streams the request body back
/env/NAME    a variable of the environment, or "none"
/file/PATH   a file through Python's own open(), or the error
/list/PATH   a folder, sorted
/stream?N    N lines with a pause of 10 ms before each
/state       calls of this instance: always 1 when requests do not see each other
/random      a random number and the hash of a string, both from a seed that must be fresh in each instance
/print       writes to both outputs
/throw       an exception nobody catches
"""

import os
import random
import sys
import time

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import streams
from wit_world.imports.types import (
    Fields,
    IncomingBody,
    IncomingRequest,
    OutgoingBody,
    OutgoingResponse,
    ResponseOutparam,
)

MAX_WRITE = 4096  # what one blocking write takes

calls = 0


def write(stream: streams.OutputStream, data: bytes) -> None:
    for at in range(0, len(data), MAX_WRITE):
        stream.blocking_write_and_flush(data[at : at + MAX_WRITE])


def begin(out: ResponseOutparam, status: int = 200) -> OutgoingBody:
    response = OutgoingResponse(Fields.from_list([("content-type", b"text/plain")]))
    response.set_status_code(status)
    body = response.body()
    ResponseOutparam.set(out, Ok(response))
    return body


def echo(request: IncomingRequest, out: ResponseOutparam) -> None:
    body = begin(out)
    incoming = request.consume()
    with incoming.stream() as source, body.write() as sink:
        while True:
            try:
                write(sink, source.blocking_read(65536))
            except Err as error:
                if isinstance(error.value, streams.StreamError_Closed):
                    break
                raise
    IncomingBody.finish(incoming)
    OutgoingBody.finish(body, None)


def lines(count: int, out: ResponseOutparam) -> None:
    body = begin(out)
    with body.write() as sink:
        for number in range(count):
            time.sleep(0.01)
            write(sink, f"line {number}\n".encode())
    OutgoingBody.finish(body, None)


def text_for(call: str, argument: str) -> str:
    if call == "":
        return "Hello from Python!"
    if call == "env":
        return os.environ.get(argument, "none")
    if call == "file":
        try:
            with open("/" + argument) as file:
                return file.read().rstrip("\n")
        except OSError as error:
            return f"error {error.strerror}"
    if call == "list":
        try:
            return " ".join(sorted(os.listdir("/" + argument)))
        except OSError as error:
            return f"error {error.strerror}"
    if call == "state":
        return str(calls)
    if call == "random":
        return f"{random.random()} {hash('a string')}"
    if call == "print":
        print("to the output", flush=True)
        print("to the error output", file=sys.stderr, flush=True)
        return "printed"
    if call == "throw":
        raise RuntimeError("the guest was told to fail")
    return "no such path"


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        global calls
        calls += 1
        path, _, query = (request.path_with_query() or "/").partition("?")
        call, _, argument = path[1:].partition("/")
        if call == "echo":
            echo(request, response_out)
        elif call == "stream":
            lines(int(query or 3), response_out)
        else:
            text = text_for(call, argument)
            body = begin(response_out)
            with body.write() as sink:
                write(sink, (text + "\n").encode())
            OutgoingBody.finish(body, None)
