#!/usr/bin/env python3
"""Takes up the web page: writes OUTPUT, a C++ file that holds every file of the folder WEB, and the explorer's.

usage: embed_web.py OUTPUT WEB EXPLORER

EXPLORER has swagger-ui.css and swagger-ui-bundle.js; where it has not, docs_plain.html is the page of /docs. In pages,
"/assets/" becomes "/assets/VERSION/", so that a browser may keep what is there for ever: scripts name each other
relatively, and so are of one version.
"""

import gzip
import hashlib
import pathlib
import re
import sys

MEDIA = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
EXPLORER_FILES = ("swagger-ui.css", "swagger-ui-bundle.js")
LEAST_SAVING = 0.9  # packed files larger than this part of the plain one are not worth a second copy

HEAD = '''#include "curlew/service/web_files.hpp"

// The assembler takes the files up as they are: as numbers they would cost the compiler minutes.
'''
ASM = '''asm(R"(
  .pushsection .rodata
  .global {0}Begin
  .global {0}End
{0}Begin:
  .incbin "{1}"
{0}End:
  .popsection
)");
extern "C" {{
extern const char {0}Begin[];
extern const char {0}End[];
}}
'''
FOOT = '''
namespace curlew {{
namespace {{

std::string_view between(const char* begin, const char* end) {{ return {{begin, static_cast<std::size_t>(end - begin)}}; }}

}}  // namespace

std::span<const WebFile> web_files() {{
  static const WebFile kFiles[] = {{
{rows}  }};
  return kFiles;
}}

std::string_view web_version() {{ return "{version}"; }}

}}  // namespace curlew
'''


def collect(web: pathlib.Path, explorer: pathlib.Path) -> tuple[dict[str, bytes], str]:
    """The files by name, media types to be told by it, and their version."""
    sources = {p.name: p.read_bytes() for p in sorted(web.iterdir()) if p.suffix in MEDIA}
    has_explorer = all((explorer / name).is_file() for name in EXPLORER_FILES)
    if has_explorer:
        sources |= {name: without_source_map((explorer / name).read_bytes()) for name in EXPLORER_FILES}
    pages = {"/": sources.pop("index.html")}
    docs = {True: sources.pop("docs.html"), False: sources.pop("docs_plain.html")}
    pages["/docs"] = docs[has_explorer]
    digest = hashlib.sha256()
    for name, content in sorted((sources | pages).items()):
        digest.update(f"{name}\n{len(content)}\n".encode() + content)
    version = digest.hexdigest()[:12]
    named = {name: page.replace(b'"/assets/', f'"/assets/{version}/'.encode()) for name, page in pages.items()}
    return named | sources, version


def without_source_map(content: bytes) -> bytes:
    """Browsers' tools would ask for it, and it is not there."""
    return re.sub(rb"\n?(//|/\*)# sourceMappingURL=\S+( ?\*/)?\s*$", b"\n", content)


def main(output: pathlib.Path, web: pathlib.Path, explorer: pathlib.Path) -> None:
    files, version = collect(web, explorer)
    folder = output.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    blobs, rows = [], ""
    for number, (name, content) in enumerate(files.items()):
        packed = gzip.compress(content, 9, mtime=0)
        forms = [content] + ([packed] if len(packed) < LEAST_SAVING * len(content) else [])
        texts = []
        for form, data in enumerate(forms):
            file = folder / f"{number}_{form}"
            file.write_bytes(data)
            symbol = f"kCurlewWeb{number}_{form}"
            blobs.append(ASM.format(symbol, file))
            texts.append(f"between({symbol}Begin, {symbol}End)")
        media = MEDIA[pathlib.PurePath(name).suffix or ".html"]
        sha = hashlib.sha256(content).hexdigest()[:16]
        rows += f'      {{"{name}", "{media}", "{sha}", {", ".join((texts + ["{}"])[:2])}}},\n'
    output.write_text(HEAD + "".join(blobs) + FOOT.format(rows=rows, version=version))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*map(pathlib.Path, sys.argv[1:]))
