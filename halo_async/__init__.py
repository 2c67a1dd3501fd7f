"""Typed asyncio client for HaloPSA, HaloITSM and HaloServiceDesk.

Importing this package loads almost nothing; each public name loads its module on first access.
"""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from halo_async._operations.operation import Operation as Operation
    from halo_async._operations.resource import operations as operations
    from halo_async._utils.clock import Clock as Clock
    from halo_async._utils.clock import SystemClock as SystemClock
    from halo_async._utils.clock import VirtualClock as VirtualClock
    from halo_async._utils.dates import is_never as is_never
    from halo_async.client import Client as Client
    from halo_async.client import Halo as Halo
    from halo_async.client import preload as preload
    from halo_async.coordination import Coordination as Coordination
    from halo_async.custom_fields.view import CustomFields as CustomFields
    from halo_async.errors import AmbiguousNameError as AmbiguousNameError
    from halo_async.errors import ApiError as ApiError
    from halo_async.errors import Attempt as Attempt
    from halo_async.errors import AttemptTimeoutError as AttemptTimeoutError
    from halo_async.errors import AuthenticationError as AuthenticationError
    from halo_async.errors import BadRequestError as BadRequestError
    from halo_async.errors import BulkWriteError as BulkWriteError
    from halo_async.errors import CertificateError as CertificateError
    from halo_async.errors import ClusterError as ClusterError
    from halo_async.errors import ConflictError as ConflictError
    from halo_async.errors import ConnectionFailedError as ConnectionFailedError
    from halo_async.errors import CoordinationError as CoordinationError
    from halo_async.errors import CursorNotFoundError as CursorNotFoundError
    from halo_async.errors import DeadlineExceededError as DeadlineExceededError
    from halo_async.errors import DecodeError as DecodeError
    from halo_async.errors import DiscoveryError as DiscoveryError
    from halo_async.errors import FieldError as FieldError
    from halo_async.errors import HaloError as HaloError
    from halo_async.errors import IncompleteError as IncompleteError
    from halo_async.errors import InvalidRequestError as InvalidRequestError
    from halo_async.errors import LoginUnavailableError as LoginUnavailableError
    from halo_async.errors import NotFoundError as NotFoundError
    from halo_async.errors import PaginationError as PaginationError
    from halo_async.errors import PaginationLoopError as PaginationLoopError
    from halo_async.errors import PermissionDeniedError as PermissionDeniedError
    from halo_async.errors import RateLimitError as RateLimitError
    from halo_async.errors import ReportError as ReportError
    from halo_async.errors import ResponseTooLargeError as ResponseTooLargeError
    from halo_async.errors import ServerError as ServerError
    from halo_async.errors import SettingsError as SettingsError
    from halo_async.errors import TransportError as TransportError
    from halo_async.errors import UnexpectedContentTypeError as UnexpectedContentTypeError
    from halo_async.errors import UnexpectedRedirectError as UnexpectedRedirectError
    from halo_async.errors import UnknownInstanceError as UnknownInstanceError
    from halo_async.errors import UnknownNameError as UnknownNameError
    from halo_async.errors import UnknownOutcomeError as UnknownOutcomeError
    from halo_async.errors import WebhookError as WebhookError
    from halo_async.errors import WebhookUnauthorizedError as WebhookUnauthorizedError
    from halo_async.fleet import Fleet as Fleet
    from halo_async.pagination.pages import Page as Page
    from halo_async.pagination.pages import Pages as Pages
    from halo_async.pagination.pages import PaginationWarning as PaginationWarning
    from halo_async.records.record import Record as Record
    from halo_async.records.record import absent as absent
    from halo_async.records.record import asdict as asdict
    from halo_async.records.record import changes as changes
    from halo_async.records.record import field_named as field_named
    from halo_async.records.record import is_set as is_set
    from halo_async.records.record import replace as replace
    from halo_async.records.record import wrap as wrap
    from halo_async.resources.attachments.receiver import Downloaded as Downloaded
    from halo_async.resources.reports.rows import ReportCutWarning as ReportCutWarning
    from halo_async.resources.watch.change import RowChange as RowChange
    from halo_async.resources.watch.watching import ListWatch as ListWatch
    from halo_async.settings import ClientCredentials as ClientCredentials
    from halo_async.settings import Instance as Instance
    from halo_async.settings import RateLimit as RateLimit
    from halo_async.settings import Settings as Settings
    from halo_async.settings import Timeouts as Timeouts
    from halo_async.transport.prepared_request import PreparedRequest as PreparedRequest
    from halo_async.transport.statistics import Statistics as Statistics
    from halo_async.writing.result import RowResult as RowResult

_MODULES = {
    "client": "Client Halo preload",
    "_utils.clock": "Clock SystemClock VirtualClock",
    "coordination": "Coordination",
    "custom_fields.view": "CustomFields",
    "_utils.dates": "is_never",
    "_operations.operation": "Operation",
    "errors": (
        "AmbiguousNameError ApiError Attempt AttemptTimeoutError AuthenticationError BadRequestError BulkWriteError "
        "CertificateError ClusterError ConflictError ConnectionFailedError CoordinationError CursorNotFoundError "
        "DeadlineExceededError DecodeError DiscoveryError FieldError HaloError "
        "IncompleteError InvalidRequestError LoginUnavailableError NotFoundError PaginationError PaginationLoopError "
        "PermissionDeniedError RateLimitError ReportError ResponseTooLargeError ServerError SettingsError "
        "TransportError UnexpectedContentTypeError UnexpectedRedirectError UnknownInstanceError "
        "UnknownNameError UnknownOutcomeError WebhookError WebhookUnauthorizedError"
    ),
    "resources.attachments.receiver": "Downloaded",
    "fleet": "Fleet",
    "pagination.pages": "Page Pages PaginationWarning",
    "records.record": "Record absent asdict changes field_named is_set replace wrap",
    "resources.reports.rows": "ReportCutWarning",
    "resources.watch.change": "RowChange",
    "resources.watch.watching": "ListWatch",
    "_operations.resource": "operations",
    "settings": "ClientCredentials Instance RateLimit Settings Timeouts",
    "transport.prepared_request": "PreparedRequest",
    "transport.statistics": "Statistics",
    "writing.result": "RowResult",
}
_TABLE = {name: f"halo_async.{module}" for module, names in _MODULES.items() for name in names.split()}

if not TYPE_CHECKING:  # a visible __getattr__ would make type checkers accept any name
    __getattr__, __dir__ = attach(__name__, _TABLE)
