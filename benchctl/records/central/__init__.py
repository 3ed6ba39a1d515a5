"""The central database of a lab with many benches: PostgreSQL, fed by `sync`."""

from benchctl.records.central.orders import (
    Order,
    add_order,
    claim_order,
    finish_order,
    list_orders,
)
from benchctl.records.central.push import Synced, sync
from benchctl.records.central.server import Central, CentralGoneError, ForkError
from benchctl.records.central.standards import StandardUse, runs_of_standard

__all__ = [
    "Central",
    "CentralGoneError",
    "ForkError",
    "Order",
    "StandardUse",
    "Synced",
    "add_order",
    "claim_order",
    "finish_order",
    "list_orders",
    "runs_of_standard",
    "sync",
]
