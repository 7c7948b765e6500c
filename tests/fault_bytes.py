"""Valid files made wrong: bytes, rows, numbers and JSON changed as disks, people and programs change them."""

import copy
import gzip
import json
import struct

from hypothesis import strategies as st

NUMBERS = ("nan", "inf", "-inf", "-1", "0", "-0.0", "1e309", "-1e309", "1e-400", "1e30", "0x10", "1_000", "1,5",
           "1.5.2", "", " ", "None", "9" * 400, "٣", "½", "-", "+", "e5",
           "true")
"""What may stand where a number should."""
VALUES = (None, True, False, -1, 0, 1.5, 1e300, float("nan"), float("inf"), 10 ** 400, "", "\0", "a\tb\nc",
          "../../x", [], {}, [[]], {"a": {}}, [1, "two", None], "ß🎵")
"""What may stand where JSON should hold something else."""
WORDS = ("\0", "\x1a", "\x0b", "\x1c", "\u2028", "\x85", '"', "'", "\\", ";", ",", "\t", "\\\t1\t2", "🎵", "e\u0301",
         "x" * 200_000, "=1+1", "<NA>", "#", "//", "../..", "SPEAKER")
"""What may turn up anywhere in a text."""
SIZES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF,
         0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
"""What fields of a header may claim."""
ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp437")


@st.composite
def changed(draw, valid: bytes, *, head: int = 128) -> bytes:
    """Bytes of a valid file, changed in one to three places, half of them in its first ``head`` bytes."""
    content = bytearray(valid)
    for _ in range(draw(st.integers(1, 3))):
        last = max(0, len(content) - 1)
        at = draw(st.integers(0, min(head, last)) | st.integers(0, last))
        n = draw(st.sampled_from((1, 2, 4, 8, 64, 1000)))
        kind = draw(st.sampled_from(("flip", "cut", "field", "field", "put", "drop", "double", "zero", "swap",
                                     "behead")))
        if kind == "flip" and content:
            content[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "cut":
            del content[at:]
        elif kind == "behead":
            del content[:at]
        elif kind == "field":
            size = draw(st.sampled_from(SIZES))
            form = draw(st.sampled_from("<>")) + {1: "B", 2: "H", 4: "I"}.get(n, "Q")
            field = struct.pack(form, size & (1 << 8 * struct.calcsize(form)) - 1)
            content[at: at + len(field)] = field
        elif kind == "put":
            content[at: at] = draw(st.binary(min_size=1, max_size=16))
        elif kind == "drop":
            del content[at: at + n]
        elif kind == "double":
            content[at: at] = content[at: at + n]
        elif kind == "zero":
            content[at: at + n] = bytes(len(content[at: at + n]))
        else:
            content[at: at + 2 * n] = content[at + n: at + 2 * n] + content[at: at + n]
    return bytes(content)


@st.composite
def other(draw) -> bytes:
    """Another file than was asked for: nothing, noise, a page, a picture, a pickle, an archive."""
    noise = st.binary(max_size=64) | st.text(max_size=64).map(lambda text: text.encode("utf-8", "surrogatepass"))
    return draw(noise | st.sampled_from((
        b"", b"\0" * 4096, b"\n" * 99, b"<html>log in</html>", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04",
        b"PK\x05\x06" + bytes(18), b"\x80\x04]\x94.", b"RIFF", b"fLaC", b"OggS", b"ID3\x04", b"\xff\xfb\x90\x64",
        b"\x93NUMPY\x01\x00", b"\x89HDF\r\n\x1a\n", b"TFL3" * 9, b"PAR1", b"[" * 100_000, b'{"a":' * 50_000,
        gzip.compress(b"RIFF" * 9, mtime=0))))


def binary(valid: bytes, *, head: int = 128) -> st.SearchStrategy[bytes]:
    """Strategy for a file of bytes: mostly the valid one changed, sometimes itself, sometimes another thing."""
    return st.one_of(*[changed(valid, head=head)] * 6, other(), st.just(valid))


@st.composite
def _rows(draw, valid: str, *, marks: str) -> str:
    """Text of rows, with rows and fields of it changed."""
    rows = valid.split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(rows) - 1))
        kind = draw(st.sampled_from(("number", "number", "number", "word", "field", "drop", "double", "swap", "splice",
                                     "mark", "cut", "end")))
        fields = rows[at].split(marks[0])
        place = draw(st.integers(0, len(fields) - 1))
        if kind in ("number", "word"):
            fields[place] = draw(st.sampled_from(NUMBERS if kind == "number" else WORDS))
            rows[at] = marks[0].join(fields)
        elif kind == "field":
            fields[place: place] = [draw(st.sampled_from((*WORDS, *NUMBERS)) | st.text(max_size=8))]
            rows[at] = marks[0].join(fields)
        elif kind == "drop":
            del fields[place]
            rows[at] = marks[0].join(fields)
        elif kind == "mark":
            rows[at] = rows[at].replace(marks[0], draw(st.sampled_from(marks)))
        elif kind == "cut":
            rows[at] = rows[at][:draw(st.integers(0, len(rows[at])))]
        elif kind == "end":
            rows[at] += draw(st.sampled_from(("\r", "\r\n", "\n", "\x0c", " ")))
        elif kind == "double":
            rows.insert(at, rows[at])
        else:
            also = draw(st.integers(0, len(rows) - 1))
            half = len(rows[at]) // 2
            rows[at], rows[also] = ((rows[also], rows[at]) if kind == "swap" else
                                    (rows[at][:half] + rows[also][half:], rows[also]))
    return "\n".join(rows)


@st.composite
def _encoded(draw, text: st.SearchStrategy[str]) -> bytes:
    """Text as bytes: in UTF-8, or as some editor or system saves it."""
    written = draw(text)
    written = written.replace("\n", draw(st.sampled_from(("\n", "\n", "\n", "\r\n", "\r"))))
    encoding = draw(st.sampled_from(("utf-8",) * 8 + ENCODINGS))
    return written.encode(encoding, "replace" if encoding != "utf-8" else "surrogatepass")


def text(valid: str, *, marks: str = "\t,; ") -> st.SearchStrategy[bytes]:
    """Strategy for a text file of rows, whose fields the first of ``marks`` parts."""
    return st.one_of(*[_encoded(_rows(valid, marks=marks))] * 6, changed(valid.encode()), other(),
                     st.just(valid.encode()))


@st.composite
def _tree(draw, valid: object) -> object:
    """A JSON tree with one to three nodes changed, dropped or renamed."""
    tree = json.loads(json.dumps(valid))
    for _ in range(draw(st.integers(1, 3))):
        places = [*_places(tree)]
        if not places:
            return copy.deepcopy(draw(st.sampled_from(VALUES)))
        holder, key = draw(st.sampled_from(places))
        kind = draw(st.sampled_from(("value", "value", "value", "drop", "rename", "copy")))
        if kind == "value":
            # A copy: what is put in here may be changed in the next round, and the values are of every file.
            holder[key] = copy.deepcopy(draw(st.sampled_from(VALUES) | st.text(max_size=5) | st.floats() |
                                             st.integers()))
        elif kind == "drop":
            del holder[key]
        elif kind == "copy":
            other_holder, other_key = draw(st.sampled_from(places))
            holder[key] = json.loads(json.dumps(other_holder.get(other_key) if isinstance(other_holder, dict)
                                                else dict(enumerate(other_holder)).get(other_key)))
        elif isinstance(holder, dict):
            holder[draw(st.sampled_from(("", "kind", "a.b", "__class__", "label")))] = holder.pop(key)
    return tree


def _places(tree: object):
    """Every (holder, key) of a JSON tree."""
    for key, value in (tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()):
        yield tree, key
        yield from _places(value)


def tree(valid: object) -> st.SearchStrategy[bytes]:
    """Strategy for a file of JSON."""
    plain = json.dumps(valid).encode()
    return st.one_of(*[_tree(valid).map(lambda one: json.dumps(one).encode())] * 5, changed(plain, head=len(plain)),
                     other(), st.just(plain))
