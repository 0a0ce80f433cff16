"""Small files for the lines of generated expense reports: a PDF with a few lines of text, and a PNG."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Sequence


def pdf(lines: Sequence[str]) -> bytes:
    """Return a PDF of one page with lines of text, in Latin-1."""
    escaped = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in lines]
    text = f"BT /F1 9 Tf 12 80 Td 12 TL {' '.join(f'({line}) Tj T*' for line in escaped)} ET"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 170 96]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(text)}>>stream\n{text}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj{content}endobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    xref = f"xref\n0 {size}\n0000000000 65535 f \n{table}"
    return f"{body}{xref}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF\n".encode("latin-1")


def png(rng: random.Random) -> bytes:
    """Return a PNG of a receipt in black and white: 32 pixels wide, with lines of random length."""
    rows = []
    for y in range(rng.randint(20, 40)):
        dots = (1 << rng.randint(6, 26)) - 1 if y % 3 else 0
        rows.append(b"\0" + (0xFFFFFFFF ^ dots << 3).to_bytes(4, "big"))
    header = struct.pack(">IIBBBBB", 32, len(rows), 1, 0, 0, 0, 0)
    # Level 0 does not compress: every version of zlib writes the same bytes.
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 0)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
