"""What may stand in a cell of each kind, and how it is kept.

    checked("date", "2026年1月31日")             # ("2026-01-31", None)
    checked("uscc", "91330100799655058X")        # ("", Message: its check character is B)

A value is kept as one spelling: dates as ISO 8601 (GB/T 7408), choices as the words of `CHOICES`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date

from benchctl.core.messages import Message, msg
from benchctl.core.suggest import folded
from benchctl.exchange.fields import Kind

Checked = tuple[str, Message | None]
"""The value as it is kept, and what is wrong with it."""

LONGEST = 200
LONGEST_CODE = 64
MOST_LINES = 999_999

CHOICES: Mapping[Kind, Mapping[str, tuple[str, ...]]] = {
    "service": {
        "verification": ("检定", "强制检定", "verify"),
        "calibration": ("校准", "calibrate"),
        "test": ("检测", "测试", "testing"),
    },
    "yes-no": {"yes": ("是", "y", "true", "1", "强检"), "no": ("否", "n", "false", "0", "非强检")},
    "usage": {
        "trade": ("贸易结算", "trade settlement"),
        "safety": ("安全防护", "safety protection"),
        "health": ("医疗卫生", "medical"),
        "environment": ("环境监测", "environmental monitoring"),
        "other": ("其他", "其它"),
    },
    "delivery": {
        "delivered": ("送检", "laboratory"),
        "on site": ("现场", "现场检定", "上门", "site"),
    },
    "stage": {
        "initial": ("首次", "首次检定"),
        "subsequent": ("后续", "后续检定", "周期检定"),
        "in_service": ("使用中检查", "使用中检验", "in service inspection"),
    },
}
"""The values of a choice with what else is read as each; the first is what exports print."""

_PROVINCES = frozenset(
    map(
        str,
        (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55)),
    )
) | frozenset(map(str, (*range(61, 66), 71, 81, 82)))
"""The first two digits of GB/T 2260."""
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_MANGLED = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+")
_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|\.([0-9]{1,2})\.|年([0-9]{1,2})月)"
    r"([0-9]{1,2})日?(?:[T ][0-9:.]+)?"
)
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_METHOD = re.compile(
    r"(JJG|JJF)\s*(?:[(（]\s*(\w{1,6})\s*[)）])?\s*([0-9]{1,5}(?:\.[0-9]{1,2})?)"
    r"(?:\s*[-—–－]\s*((?:19|20)[0-9]{2}))?",
    re.IGNORECASE,
)
_PHONE = re.compile(r"\+?[0-9][0-9 ()/;,，、.转-]{4,60}")


def checked(kind: Kind, text: str) -> Checked:
    """Return a cell's value as it is kept, and what is wrong with it; blank is for the caller."""
    if "\ufffd" in text or not text.replace("\u3000", "").isprintable():
        return "", msg("exchange.unprintable", text=ascii(text[:40]))
    if kind in CHOICES:
        return _choice(kind, text)
    return _CHECKS[kind](text)


def shown(kind: Kind, value: str) -> str:
    """Return a kept value as a Chinese file shows it: the first wording of a choice."""
    wordings = CHOICES.get(kind, {}).get(value)
    return wordings[0] if wordings else value


def standard_of(method: str) -> tuple[str, str]:
    """Return number and edition ("" where it says none) of a kept `JJG 162-2019`."""
    number, _, edition = method.partition("-")
    return number, edition


def _choice(kind: Kind, text: str) -> Checked:
    choices = CHOICES[kind]
    wanted = folded(text)
    for value, wordings in choices.items():
        if wanted in {folded(word) for word in (value, *wordings)}:
            return value, None
    known = ", ".join(f"{wordings[0]} ({value})" for value, wordings in choices.items())
    return "", msg("exchange.not-a-choice", text=text[:40], choices=known)


def _text(text: str) -> Checked:
    if len(text) > LONGEST:
        return "", msg("exchange.too-long", count=len(text), limit=LONGEST)
    return text, None


def _code(text: str) -> Checked:
    if len(text) > LONGEST_CODE:
        return "", msg("exchange.too-long", count=len(text), limit=LONGEST_CODE)
    if _MANGLED.fullmatch(text):
        return "", msg("exchange.mangled", text=text)
    return text, None


def _line(text: str) -> Checked:
    if not re.fullmatch("[0-9]{1,6}", text) or int(text) == 0:
        return "", msg("exchange.not-a-line", text=text[:40], limit=MOST_LINES)
    return str(int(text)), None


def _one(text: str) -> Checked:
    if not re.fullmatch(r"0*1(\.0+)?", text):
        return "", msg("exchange.not-one", text=text[:40])
    return "1", None


def _date(text: str) -> Checked:
    plain = unicodedata.normalize("NFKC", text)
    found = _DATE.fullmatch(plain) or _COMPACT.fullmatch(plain)
    if found is None:
        if re.fullmatch("[0-9]{5}", plain):
            return "", msg("exchange.day-number", text=text)
        return "", msg("exchange.not-a-date", text=text[:40])
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, day).isoformat(), None
    except ValueError:
        return "", msg("exchange.no-such-day", text=text)


def _uscc(text: str) -> Checked:
    """GB 32100-2015: 17 characters of 31 with weights 3^n mod 31, and a check character."""
    code = unicodedata.normalize("NFKC", text).upper().replace(" ", "")
    if len(code) != 18:
        return "", msg("exchange.uscc-length", count=len(code))
    wrong = next((c for c in code if c not in _USCC), None)
    if wrong is not None:
        return "", msg("exchange.uscc-character", character=wrong)
    total = sum(_USCC.index(c) * pow(3, n, 31) for n, c in enumerate(code[:17]))
    right = _USCC[-total % 31]
    if code[17] != right:
        return "", msg("exchange.uscc-check", found=code[17], right=right)
    return code, None


def _region(text: str) -> Checked:
    """GB/T 2260 (six digits, or with the nine or twelve of its extension), or a name."""
    code = unicodedata.normalize("NFKC", text)
    if not any(c.isdigit() for c in code):
        return _text(text)
    if not re.fullmatch("[0-9]{6}|[0-9]{9}|[0-9]{12}", code):
        return "", msg("exchange.region-length", text=text[:40])
    if code[:2] not in _PROVINCES:
        return "", msg("exchange.region-province", text=code, province=code[:2])
    return code, None


def _phone(text: str) -> Checked:
    plain = unicodedata.normalize("NFKC", text)
    if not _PHONE.fullmatch(plain) or sum(c.isdigit() for c in plain) < 5:
        return "", msg("exchange.not-a-phone", text=text[:40])
    return plain, None


def _method(text: str) -> Checked:
    found = _METHOD.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return "", msg("exchange.not-a-method", text=text[:40])
    series, local, number, edition = found.groups()
    place = f"({local})" if local else ""
    return f"{series.upper()}{place} {number}" + (f"-{edition}" if edition else ""), None


_CHECKS: Mapping[Kind, Callable[[str], Checked]] = {
    "text": _text,
    "code": _code,
    "serial": _code,
    "line": _line,
    "one": _one,
    "date": _date,
    "uscc": _uscc,
    "region": _region,
    "phone": _phone,
    "method": _method,
}
