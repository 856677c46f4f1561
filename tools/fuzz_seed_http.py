"""Seeds of the fuzz targets that read what HTTP clients send."""


def request(line: str, *fields: str, body: str = "") -> str:
    return "\r\n".join([line + " HTTP/1.1", "Host: localhost", *fields, "", body])


def chunked(body: str, *fields: str) -> str:
    return request("POST /b", "Content-Type: application/json", "Transfer-Encoding: chunked", *fields, body=body)


def length(value: str, body: str, *fields: str) -> str:
    return request("POST /b", "Content-Type: application/json", f"Content-Length: {value}", *fields, body=body)


HTTP = {
    "get": request("GET /a/1?x=%20y+z&w"),
    "pipelined": request("GET /a/1") + request("HEAD /a/2") + length("2", "{}") + request("GET /a/3"),
    "chunked": chunked('5\r\n{"a":\r\n2;x="y"\r\n1}\r\n0\r\nT: x\r\n\r\n') + request("GET /a/after"),
    "chunked-hex": chunked("00A\r\n[12345678]\r\n000\r\n\r\n"),
    "length": length("2", "{}") + request("GET /a/after"),
    "old": "GET /a/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /a/2 HTTP/1.0\r\n\r\n",
    "options": request("OPTIONS *") + request("OPTIONS /b"),
    "absolute": request("GET http://localhost/a/1"),
    "empty-lines": "\r\n\r\n" + request("GET /a/1"),
    "not-found": request("GET /none") + request("DELETE /a/1"),
    "unwanted-body": request("GET /a/1", "Content-Length: 3", body="abc") + request("GET /a/2"),
    "expect": length("2", "{}", "Expect: 100-continue") + length("2", "{}", "Expect: more"),
    "forwarded": request("GET /a/1", "X-Forwarded-For: 192.0.2.1, [2001:db8::1]:80", "Authorization: Bearer x"),
    "both": chunked("0\r\n\r\n", "Content-Length: 5"),
    "two-lengths": length("2", "{}", "Content-Length: 3"),
    "length-list": length("2, 2", "{}"),
    "xchunked": request("POST /b", "Transfer-Encoding: xchunked", body="0\r\n\r\n"),
    "chunked-identity": request("POST /b", "Transfer-Encoding: chunked, identity", body="0\r\n\r\n"),
    "gzip-chunked": request("POST /b", "Transfer-Encoding: gzip, chunked", body="0\r\n\r\n"),
    "folded": request("GET /a/1", "X: a", " b"),
    "space-colon": request("POST /b", "Transfer-Encoding : chunked", body="0\r\n\r\n"),
    "line-feeds": "GET /a/1 HTTP/1.1\nHost: localhost\n\n",
    "nul": request("GET /a/\0"),
    "overflow": chunked("10000000000000002\r\n{}\r\n0\r\n\r\n"),
    "large-chunk": chunked("200\r\n" + "x" * 512 + "\r\n0\r\n\r\n"),
    "long-extension": chunked("2;" + "x" * 30 + "\r\n{}\r\n0\r\n\r\n"),
    "long-trailer": chunked("0\r\n" + "T: x\r\n" * 20 + "\r\n"),
    "two-hosts": request("GET /a/1", "Host: localhost"),
    "host-address": request("GET /a/1").replace("localhost", "[::1]:80"),
    "host-of-others": request("GET /a/1").replace("localhost", "evil.example"),
    "escapes": request("GET /a/%2f%25%zz"),
    "preface": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "long-target": request("GET /a/" + "x" * 600),
    "many-fields": request("GET /a/1", *["X: y"] * 30),
}

_FORM = "multipart/form-data; boundary=b\n"


def part(*fields: str, content: str = "x") -> str:
    return "\r\n".join(["--b", *fields, "", content, ""])


_FILE = 'Content-Disposition: form-data; name="f"; filename="bird.jpg"'
_FIELD = 'Content-Disposition: form-data; name="top"'

MULTIPART = {
    "file": _FORM + part(_FILE, "Content-Type: image/jpeg", content="\r\nx\r\n--c\r\n") + "--b--\r\n",
    "two": _FORM + part(_FIELD, content="3") + part(_FILE) + "--b--",
    "none": _FORM + "--b--\r\n",
    "preamble": _FORM + "before\r\n" + part(_FILE) + "--b--\r\nafter",
    "empty": _FORM + part(_FILE, content="") + "--b--\r\n",
    "no-line": _FORM + f"--b\r\n{_FILE}\r\n\r\n--b--\r\n",
    "padding": _FORM + part(_FILE).replace("--b", "--b \t", 1) + "--b--",
    "quoted": 'multipart/form-data; boundary="b:1"\n' + part(_FILE).replace("--b", "--b:1") + "--b:1--",
    "escaped": _FORM + part(r'Content-Disposition: form-data; name="a\"b\\c"; filename=plain') + "--b--",
    "path": _FORM + part(r'Content-Disposition: form-data; name="f"; filename="C:\dir\x.jpg"') + "--b--",
    "utf8": _FORM + part('Content-Disposition: form-data; name="f"; filename="grün.jpg"') + "--b--",
    "unclosed": _FORM + part(_FILE),
    "no-boundary": "multipart/form-data\n" + part(_FILE),
    "wrong-boundary": "multipart/form-data; boundary=c\n" + part(_FILE),
    "longer-boundary": _FORM + part(_FILE, content="x\r\n--bb") + "--b--",
    "no-disposition": _FORM + part("Content-Type: image/png") + "--b--",
    "two-names": _FORM + part(_FIELD + "; name=x") + "--b--",
    "attachment": _FORM + part("Content-Disposition: attachment; name=x") + "--b--",
    "base64": _FORM + part(_FILE, "Content-Transfer-Encoding: base64") + "--b--",
    "long-head": _FORM + part(_FILE, "X: " + "x" * 400) + "--b--",
    "long-name": _FORM + part(f'Content-Disposition: form-data; name="{"n" * 60}"') + "--b--",
    "many": _FORM + part(_FIELD) * 12 + "--b--",
}
