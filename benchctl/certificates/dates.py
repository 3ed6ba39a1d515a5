"""Dates of a certificate: those of the lab's clock on the wall."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta


def local_day(utc: str, offset: int) -> date:
    """Return the day of an instant of a record; `offset` is the lab's, in minutes."""
    instant = datetime.fromisoformat(utc.replace("Z", "+00:00"))
    return (instant + timedelta(minutes=offset)).date()


def valid_until(day: date, months: int) -> date:
    """Return the last day of a validity that begins with `day`."""
    whole = day.month - 1 + months
    year, month = day.year + whole // 12, whole % 12 + 1
    length = calendar.monthrange(year, month)[1]
    if day.day > length:
        return date(year, month, length)
    return date(year, month, day.day) - timedelta(days=1)
