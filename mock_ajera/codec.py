"""stand-in"""
from decimal import Decimal
from typing import Any
import msgspec
from msgspec import Raw
_E = msgspec.json.Encoder(decimal_format="number")
_D = msgspec.json.Decoder(float_hook=Decimal)
class NotJson(ValueError): ...
def encode(v: object) -> bytes: return _E.encode(v)
def decode(t: bytes | str) -> Any:
    try: return _D.decode(t)
    except Exception as e: raise NotJson(str(e)) from None
decode_stored = decode
