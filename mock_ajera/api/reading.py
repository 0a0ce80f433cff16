"""stand-in"""
from mock_ajera import codec
LIMIT = 1_048_576
class Unreadable(ValueError):
    reason = "not-json"
def read(b: bytes, *, limit: int = LIMIT) -> dict:
    try: v = codec.decode(b)
    except ValueError as e: raise Unreadable(str(e)) from None
    if not isinstance(v, dict): raise Unreadable("not an object")
    return v
