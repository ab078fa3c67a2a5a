"""Does with the Python clients what lines of JSON on stdin say, and tells on stdout, in lines of JSON, what they gave."""

import asyncio
import concurrent.futures
import inspect
import json
import sys
import threading
from collections.abc import Mapping

import anthropic
import openai
import pydantic


def refuse_strangers(event, args):
    """Nothing outside of this machine is reached."""
    address = args[1] if event == "socket.connect" else None
    if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1"):
        raise PermissionError(f"the conformance tests connect to nothing but this machine, and this is {address[0]}")


sys.addaudithook(refuse_strangers)


class Place(pydantic.BaseModel):
    city: str
    celsius: float


class Aborted(Exception):
    pass


def plain(value, depth=0):
    """What a client gave, as plain data: objects with their class, errors with their causes."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if depth > 12:
        return "…"
    if isinstance(value, pydantic.BaseModel):
        return {"class": type(value).__name__, **value.model_dump(mode="json", warnings=False)}
    if isinstance(value, Mapping):
        return {str(key): plain(entry, depth + 1) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry, depth + 1) for entry in value]
    if not isinstance(value, BaseException):
        return type(value).__name__
    told = {"class": type(value).__name__, "message": str(value), "cause": plain(value.__cause__, depth + 1)}
    for name in ("status_code", "body", "code", "param", "type", "request_id"):
        told[name] = plain(getattr(value, name, None), depth + 1)
    response = getattr(value, "response", None)
    told["headers"] = None if response is None else dict(response.headers)
    return told


class Call:
    """One thing that a client is to do."""

    def __init__(self, tell, asked):
        self.tell = tell
        self.asked = asked
        self.model = asked["model"]
        self.is_async = asked["isAsync"]
        self.is_aborted = False

    def got(self, value):
        self.tell({"got": plain(value)})

    async def ask(self, method, **body):
        return await (method(**body) if self.is_async else asyncio.to_thread(method, **body))

    async def whole(self, resource, **body):
        """The answer, with what the SDK shows of the response."""
        raw = await self.ask(resource.with_raw_response.create, **body)
        answer = raw.parse()
        answer = await answer if inspect.isawaitable(answer) else answer
        self.got({"data": plain(answer), "status": raw.status_code, "headers": dict(raw.headers)})
        return answer

    async def each(self, stream):
        if self.is_async:
            async for event in stream:
                self.got(event)
        else:
            await asyncio.to_thread(self.read, stream)

    def read(self, stream):
        for event in stream:
            self.got(event)
            if self.is_aborted:
                stream.close()
                raise Aborted

    async def within(self, manager, final):
        """A stream helper, and what it makes of all its events."""
        if self.is_async:
            async with manager as stream:
                await self.each(stream)
                self.got(await getattr(stream, final)())
            return

        def run():
            with manager as stream:
                self.read(stream)
                self.got(getattr(stream, final)())

        await asyncio.to_thread(run)


class Chat:
    def __init__(self, call, client, asked):
        self.call, self.completions = call, client.chat.completions
        function = {**asked["tool"], "parameters": asked["schema"], "strict": True}
        self.tools = [{"type": "function", "function": function}]
        self.result = asked["result"]
        self.body = {"model": call.model, "messages": [{"role": "user", "content": asked["question"]}]}

    async def whole(self):
        await self.call.whole(self.completions, **self.body)

    async def stream(self):
        options = {"include_usage": True}
        body = {**self.body, "stream": True, "stream_options": options}
        await self.call.each(await self.call.ask(self.completions.create, **body))

    async def tools_(self):
        first = await self.call.whole(self.completions, **self.body, tools=self.tools)
        message = first.choices[0].message
        answer = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": self.result}
        turns = [*self.body["messages"], message.model_dump(exclude_none=True), answer]
        await self.call.whole(self.completions, model=self.call.model, messages=turns, tools=self.tools)

    async def structured(self):
        self.call.got(await self.call.ask(self.completions.parse, **self.body, response_format=Place))

    async def structured_stream(self):
        manager = self.completions.stream(**self.body, response_format=Place)
        await self.call.within(manager, "get_final_completion")


class Responses:
    def __init__(self, call, client, asked):
        self.call, self.responses = call, client.responses
        self.tools = [{"type": "function", **asked["tool"], "parameters": asked["schema"], "strict": True}]
        self.result = asked["result"]
        self.body = {"model": call.model, "input": [{"role": "user", "content": asked["question"]}]}

    async def whole(self):
        await self.call.whole(self.responses, **self.body)

    async def stream(self):
        await self.call.each(await self.call.ask(self.responses.create, **self.body, stream=True))

    async def tools_(self):
        first = await self.call.whole(self.responses, **self.body, tools=self.tools)
        asked = first.output[0]
        answer = {"type": "function_call_output", "call_id": asked.call_id, "output": self.result}
        turns = [*self.body["input"], asked.model_dump(exclude_none=True), answer]
        await self.call.whole(self.responses, model=self.call.model, input=turns, tools=self.tools)

    async def structured(self):
        self.call.got(await self.call.ask(self.responses.parse, **self.body, text_format=Place))

    async def structured_stream(self):
        await self.call.within(self.responses.stream(**self.body, text_format=Place), "get_final_response")


class Embeddings:
    def __init__(self, call, client, asked):
        self.call, self.embeddings = call, client.embeddings
        self.body = {"model": call.model, "input": [asked["question"], asked["result"]]}

    async def embed(self):
        await self.call.whole(self.embeddings, **self.body)


class Messages:
    def __init__(self, call, client, asked):
        self.call, self.messages = call, client.messages
        self.tools = [{**asked["tool"], "input_schema": asked["schema"]}]
        self.result = asked["result"]
        question = {"role": "user", "content": asked["question"]}
        self.body = {"model": call.model, "max_tokens": 100, "messages": [question]}

    async def whole(self):
        await self.call.whole(self.messages, **self.body)

    async def stream(self):
        await self.call.each(await self.call.ask(self.messages.create, **self.body, stream=True))

    async def tools_(self):
        first = await self.call.whole(self.messages, **self.body, tools=self.tools)
        answer = {"type": "tool_result", "tool_use_id": first.content[0].id, "content": self.result}
        asked = [block.model_dump(exclude_none=True) for block in first.content]
        turns = [{"role": "assistant", "content": asked}, {"role": "user", "content": [answer]}]
        body = {**self.body, "messages": [*self.body["messages"], *turns]}
        await self.call.whole(self.messages, **body, tools=self.tools)

    async def structured(self):
        self.call.got(await self.call.ask(self.messages.parse, **self.body, output_format=Place))

    async def structured_stream(self):
        await self.call.within(self.messages.stream(**self.body, output_format=Place), "get_final_message")


def client_for(upstream, is_async, base_url):
    """Making one takes as long as many calls; time limits and retries are set for each call."""
    vendor = anthropic if upstream == "anthropic" else openai
    name = "Anthropic" if vendor is anthropic else "OpenAI"
    make = getattr(vendor, f"Async{name}" if is_async else name)
    return make(api_key="sk-canary", base_url=base_url if vendor is anthropic else f"{base_url}/v1")


surfaces = {"chat": Chat, "responses": Responses, "embeddings": Embeddings, "messages": Messages}


async def run(call, client):
    asked = call.asked
    client = client.with_options(max_retries=asked["maxRetries"], timeout=asked["timeoutMs"] / 1000)
    kind = {"tools": "tools_"}.get(asked["kind"], asked["kind"].replace("-", "_"))
    try:
        await getattr(surfaces[asked["surface"]](call, client, asked), kind)()
        call.tell({"error": None})
    except (Exception, asyncio.CancelledError) as error:
        call.tell({"error": plain(error)})


async def main():
    loop = asyncio.get_running_loop()
    # A call of a client that is not asynchronous holds a thread for as long as it waits.
    loop.set_default_executor(concurrent.futures.ThreadPoolExecutor(32))
    out = threading.Lock()
    calls = {}
    clients = {}

    def teller(id):
        def tell(told):
            with out:
                print(json.dumps({"id": id, **told}), flush=True)

        return tell

    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        asked = json.loads(line)
        if asked.get("abort"):
            call, task = calls[asked["id"]]
            call.is_aborted = True
            if call.is_async:
                task.cancel()
        else:
            call = Call(teller(asked["id"]), asked)
            key = asked["upstream"], call.is_async, asked["baseUrl"]
            client = clients.get(key) or clients.setdefault(key, client_for(*key))
            calls[asked["id"]] = call, asyncio.create_task(run(call, client))


asyncio.run(main())
