"""Credentials and token stores; finding the authorization server, logging in, and one token for all calls."""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from halo_async.auth.credentials import ApiKeyCredentials as ApiKeyCredentials
    from halo_async.auth.credentials import AuthorizationCodeCredentials as AuthorizationCodeCredentials
    from halo_async.auth.credentials import CallableCredentials as CallableCredentials
    from halo_async.auth.credentials import PasswordCredentials as PasswordCredentials
    from halo_async.auth.credentials import RefreshTokenCredentials as RefreshTokenCredentials
    from halo_async.auth.credentials import SecretSourceCredentials as SecretSourceCredentials
    from halo_async.auth.redis_store import RedisStore as RedisStore
    from halo_async.auth.token_stores import FileStore as FileStore
    from halo_async.auth.token_stores import KeychainStore as KeychainStore
    from halo_async.auth.token_stores import LockingStore as LockingStore
    from halo_async.auth.token_stores import MemoryStore as MemoryStore
    from halo_async.auth.token_stores import StoredToken as StoredToken
    from halo_async.auth.token_stores import TokenStore as TokenStore
    from halo_async.settings import ClientCredentials as ClientCredentials

_TABLE = {
    "ApiKeyCredentials": "credentials",
    "AuthorizationCodeCredentials": "credentials",
    "CallableCredentials": "credentials",
    "ClientCredentials": "halo_async.settings",
    "FileStore": "token_stores",
    "KeychainStore": "token_stores",
    "LockingStore": "token_stores",
    "MemoryStore": "token_stores",
    "PasswordCredentials": "credentials",
    "RedisStore": "redis_store",
    "RefreshTokenCredentials": "credentials",
    "SecretSourceCredentials": "credentials",
    "StoredToken": "token_stores",
    "TokenStore": "token_stores",
}
__all__ = [
    "ApiKeyCredentials",
    "AuthorizationCodeCredentials",
    "CallableCredentials",
    "ClientCredentials",
    "FileStore",
    "KeychainStore",
    "LockingStore",
    "MemoryStore",
    "PasswordCredentials",
    "RedisStore",
    "RefreshTokenCredentials",
    "SecretSourceCredentials",
    "StoredToken",
    "TokenStore",
]

if not TYPE_CHECKING:  # its modules are attributes from the start, as type checkers assume
    __getattr__, __dir__ = attach(__name__, _TABLE)
