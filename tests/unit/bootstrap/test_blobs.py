"""A URL names where blobs are kept; a wrong one is told of when the service starts, and no secret with it."""

from __future__ import annotations

import traceback

import pytest

from analytics_engine.adapters.blobs.azure import AzureBlobs
from analytics_engine.adapters.blobs.azure_account import AzureAccount
from analytics_engine.adapters.blobs.local import LocalBlobs
from analytics_engine.bootstrap.blobs import blob_store_at
from analytics_engine.errors import InvalidSetting

KEY = "c2VjcmV0LXNlY3JldC1zZWNyZXQ="
ACCOUNT = f"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={KEY};EndpointSuffix=core.windows.net"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("file:///srv/archive", LocalBlobs),
        ("file://localhost/srv/old%20rows", LocalBlobs),
        ("azure://archive", AzureBlobs),
        ("az://archive/of/rows", AzureBlobs),
    ],
)
def test_a_url_names_the_store(url: str, kind: type) -> None:
    """Nothing is opened or made yet."""
    assert isinstance(blob_store_at(url, azure_connection_string=ACCOUNT), kind)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "without a scheme"),
        ("/srv/archive", "without a scheme"),
        ("s3://bucket", "for s3"),
        ("file://server/share", "for file"),
        ("file:relative", "for file"),
        ("azure://", "container"),
        ("azure://no", "container"),
        ("azure://Archive", "container"),
        ("azure://two--hyphens", "container"),
        ("azure://archive/a/../b", "after the container"),
        ("azure://archive/a//b", "after the container"),
        ("azure://archive/rows?sig=c2VjcmV0LXNlY3JldC1zZWNyZXQ=", "more than a place"),
        ("azure://acme:c2VjcmV0LXNlY3JldC1zZWNyZXQ=@archive/rows", "more than a place"),
        ("azure://[c2VjcmV0LXNlY3JldC1zZWNyZXQ=/rows", "no URL"),
        (ACCOUNT, "without a scheme"),
    ],
)
def test_a_url_there_is_no_store_for_is_told_of_with_the_setting(url: str, why: str) -> None:
    with pytest.raises(InvalidSetting, match=f"AE_ARCHIVE_URL.*{why}") as refusal:
        blob_store_at(url, azure_connection_string=ACCOUNT)
    assert refusal.value.facts["setting"] == "AE_ARCHIVE_URL"
    assert "file:///" in refusal.value.remedy
    assert KEY not in "".join(traceback.format_exception(refusal.value))


@pytest.mark.parametrize(
    ("given", "name", "endpoint"),
    [
        (ACCOUNT, "acme", "https://acme.blob.core.windows.net"),
        (f"accountname=acme; accountkey={KEY} ;", "acme", "https://acme.blob.core.windows.net"),
        (
            f"AccountName=acme;AccountKey={KEY};EndpointSuffix=core.chinacloudapi.cn",
            "acme",
            "https://acme.blob.core.chinacloudapi.cn",
        ),
        (f"{ACCOUNT};BlobEndpoint=https://blobs.acme.example/;QueueEndpoint=x", "acme", "https://blobs.acme.example"),
        (
            f"DefaultEndpointsProtocol=http;AccountName=acme;AccountKey={KEY}",
            "acme",
            "http://acme.blob.core.windows.net",
        ),
        ("UseDevelopmentStorage=true", "devstoreaccount1", "http://127.0.0.1:10000/devstoreaccount1"),
    ],
)
def test_a_connection_string_names_an_account(given: str, name: str, endpoint: str) -> None:
    account = AzureAccount.named_by(given)
    assert (account.name, account.endpoint) == (name, endpoint)
    assert account.key.endswith("==" if name != "acme" else "Q=")
    assert account.key not in repr(account)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("", "is not set"),
        (" ", "is not set"),
        (KEY.strip("="), "Name=value"),
        (f"AccountKey={KEY}", "no AccountName"),
        ("AccountName=acme", "no AccountKey"),
        ("AccountName=acme;SharedAccessSignature=sv=1&sig=c2VjcmV0", "no AccountKey"),
        (f"AccountName=acme;AccountKey={KEY}!", "not Base64"),
        (f"{ACCOUNT};BlobEndpoint=blobs.acme.example", "BlobEndpoint"),
        (f"{ACCOUNT};BlobEndpoint=https://[blobs", "BlobEndpoint"),
        (f"DefaultEndpointsProtocol=ftp;AccountName=acme;AccountKey={KEY}", "BlobEndpoint"),
        ("UseDevelopmentStorage=false", "no AccountName"),
    ],
)
def test_a_wrong_connection_string_is_told_of_without_its_key(given: str, why: str) -> None:
    with pytest.raises(InvalidSetting, match=f"AZURE_STORAGE_CONNECTION_STRING.*{why}") as refusal:
        blob_store_at("azure://archive", azure_connection_string=given)
    assert refusal.value.facts["setting"] == "AZURE_STORAGE_CONNECTION_STRING"
    assert refusal.value.remedy
    assert "c2VjcmV0" not in "".join(traceback.format_exception(refusal.value))
