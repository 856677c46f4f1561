"""Seeds of the fuzz target that reads ZeroMQ messages: frames, each behind its length in 16 bits, little-endian."""

import struct

ID = bytes.fromhex("00112233445546778899aabbccddeeff")
ID_TEXT = "ABEiM0RVRneImaq7zN3u_w=="


def packed(value) -> bytes:
    """MessagePack of small values, which is all that seeds hold."""
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        return struct.pack("b", value) if -32 <= value < 128 else b"\xd3" + struct.pack(">q", value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, Raw):
        return value.content
    if isinstance(value, str):
        text = value.encode()
        return (bytes([0xA0 | len(text)]) if len(text) < 32 else bytes([0xD9, len(text)])) + text
    if isinstance(value, list):
        return bytes([0x90 | len(value)]) + b"".join(map(packed, value))
    head = bytes([0x80 | len(value)]) if len(value) < 16 else b"\xde" + struct.pack(">H", len(value))
    return head + b"".join(packed(key) + packed(member) for key, member in value.items())


class Raw:
    """A value that is written as these bytes."""

    def __init__(self, content: bytes):
        self.content = content


def frames(*parts: bytes) -> bytes:
    return b"".join(struct.pack("<H", len(part)) + part for part in parts)


def message(data, topic: bytes = b"command") -> bytes:
    return frames(topic, ID, data if isinstance(data, bytes) else packed(data))


def command(*arguments, **keywords) -> bytes:
    return message({"systemtime": "2024-01-02T03:04:05.678Z", "command": list(arguments), "command_kwargs": keywords})


def result(**members) -> bytes:
    return message({"url": "http://a/1.jpg", **members}, b"results")


def reply(response, **members) -> bytes:
    data = {"cmd_msgid": ID_TEXT, "failed": False, "exception": False, "reason": "", "response": response, **members}
    return message(data, b"reply")


_FOUND = {"boxes": [[12, 34, 156, 278], [0, 0, 639, 479]], "labels": ["dog", "person"], "scores": [0.99, 0.87]}
_ADDED = {
    "batch_id": "b",
    "index": 1,
    "seq": 2,
    "total": 3,
    "timings_ms": {"queue": 0.1, "fetch": 3.2, "decode": 6.9, "infer": 3.4, "total": 13.7},
}
_PICTURE = {
    "classes": [17, 0],
    "model": {"name": "coco", "sha256": "95f5"},
    "image": {"width": 640, "height": 480, "format": "webp", "bytes": 12345, "sha256": "ab12"},
    "background_score": 0.5,
}
_PAGE = {"next": 2, "status": "running", "total": 3, "done": 2}
_ENTRY = {"url": "u", "error": "Failed to fetch image: HTTP error: 404", "index": 0, "seq": 1, "total": 3}

FRAMES = {
    "echo": command("echo", 1, -1, 1.5, None, True, "grün", [{"a": [2]}]),
    "echo-bytes": command("echo", Raw(b"\xc4\x02\xff\x00"), Raw(b"\xd4\x05\x01"), Raw(b"\xd6\xff\0\0\0\1")),
    "echo-float32": command("echo", Raw(b"\xca\x3f\xc0\0\0"), Raw(b"\xcf" + b"\xff" * 8)),
    "predict": command("predict", ["http://a/1.jpg", "no url", ""]),
    "predict-all": command("predict", urls=["u"], model="coco", task="detect", threshold=0.5, top=3.0),
    "predict-none": command("predict"),
    "predict-text": command("predict", "http://a/1.jpg"),
    "predict-bytes": command("predict", ["u", Raw(b"\xc4\x01u")]),
    "predict-many": command("predict", Raw(b"\xdc\x00\x33" + b"\xa1u" * 51)),
    "predict-subscribed": message({"command": ["predict", ["u"]], "subscribed": True}),
    "results": command("results", "b", 3, limit=10),
    "results-range": command("results", "b", -1, 0),
    "models": command("models"),
    "quit": command("quit", 7),
    "text": message({"command": "echo"}),
    "no-command": message({"x": 1}),
    "empty-map": message({}),
    "empty-list": message({"command": []}),
    "command-map": message({"command": {"a": 1}}),
    "command-bytes": message({"command": [Raw(b"\xc4\x01a")]}),
    "kwargs-nil": message({"command": ["echo"], "command_kwargs": None}),
    "name-quotes": command("it's \"\n\u202e\\"),
    "twice": message(b"\x82\xa7command\xa4echo\xa7command\xa6models"),
    "seven": message(7),
    "nil": message(None),
    "trailing": message(b"\x80\xc0"),
    "never-used": message(b"\xc1"),
    "cut": message(packed({"command": ["echo"]})[:-2]),
    "not-utf8": message(b"\x81\xa1\xff\xc0"),
    "key-bytes": message(b"\x81\xc4\x01a\x02"),
    "key-number": message(b"\x81\x01\x02"),
    "ext-negative": message(b"\x81\xa1a\xd4\x81\x01"),
    "timestamp-wrong": message(b"\x81\xa1a\xd7\xff" + b"\xff" * 8),
    "huge-list": message(b"\xdd\xff\xff\xff\xff"),
    "huge-map": message(b"\xdf\xff\xff\xff\xff"),
    "huge-text": message(b"\xdb\xff\xff\xff\xff"),
    "deep": message(b"\x81\xa7command\x92\xa4echo" + b"\x91" * 1022 + b"\xc0"),
    "too-deep": message(b"\x81\xa7command\x92\xa4echo" + b"\x91" * 1023 + b"\xc0"),
    "deep-maps": message(b"\x81\xa1a" * 1030 + b"\xc0"),
    "one-frame": frames(b"command"),
    "id-15": frames(b"command", ID[:15], b"\x80"),
    "five-frames": frames(b"\xff", ID, packed({"command": "models"}), b"", b"more"),
    "result": result(**_FOUND),
    "result-curlew": result(**_FOUND, **_ADDED, **_PICTURE),
    "result-nothing": result(boxes=[], labels=[], scores=[]),
    "result-classify": result(boxes=[], labels=["heron"], scores=[1.0], **_ADDED),
    "result-error": result(error="Failed to fetch image: HTTP error: 404"),
    "result-code": result(error="Image open error: x", code="not_an_image", retryable=False, http_status=0, **_ADDED),
    "result-lengths": result(boxes=[[1, 2, 3]], labels=["a", "b"], scores=[float("nan")]),
    "result-odd": result(boxes=[[9.5, 9, 1, 1e9]], labels=["a"], scores=[2], index=-1, seq="x", image=[], model=None),
    "reply-predict": reply({"status": "processing", "num_images": 2}),
    "reply-batch": reply({"status": "processing", "num_images": 2, "batch_id": "b"}),
    "reply-error": reply({"status": "error", "error": "Model not loaded"}),
    "reply-failed": reply(None, failed=True, exception=True, reason="RuntimeError('full')"),
    "reply-other": reply({"status": "processing", "num_images": 2}, cmd_msgid="A" * 22 + "=="),
    "reply-results": reply({"results": [_ENTRY, {**_ENTRY, **_FOUND, "error": None, "seq": 2}], **_PAGE}),
    "reply-results-last": reply({"results": [], **_PAGE, "next": None, "status": "done"}),
    "reply-results-order": reply({"results": [_ENTRY, _ENTRY], **_PAGE}),
}
