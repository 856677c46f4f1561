#!/usr/bin/env python3
"""Checks that every room of src/curlew includes and links only what it may, and that no file is too long.

usage: check_layers.py [PROJECT]   (prints one line a fault; exit status 1 if there is any)

The order of the rooms is ARCHITECTURE.md's: base <- core <- the steps, which never know each other <- pipeline, which
knows the interfaces of the steps <- config <- app <- apps/curlew.
"""

import pathlib
import re
import sys

STEPS = {"intake", "fetch", "decode", "draw", "infer", "publish", "store"}
MAY_USE = {  # room: the rooms below it that it may include and link
    "base": set(),
    "core": {"base"},
    **{step: {"base", "core"} for step in STEPS},
    "spawn": {"base", "core"},
    "pipeline": {"base", "core"},
    "http": {"base", "core"},
    "wire": {"base", "core"},
    "zmq": {"base", "core"},
    "service": {"base", "core", "pipeline", "http", "wire", "zmq", "store", "publish", "intake"},
    "config": {"base", "core", "pipeline", *STEPS},
    "app": {"base", "core", "spawn", "pipeline", "http", "wire", "zmq", "service", "config", *STEPS},
    "main": {"app", "base"},
}
KNOW_INTERFACES = {"pipeline", "spawn"}
INTERFACES = {  # what these may include of the steps, so that a test can put a fake behind each
    "fetch/fetcher.hpp", "decode/decoder.hpp", "infer/engine.hpp", "publish/result_sink.hpp",
}
OWNERS = {  # beginning of a third-party include: the rooms in which that library's types and exceptions end
    "curl/": {"fetch"},
    "ares": {"fetch"},
    "openvino/": {"infer"},
    "turbojpeg.h": {"decode"},
    "jpeglib.h": {"decode", "draw"},
    "jerror.h": {"decode"},
    "spng.h": {"decode", "draw"},
    "webp/": {"decode"},
    "gif_lib.h": {"decode"},
    "avif/": {"decode"},
    "dlfcn.h": {"base"},
    "cairo-ft.h": {"draw"},
    "ft2build.h": {"draw"},
    "lcms2": {"decode"},
    "zlib.h": {"decode"},
    "seccomp.h": {"spawn"},
    "sqlite3.h": {"store"},
    "hiredis/": {"store"},
    "nlohmann/": {"publish", "intake", "http", "wire", "service"},
    "zmq.hpp": {"zmq"},
    "boost/url": {"core"},
    "boost/asio": {"http"},
    "boost/beast": {"http"},
    "toml++/": {"infer", "config"},
    "CLI/": {"app"},
    "spdlog/": {"base"},
    "openssl/": {"base", "http"},
    "tl/expected.hpp": {"base"},
    "fmt/": set(MAY_USE),
}
# C++'s own headers have neither a folder nor an ending; POSIX and Linux ones are these.
SYSTEM = re.compile(r"[a-z0-9_]+|(sys|netinet|arpa|net|linux)/\w+\.h|"
                    r"(unistd|fcntl|malloc|poll|pthread|sched|netdb|signal|termios|setjmp|dirent|spawn|ifaddrs)\.h")
MAX_LINES = 500
COUNTED = ("src", "apps", "tests", "bench", "tools")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.M)
ROOM_CALL = re.compile(r"curlew_room\((.*?)\)", re.S)


def main(project: pathlib.Path) -> int:
    faults = [*include_faults(project), *link_faults(project), *length_faults(project)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def sources(folder: pathlib.Path):
    return sorted(p for p in folder.rglob("*") if p.suffix in (".cpp", ".hpp"))


def include_faults(project: pathlib.Path):
    rooms = project / "src/curlew"
    files = [(p.relative_to(rooms).parts[0], p) for p in sources(rooms)]
    files += [("main", p) for p in sources(project / "apps")]
    for room, path in files:
        where = path.relative_to(project)
        if room not in MAY_USE:
            yield f"{where}: the room {room} is unknown: give it its place in tools/check_layers.py"
            continue
        for ours, theirs in INCLUDE.findall(path.read_text(encoding="utf-8")):
            why = our_include_fault(room, ours) if ours else their_include_fault(room, theirs)
            if why:
                yield f"{where}: {why}"


def our_include_fault(room: str, include: str):
    """Why `room` may not include this header of ours, or None."""
    parts = include.split("/")
    if parts[0] != "curlew" or len(parts) < 3:
        return f'"{include}" is to be written from the root: "curlew/ROOM/FILE.hpp"'
    other = parts[1]
    if other == room or other in MAY_USE[room]:
        return None
    if room in KNOW_INTERFACES and "/".join(parts[1:]) in INTERFACES:
        return None
    if room in KNOW_INTERFACES and other in STEPS:
        return f'"{include}" is no interface: {room} knows only {", ".join(sorted(INTERFACES))}'
    return f'{room} may not include "{include}"'


def their_include_fault(room: str, include: str):
    """Why `room` may not include this library header, or None."""
    if SYSTEM.fullmatch(include):
        return None
    owners = next((rooms for start, rooms in OWNERS.items() if include.startswith(start)), None)
    if owners is None:
        return f"<{include}> is unknown: say in tools/check_layers.py which room owns that library"
    if room not in owners:
        return f"<{include}> belongs to {', '.join(sorted(owners))}, not to {room}"
    return None


def link_faults(project: pathlib.Path):
    for cmake in sorted((project / "src/curlew").glob("*/CMakeLists.txt")):
        where = cmake.relative_to(project)
        text = re.sub(r"#.*", "", cmake.read_text(encoding="utf-8"))
        for call in ROOM_CALL.findall(text):
            words = call.split()
            if words[0] != cmake.parent.name:
                yield f"{where}: the room {words[0]} stands in the folder {cmake.parent.name}"
            used = {w.removeprefix("curlew_") for w in words if w.startswith("curlew_")}
            for other in sorted(used - MAY_USE.get(words[0], set()) - {"options"}):
                yield f"{where}: {words[0]} may not link curlew_{other}"


def length_faults(project: pathlib.Path):
    for folder in COUNTED:
        for path in sorted((project / folder).rglob("*")):
            if path.suffix in (".cpp", ".hpp", ".py", ".sh") and "__pycache__" not in path.parts:
                lines = len(path.read_text(encoding="utf-8").splitlines())
                if lines > MAX_LINES:
                    yield f"{path.relative_to(project)}: {lines} lines, and {MAX_LINES} are the limit: split it"


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[1]).resolve()))
