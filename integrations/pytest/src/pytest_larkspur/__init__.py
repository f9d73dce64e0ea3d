"""A Larkspur server for tests: what the fixtures hand out, by name, for annotations."""

from .clock import Clock
from .faults import Fault, Hit
from .handle import Larkspur, Tenant
from .operator import Operator, Refused
from .record import Finding, Request
from .server import Server
from .stepping import Stepping

__all__ = [
    "Clock",
    "Fault",
    "Finding",
    "Hit",
    "Larkspur",
    "Operator",
    "Refused",
    "Request",
    "Server",
    "Stepping",
    "Tenant",
]
